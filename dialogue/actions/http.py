"""Client of a rasa-sdk action server: ``POST /webhook``.

Requests are compressed, tried again only when they cannot have arrived, and not sent at all
for a while after several failures in a row.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
from opentelemetry import propagate
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
)

from dialogue.actions.types import ActionFailedError, ActionRejectedError, ActionResult
from dialogue.actions.wire import action_call, result_of
from dialogue.circuit import Circuit

COMPRESS_FROM_BYTES = 4096
"""Smaller bodies travel as they are: compressing them costs more than it saves."""
TRIES = 3
FIRST_PAUSE_S = 0.2
KNOCK_S = 1.0
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
_NOT_SERVED = (429, 502, 503, 504)


class _NotServedError(Exception):
    """The server, or a proxy before it, says that it did not take the call."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def _retrying() -> AsyncRetrying:
    """One for each call: it keeps its state in itself."""
    return AsyncRetrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(FIRST_PAUSE_S),
        retry=retry_if_exception_type((httpx.ConnectError, _NotServedError)),
        reraise=True,
    )


def is_served(url: str) -> bool:
    """Whether anybody listens where `url` points. Blocking, for a moment at most."""
    at = httpx.URL(url)
    port = at.port or (443 if at.scheme == "https" else 80)
    try:
        with socket.create_connection((at.host, port), timeout=KNOCK_S):
            return True
    except OSError:
        return False


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
        self._circuit = Circuit(clock=clock)
        self._client = httpx.AsyncClient(timeout=timeout_s, transport=transport)

    @property
    def available(self) -> bool:
        return not self._circuit.open

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if self._circuit.open:
            raise ActionFailedError(name, "unavailable", "the action server failed repeatedly")
        digest = hashlib.sha256(orjson.dumps(domain, default=str)).hexdigest()
        body = action_call(name, tracker, domain if self._send_domain else None, digest)
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._post(name, body)
                if response.status_code == 449:
                    response = await self._post(name, {**body, "domain": domain})
        except TimeoutError:
            self._circuit.failed()
            words = f"the action server did not answer within {self._timeout_s:g} s"
            raise ActionFailedError(name, "timeout", words) from None
        return self._read(name, response)

    async def _post(self, name: str, body: Mapping[str, Any]) -> httpx.Response:
        content = orjson.dumps(body, default=str)
        headers = {"Content-Type": "application/json"}
        if self._compress and len(content) >= COMPRESS_FROM_BYTES:
            content = zlib.compress(content)
            headers["Content-Encoding"] = "deflate"
        try:
            return await _retrying()(self._send, content, headers)
        except _NotServedError as refused:
            return refused.response
        except httpx.ConnectError as error:
            at = httpx.URL(self._url)
            words = f"nobody answers at {at.host}:{at.port or at.scheme}"
            raise self._failure(name, "unavailable", words) from error
        except httpx.TimeoutException as error:
            raise self._failure(name, "timeout", "timed out") from error
        except httpx.HTTPError as error:
            raise self._failure(name, "unavailable", type(error).__name__) from error

    async def _send(self, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        traced = dict(headers)
        propagate.inject(traced)  # the action server's spans belong to the customer's trace
        response = await self._client.post(self._url, content=content, headers=traced)
        if response.status_code in _NOT_SERVED:
            raise _NotServedError(response)
        return response

    def _failure(self, name: str, kind: Any, words: str) -> ActionFailedError:
        self._circuit.failed()
        return ActionFailedError(name, kind, f"action server: {words}")

    def _read(self, name: str, response: httpx.Response) -> ActionResult:
        status = response.status_code
        if status == 400:
            self._circuit.succeeded()
            raise ActionRejectedError(name, _error_words(response))
        if status == 404:
            self._circuit.succeeded()
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
        self._circuit.succeeded()
        return result_of(name, body.get("events"), body.get("responses"))

    async def close(self) -> None:
        await self._client.aclose()


def _error_words(response: httpx.Response) -> str:
    try:
        body = orjson.loads(response.content)
    except ValueError:
        return response.text[:200]
    return str(body.get("error", ""))[:200] if isinstance(body, dict) else ""
