"""Talk to a running server through its socket, as the widget does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from websockets import ConnectionClosed, InvalidHandshake
from websockets.asyncio.client import ClientConnection, connect

from app.chat.events import (
    Content,
    Error,
    Hello,
    MessageEvent,
    Nack,
    OwnerChanged,
    Send,
    SendContent,
    WireButton,
    server_event,
)
from dialogue.types import Button, Reply

QUIET_S = 0.5
"""A bot that has answered and then says nothing for so long has said all."""
LONGEST_S = 15.0
"""Somebody who waits for an agent gets no answer."""

ReadLine = Callable[[], Awaitable[str | None]]
Show = Callable[[Reply], object]


@dataclass(frozen=True, slots=True)
class Session:
    """A new customer's key, and their conversation."""

    token: str
    conversation_id: str


class NoServerError(Exception):
    """There is no Lingxi server to talk to, or no longer; in words for whoever asked."""


async def new_session(base: str) -> Session:
    """Arrive as a new customer at the server of address `base`."""
    async with httpx.AsyncClient(base_url=base) as client:
        answer = (await client.post("/api/visitor/session", json={})).raise_for_status()
    try:
        body = answer.json()
        return Session(body["token"], body["conversation_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise NoServerError(f"expected a Lingxi server at {base}, got another one") from error


async def chat_with_server(
    url: str, read_line: ReadLine, show: Show, *, in_turn: bool = False
) -> None:
    """Send each line to the server at `url` and show what comes, until the input ends.

    With `in_turn` each line waits for the answer to the one before, as lines from a file have to:
    what comes while the bot still thinks is answered together.
    """
    base = _http_address(url)
    try:
        session = await new_session(base)
        async with connect(f"{base.replace('http', 'ws', 1)}/ws") as socket:
            await socket.send(Hello(token=session.token).model_dump_json())
            await _talk(_Remote(socket, show), read_line, in_turn)
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise NoServerError(f"expected a Lingxi server at {base}, got status {status}") from error
    except InvalidHandshake as error:
        raise NoServerError(f"expected a Lingxi socket at {base}/ws: {error}") from error
    except ConnectionClosed as error:
        raise NoServerError(f"the server at {base} has closed the conversation: {error}") from error
    except (OSError, httpx.TransportError) as error:
        raise NoServerError(f"no server answers at {base}: {error}") from error


async def _talk(remote: _Remote, read_line: ReadLine, in_turn: bool) -> None:
    """Until the input ends, or the server says no more."""
    telling = asyncio.create_task(remote.tell(read_line, in_turn))
    hearing = asyncio.create_task(remote.hear())
    ended, left = await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
    for task in ended:
        task.result()


def _http_address(url: str) -> str:
    """``ws://host:port/ws`` -> ``http://host:port``, and the like."""
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    if scheme not in {"http", "https"} or not parts.netloc:
        raise NoServerError(f"expected an address like ws://host:port/ws, got {url!r}")
    return f"{scheme}://{parts.netloc}{parts.path.removesuffix('/ws').rstrip('/')}"


class _Remote:
    def __init__(self, socket: ClientConnection, show: Show) -> None:
        self._socket = socket
        self._show = show
        self._buttons: list[WireButton] = []
        self._heard = asyncio.Event()

    async def tell(self, read_line: ReadLine, in_turn: bool) -> None:
        while (line := await read_line()) is not None:
            await self.send(line)
            if in_turn:
                await self.answered()

    async def send(self, line: str) -> None:
        content = SendContent(text=line)
        if line.strip().isdecimal() and 0 < int(line) <= len(self._buttons):
            button = self._buttons[int(line) - 1]
            content = SendContent(text=button.title, payload=button.payload)
        self._heard.clear()
        event = Send(client_msg_id=uuid4().hex, content=content)
        await self._socket.send(event.model_dump_json())

    async def answered(self) -> None:
        """Return when all has been said to what was sent last."""
        wait = LONGEST_S
        with suppress(TimeoutError):
            while True:
                await asyncio.wait_for(self._heard.wait(), wait)
                self._heard.clear()
                wait = QUIET_S

    async def hear(self) -> None:
        """Until the server closes, which is told by `ConnectionClosed`."""
        while True:
            match server_event.validate_json(await self._socket.recv()):
                case MessageEvent(message=message) if message.author.type != "visitor":
                    self._buttons = message.content.buttons
                    self._show(_reply(message.content))
                    self._heard.set()
                case Nack(words=words) | Error(words=words):
                    self._show(Reply(words))
                    self._heard.set()
                case OwnerChanged(owner=owner, agent_name=name):
                    self._show(Reply(f"· {owner} {name or ''}".rstrip()))


def _reply(content: Content) -> Reply:
    buttons = tuple(Button(b.title, b.payload) for b in content.buttons)
    return Reply(content.text, buttons, content.image_url, content.attachment_url)
