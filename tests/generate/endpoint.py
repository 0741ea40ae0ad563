"""A chat-completions endpoint on a real socket that behaves as a test wants."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dialogue.generate.openai_backend import OpenAIGenerator

Behave = Callable[["Call"], Awaitable[None]]


@dataclass
class Call:
    number: int
    body: dict
    writer: asyncio.StreamWriter

    async def head(self, status: str = "200 OK", kind: str = "text/event-stream") -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n"
        self.writer.write(head.encode())
        await self.writer.drain()

    async def say(self, *deltas: str, finish: str | None = None) -> None:
        for delta in deltas:
            chunk = {
                "id": "x",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "fake",
                "choices": [{"index": 0, "delta": {"content": delta}, "finish_reason": finish}],
            }
            self.writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
            await self.writer.drain()

    async def done(self) -> None:
        await self.say("", finish="stop")
        self.writer.write(b"data: [DONE]\n\n")
        await self.writer.drain()


@dataclass
class Endpoint:
    behave: Behave
    calls: list[Call] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            call = Call(len(self.calls) + 1, body, writer)
            self.calls.append(call)
            self.called.set()
            behaving = asyncio.ensure_future(self.behave(call))
            gone = asyncio.ensure_future(reader.read())
            await asyncio.wait({behaving, gone}, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                self.left.set()
            behaving.cancel()
            gone.cancel()
            await asyncio.gather(behaving, gone, return_exceptions=True)
        finally:
            writer.close()


@asynccontextmanager
async def endpoint(behave: Behave, **more: Any) -> AsyncIterator[tuple[Endpoint, OpenAIGenerator]]:
    fake = Endpoint(behave)
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    generator = OpenAIGenerator("fake", api_key="key", base_url=fake.url, **more)
    try:
        yield fake, generator
    finally:
        await generator.close()
        server.close()
