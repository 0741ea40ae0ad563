"""Who may open a socket: origins, sockets by address, and all open sockets for a clean stop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.chat.socket import CLOSE_RESTART, CLOSE_SLOW, Socket
from app.errors import RateLimited, Unavailable
from app.limits import network_of

SLOW_WRITE_S = 30.0
"""One frame that does not leave in this time: the other side has stopped reading."""
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Origins:
    """Whose pages may talk to us: our own, those allowed, and local ones in development."""

    def __init__(self, allowed: list[str], public_url: str | None, development: bool) -> None:
        self._allowed = {_normal(origin) for origin in allowed}
        if public_url:
            self._allowed.add(_normal(public_url))
        self._development = development

    def ours(self, connection: HTTPConnection) -> bool:
        """Whether the page that opened this is one we serve ourselves."""
        origin = connection.headers.get("origin")
        if origin is None:
            return False
        parts = urlsplit(origin)
        if self._development and parts.hostname in LOCAL_HOSTS:
            return True
        return parts.netloc == connection.headers.get("host") or _normal(origin) in self._allowed

    def allowed(self, connection: HTTPConnection) -> bool:
        """Ours, or no browser at all: such a client shows a token, never a cookie."""
        return "origin" not in connection.headers or self.ours(connection)


def _normal(origin: str) -> str:
    parts = urlsplit(origin)
    return f"{parts.scheme}://{parts.netloc}".lower()


class OpenSockets:
    """Counts sockets by address, refuses more than is fair, and ends all on a stop."""

    def __init__(self, per_address: int) -> None:
        self._per_address = per_address
        self._by_address: Counter[str] = Counter()
        self._sockets: set[Socket] = set()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._sockets)

    @contextmanager
    def opened(self, socket: Socket) -> Iterator[None]:
        """Raises `Unavailable` while stopping, `RateLimited` when this address has too many."""
        client = socket.websocket.client
        address = network_of(client.host) if client else ""
        if self._stopping:
            raise Unavailable("stopping", retry_after_s=2)
        if self._by_address[address] >= self._per_address:
            raise RateLimited("too_many_connections", retry_after_s=30)
        self._by_address[address] += 1
        self._sockets.add(socket)
        try:
            yield
        finally:
            self._sockets.discard(socket)
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    async def watch(self) -> None:
        """Until cancelled: end those whose other side has stopped reading.

        One clock for all of them: a timer for each frame is a tenth of what a frame costs.
        """
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(SLOW_WRITE_S / 4)
            begun_by = clock() - SLOW_WRITE_S
            for socket in tuple(self._sockets):
                if socket.writing_since is not None and socket.writing_since < begun_by:
                    socket.end(CLOSE_SLOW, "slow reader")

    def end_all(self) -> None:
        """The server restarts: clients come back by themselves and resume."""
        self._stopping = True
        for socket in tuple(self._sockets):
            socket.end(CLOSE_RESTART, "restart")
