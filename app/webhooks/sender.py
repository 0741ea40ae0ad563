"""One attempt to tell another program: bounded in time and size, never to a host inside."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping

import httpcore
from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_random_exponential

from app.outside import InsideAddress, PinnedBackend
from app.webhooks.types import Outcome

ANSWER_S = 10.0
"""A program that takes longer should say 202 first, and work then."""
MAX_ANSWER_BYTES = 64 * 1024
"""Nothing of it is kept; more is not even read."""
TRIES = 3
"""At once, for what passes in a moment; what does not is tried again later."""
PASSING = frozenset({502, 503, 504})
CONNECTIONS = 100


class Sender:
    def __init__(self, backend: PinnedBackend, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 5,
            keepalive_expiry=30.0,
            network_backend=backend,
        )

    async def close(self) -> None:
        await self._pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Never raises; redirects are not followed."""
        retrying = AsyncRetrying(
            retry=retry_if_result(_may_pass),
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.5, max=3),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        outcome: Outcome = await retrying(self._once, url, headers, body)
        return outcome

    async def _once(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        started = time.perf_counter()

        def spent() -> float:
            return (time.perf_counter() - started) * 1000

        try:
            async with asyncio.timeout(self._answer_s):
                status = await self._status(url, headers, body)
        except InsideAddress:
            return Outcome(None, "address_inside", spent())
        except (TimeoutError, httpcore.TimeoutException):
            return Outcome(None, "no_answer", spent())
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
            return Outcome(None, "not_reached", spent())
        return Outcome(status, None if 200 <= status < 300 else "answer_status", spent())

    async def _status(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self._answer_s)
        async with self._pool.stream(
            "POST",
            url,
            headers=list(headers.items()),
            content=body,
            extensions={"timeout": timeout},
        ) as answer:
            read = 0
            async for piece in answer.aiter_stream():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return int(answer.status)


def _may_pass(outcome: Outcome) -> bool:
    return outcome.error == "not_reached" or outcome.status in PASSING
