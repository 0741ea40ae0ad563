"""Another program that is told things: a small HTTP server that keeps what it heard."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from app_client import PATIENCE_S


@dataclass
class Heard:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self.body)
        return told

    def is_signed_with(self, secret: str) -> bool:
        """As `docs/developers.md` tells other programs to look."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        mac = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return f"v1,{mac}" in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    url: str = ""
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    """What is said to everything; nothing at all when empty, without end when it ends in `...`."""
    heard: list[Heard] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, enough: Callable[[list[Heard]], bool]) -> list[Heard]:
        async with asyncio.timeout(PATIENCE_S):
            while not enough(self.heard):
                self.news.clear()
                await self.news.wait()
        return self.heard

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        raw = dict(line.split(": ", 1) for line in head[1:] if line)
        if "webhook-signature" in headers:  # base64 knows capital letters
            headers["webhook-signature"] = {k.lower(): v for k, v in raw.items()}[
                "webhook-signature"
            ]
        self.heard.append(Heard(headers, await reader.readexactly(int(headers["content-length"]))))
        self.news.set()
        try:
            await self.say(writer)
        except ConnectionError:
            return
        finally:
            writer.close()

    async def say(self, writer: asyncio.StreamWriter) -> None:
        if not self.answer:
            await asyncio.sleep(PATIENCE_S)
        endless = self.answer.endswith(b"...")
        writer.write(self.answer.removesuffix(b"..."))
        while endless:
            writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
            await writer.drain()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    async with server:
        yield receiver
