"""Client of a rasa-sdk action server: ``POST /webhook``.

Requests are compressed, tried again only when they cannot have arrived, and not sent at all
for a while after several failures in a row.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson

from dialogue.actions.types import ActionFailedError, ActionRejectedError, ActionResult
from dialogue.actions.wire import action_call, result_of

COMPRESS_FROM_BYTES = 4096
"""Smaller bodies travel as they are: compressing them costs more than it saves."""
RETRIES = 2
RETRY_PAUSE_S = 0.2
OPEN_AFTER_FAILURES = 5
OPEN_FOR_S = 15.0
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
_NOT_SERVED = (429, 502, 503, 504)


class CircuitBreaker:
    """Opens after failures in a row; lets one try through when its time is over."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @property
    def open(self) -> bool:
        return self._clock() < self._open_until

    def succeeded(self) -> None:
        self._failures = 0
        self._open_until = 0.0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= OPEN_AFTER_FAILURES:
            self._open_until = self._clock() + OPEN_FOR_S


class ActionServer:
    """`ActionRunner` over HTTP."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        compress: bool = True,
        send_domain: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`send_domain=False` sends the domain only to a server that asks for it (449)."""
        self._url = url
        self._compress = compress
        self._send_domain = send_domain
        self._timeout_s = timeout_s
        self._breaker = CircuitBreaker(clock)
        self._client = httpx.AsyncClient(timeout=timeout_s, transport=transport)

    @property
    def available(self) -> bool:
        return not self._breaker.open

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if self._breaker.open:
            raise ActionFailedError(name, "unavailable", "the action server failed repeatedly")
        digest = hashlib.sha256(orjson.dumps(domain, default=str)).hexdigest()
        body = action_call(name, tracker, domain if self._send_domain else None, digest)
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._post(name, body)
                if response.status_code == 449:
                    response = await self._post(name, {**body, "domain": domain})
        except TimeoutError:
            self._breaker.failed()
            words = f"the action server did not answer within {self._timeout_s:g} s"
            raise ActionFailedError(name, "timeout", words) from None
        return self._read(name, response)

    async def _post(self, name: str, body: Mapping[str, Any]) -> httpx.Response:
        content = orjson.dumps(body, default=str)
        headers = {"Content-Type": "application/json"}
        if self._compress and len(content) >= COMPRESS_FROM_BYTES:
            content = zlib.compress(content)
            headers["Content-Encoding"] = "deflate"
        for attempt in range(RETRIES + 1):
            last = attempt == RETRIES
            try:
                response = await self._client.post(self._url, content=content, headers=headers)
            except httpx.ConnectError as error:
                if last:
                    raise self._failure(name, "unavailable", "no connection") from error
            except httpx.TimeoutException as error:
                raise self._failure(name, "timeout", "timed out") from error
            except httpx.HTTPError as error:
                raise self._failure(name, "unavailable", type(error).__name__) from error
            else:
                if response.status_code not in _NOT_SERVED or last:
                    return response
            await asyncio.sleep(RETRY_PAUSE_S * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _failure(self, name: str, kind: Any, words: str) -> ActionFailedError:
        self._breaker.failed()
        return ActionFailedError(name, kind, f"action server: {words}")

    def _read(self, name: str, response: httpx.Response) -> ActionResult:
        status = response.status_code
        if status == 400:
            self._breaker.succeeded()
            raise ActionRejectedError(name, _error_words(response))
        if status == 404:
            self._breaker.succeeded()
            raise ActionFailedError(name, "unknown", _error_words(response))
        if status != 200:
            raise self._failure(name, "raised", f"status {status}: {_error_words(response)}")
        if len(response.content) > MAX_RESPONSE_BYTES:
            raise self._failure(name, "invalid", f"more than {MAX_RESPONSE_BYTES} bytes")
        try:
            body = orjson.loads(response.content)
        except ValueError as error:
            raise self._failure(name, "invalid", "not JSON") from error
        if not isinstance(body, dict):
            raise self._failure(name, "invalid", "expected an object with events and responses")
        self._breaker.succeeded()
        return result_of(name, body.get("events"), body.get("responses"))

    async def close(self) -> None:
        await self._client.aclose()


def _error_words(response: httpx.Response) -> str:
    try:
        body = orjson.loads(response.content)
    except ValueError:
        return response.text[:200]
    return str(body.get("error", ""))[:200] if isinstance(body, dict) else ""
