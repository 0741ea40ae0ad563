"""Who opens a connection and does not go on, or never ends, holds nothing for long."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import connect

from app import bounded_http
from app.cli.serve import server_config

PATIENCE_S = 60.0
PAUSE_S = 0.02


def small_application() -> FastAPI:
    application = FastAPI()

    @application.post("/")
    async def same(body: dict[str, int]) -> dict[str, int]:
        return body

    @application.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)

    return application


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(bounded_http, "HEAD_WITHIN_S", 0.5)
    monkeypatch.setattr(bounded_http, "REQUEST_WITHIN_S", 0.5)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(small_application(), "127.0.0.1", 0))
    server.config.lifespan = "off"
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110  uvicorn offers only a flag
        await asyncio.sleep(PAUSE_S)
    yield listening.getsockname()[1]
    server.should_exit = True
    await serving


BODY = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n{"


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="nothing"),
        pytest.param([b"GET / HTTP/1.1\r\n", *[b"x: y\r\n"] * 10_000], id="a head without end"),
        pytest.param([BODY, *[b" "] * 5_000], id="a body without end"),
    ],
)
async def test_who_does_not_come_to_an_end_is_cut(port: int, pieces: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(PATIENCE_S):
        ended = asyncio.create_task(reader.read())
        for piece in pieces:
            if ended.done():
                break
            writer.write(piece)
            await asyncio.sleep(PAUSE_S)
        await asyncio.wait([ended])
    writer.close()


async def test_a_head_is_bounded_in_size(port: int) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nx: ")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ConnectionError):
            await write_for_ever(writer)
    writer.close()


async def write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"y" * 1024)
        await writer.drain()


async def test_whoever_talks_as_one_should_notices_nothing(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for number in range(3):
            answer = await http.post("/", json={"a": number}, headers={"x": "y" * 20_000})
            assert answer.json() == {"a": number}
    async with connect(f"ws://127.0.0.1:{port}/ws") as talk:
        await asyncio.sleep(2 * bounded_http.HEAD_WITHIN_S)
        await talk.send("还在")
        assert await talk.recv() == "还在"
