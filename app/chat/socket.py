"""One WebSocket: a reader and a writer in one task group; either's end ends both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.chat.events import MAX_TEXT_CHARS, Error, Nack, client_msg_id
from app.chat.outbox import Outbox
from app.errors import LingxiError, Refused
from app.words import Words
from nlu.types import Language

HELLO_WITHIN_S = 10.0
CLOSE_SLOW = 1013
CLOSE_RESTART = 1012
MAX_BAD_EVENTS = 50
"""A client that sends nothing but nonsense is cut off after so many in a row."""

log = structlog.get_logger(__name__)
Handle = Callable[[str], Awaitable[None]]


class CloseSocket(Exception):  # noqa: N818  an order, not an error
    """End this socket with a close code."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    """Frames in, events out. Knows nothing of what events mean."""

    def __init__(self, websocket: WebSocket, outbox: Outbox, words: Words) -> None:
        self.websocket = websocket
        self.outbox = outbox
        self.language: Language = "zh"
        self._words = words
        self.on_refused: Callable[[str], None] = lambda code: None
        """Told the code of every refusal."""
        self._bad_events = 0
        self._close: CloseSocket | None = None
        self._writer: asyncio.Task[None] | None = None
        self.writing_since: float | None = None
        """When the frame that is still on its way was begun, on the loop's clock."""
        outbox.on_overflow = lambda: self.end(CLOSE_SLOW, "slow reader")

    async def first_frame(self) -> str:
        """The text of the first frame. Raises `CloseSocket` if none comes in time."""
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                return await self._receive()
        except TimeoutError:
            raise CloseSocket(1008, "expected hello") from None
        except WebSocketDisconnect:  # nobody to greet, nothing gone wrong
            raise CloseSocket(1000, "left") from None

    async def run(self, handle: Handle) -> None:
        """Read and write until either ends. `handle` takes one frame's text."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._writer = tasks.create_task(self._write())
                if self._close is not None:  # ended while it was greeted
                    raise self._close
                await self._read(handle)
        except* CloseSocket as closings:
            await self.close(closings)
        except* LingxiError:  # the writer could not read what it has to tell
            await self._shut(CLOSE_SLOW, "unavailable")
        except* (WebSocketDisconnect, RuntimeError) as gone:
            if self.websocket.client_state is WebSocketState.CONNECTED:
                log.info("socket_ended", error=type(gone.exceptions[0]).__name__)

    def end(self, code: int, reason: str) -> None:
        """Close from outside: logout, shutdown, a slow reader."""
        self._close = self._close or CloseSocket(code, reason)
        if self._writer is not None:
            asyncio.get_running_loop().call_soon(self._writer.cancel)  # after its first step

    async def refuse(self, error: LingxiError) -> None:
        """Before the greeting is done: say why, and close."""
        self.on_refused(error.code)
        words = self._words.error(error, self.language)
        event = Error(code=error.code, words=words, retry_after_s=error.retry_after_s)
        with suppress(WebSocketDisconnect, RuntimeError):
            await self.websocket.send_text(event.model_dump_json())
        await self._shut(error.close_code, error.code)

    def behaved(self) -> None:
        self._bad_events = 0

    def refused(self, error: LingxiError, client_msg_id: str | None = None) -> None:
        """Say what was refused: a `nack` for a message, an `error` for anything else."""
        self.on_refused(error.code)
        if error.code == "bad_event":
            self._bad_events += 1
            if self._bad_events > MAX_BAD_EVENTS:
                self.end(1008, "nothing but nonsense")
        words = self._words.error(error, self.language)
        event: BaseModel
        if client_msg_id is not None:
            event = Nack(
                client_msg_id=client_msg_id,
                code=error.code,
                words=words,
                retry_after_s=error.retry_after_s,
            )
        else:
            event = Error(code=error.code, words=words, retry_after_s=error.retry_after_s)
        self.outbox.put(event)

    async def close(self, closings: BaseException) -> None:
        found = closings
        while isinstance(found, BaseExceptionGroup):
            found = found.exceptions[0]
        if isinstance(found, CloseSocket):
            await self._shut(found.code, found.reason)

    async def _shut(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(1.0):
                await self.websocket.close(code, reason)

    async def _read(self, handle: Handle) -> None:
        while True:
            await handle(await self._receive())

    async def _receive(self) -> str:
        frame = await self.websocket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1005))
        text: str | None = frame.get("text")
        return text if text is not None else ""  # binary frames hold no event

    async def _write(self) -> None:
        """Whoever ends the socket cancels this: a task that only waits for that costs memory."""
        try:
            async for event in self.outbox.events():
                await self._send(event)
        except asyncio.CancelledError:
            if self._close is not None:
                raise self._close from None
            raise

    async def _send(self, event: BaseModel) -> None:
        self.writing_since = asyncio.get_running_loop().time()
        await self.websocket.send_text(event.model_dump_json())
        self.writing_since = None


def client_msg_id_in(text: str) -> str | None:
    """Whose message was refused, if the broken event still says so.

    The standard library's parser also reads lone surrogates, which pydantic's refuses.
    """
    with suppress(ValueError, RecursionError):
        raw = json.loads(text)
        if isinstance(raw, dict):
            return client_msg_id.validate_python(raw.get("client_msg_id"))
    return None


def bad_event(error: ValidationError) -> Refused:
    """What was wrong with an event, in the tree's terms."""
    problems = error.errors()
    if any(problem["type"] == "string_too_long" for problem in problems):
        return Refused("too_long", limit=MAX_TEXT_CHARS)
    if any("hex escape" in problem["msg"] for problem in problems):  # half of a surrogate pair
        return Refused("bad_text")
    return Refused("bad_event")
