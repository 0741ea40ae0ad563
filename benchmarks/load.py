"""What the load benchmarks share: a server in a process of its own, lean sockets, figures.

A server is ours (`scripted` engines or the `real` ones) or the baseline, a bare FastAPI application
that sends every frame back; both are served by uvicorn with the settings of `lingxi serve`. A
client is one asyncio protocol a socket, so that the machine's work is the server's.

    python benchmarks/load.py ours|real|echo    # what the benchmarks start: prints its port
"""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import orjson
import psutil
import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from sqlalchemy.orm import Session

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/app")]

from app.auth.service import AuthService  # noqa: E402
from app.chat.service import ChatService  # noqa: E402
from app.cli.serve import server_config  # noqa: E402
from app.config import Settings  # noqa: E402
from app.db import Database, upgrade  # noqa: E402
from app.words import Words  # noqa: E402

Kind = Literal["ours", "real", "echo"]
UNLIMITED = "1000000 per second"
BACKLOG = 16_384
"""Sockets that knock at once; uvicorn's own default of 2,048 makes a storm wait for seconds."""
SHORT, LONG = 126, 127


# --- servers --------------------------------------------------------------------------------


@dataclass
class Serving:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def rss_kib(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 1024

    @property
    def cpu_s(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


@contextmanager
def serving(kind: Kind, home: Path, port: int = 0, **more: str) -> Iterator[Serving]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINGXI_")},
        "PYTHONPATH": str(ROOT),
        "LINGXI_HOME": str(ROOT / "var" if kind == "real" else home),
        "LINGXI_DATABASE_URL": database_url(home),
        "LINGXI_VOICE": "none",
        "LINGXI_MESSAGE_RATE": UNLIMITED,
        "LINGXI_SESSION_RATE": UNLIMITED,
        "LINGXI_SOCKETS_PER_ADDRESS": "1000000",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), kind, str(port)],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        yield Serving(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()


def database_url(home: Path) -> str:
    return f"sqlite+aiosqlite:///{home / 'lingxi.db'}"


def _echo() -> FastAPI:
    bare = FastAPI()

    @bare.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return bare


def _application(kind: str) -> FastAPI:
    if kind == "echo":
        return _echo()
    from app_fakes import fake_engines

    from app.main import build_engines, create_app

    return create_app(Settings(_env_file=None), build_engines if kind == "real" else fake_engines)


def _serve(kind: str, port: int) -> None:
    raise_the_limit()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    config = server_config(_application(kind), "127.0.0.1", port)
    config.backlog = BACKLOG

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            print(listening.getsockname()[1], flush=True)

    Server(config).run([listening])


# --- customers ------------------------------------------------------------------------------


def seed(home: Path, count: int, messages: int = 0, owner: str = "bot") -> list[str]:
    """Tokens of so many new customers, each with a conversation of so many messages."""
    return asyncio.run(_seed(home, count, messages, owner))


SEEDED_TOGETHER = 500


async def _seed(home: Path, count: int, messages: int, owner: Any) -> list[str]:
    await asyncio.to_thread(upgrade, database_url(home))
    database, auth, chat = Database(database_url(home)), AuthService(), ChatService(Words.load())

    def customer(session: Session) -> str:
        visitor, token = auth.admit_visitor(session, None, "Customer", None, "en")
        row = chat.start(session, visitor.id)
        row.owner = owner
        for _ in range(messages):
            chat.notice(session, row, "closed")
        return token

    tokens: list[str] = []
    while len(tokens) < count:  # more at once than the store lets wait would be refused
        some = min(SEEDED_TOGETHER, count - len(tokens))
        tokens += await asyncio.gather(*(database.write(customer) for _ in range(some)))
    await database.close()
    return tokens


class Line(asyncio.Protocol):
    """One WebSocket. `hear` gets the payload of every text frame."""

    def __init__(self, path: str = "/ws") -> None:
        self._path = path
        self._data = b""
        self.open = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()
        self.close_code: int | None = None
        self.hear: Callable[[bytes], None] = lambda payload: None
        self.transport: asyncio.Transport

    @classmethod
    async def to(cls, port: int, path: str = "/ws") -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: cls(path), "127.0.0.1", port)
        await line.open
        return line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.open.done():
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            assert b" 101 " in head[:20], head
            self._data = rest
            self.open.set_result(None)
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == 1:
                self.hear(payload)
            elif opcode == 8:
                self.close_code = int.from_bytes(payload[:2])
            elif opcode == 9:
                self._write(10, payload)

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.open, self.ended):
            if not future.done():
                future.set_result(None)

    def send(self, event: object) -> None:
        self._write(1, orjson.dumps(event))

    def _write(self, opcode: int, payload: bytes) -> None:
        """Masked, as the protocol wants it, by a mask that changes nothing."""
        size = len(payload)
        long = bytes([0x80 | SHORT]) + size.to_bytes(2)
        head = bytes([0x80 | opcode]) + (bytes([0x80 | size]) if size < SHORT else long)
        self.transport.write(head + bytes(4) + payload)

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size >= SHORT:
            start = 4 if size == SHORT else 10
            size = int.from_bytes(data[2:start])
        if len(data) < start + size:
            return None
        self._data = data[start + size :]
        return data[0] & 0x0F, data[start : start + size]


def hello(token: str, **more: object) -> dict[str, object]:
    return {"type": "hello", "token": token, "language": "en", **more}


# --- figures --------------------------------------------------------------------------------


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def spread(values: Sequence[float]) -> str:
    """Of seconds, in milliseconds."""
    p50, p95, p99 = (percentile(values, share) * 1000 for share in (0.5, 0.95, 0.99))
    return f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f}  max {max(values) * 1000:7.1f} ms"


def raise_the_limit() -> None:
    """As many open files as the system lets this process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def new_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lingxi-load-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def run(main: Coroutine[Any, Any, None]) -> None:
    raise_the_limit()
    uvloop.run(main)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
