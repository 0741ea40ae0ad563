"""A client that stops reading is let go; nothing waits for it for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import uvicorn
from app_client import PATIENCE_S
from conftest import free_port
from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.chat import doors
from app.chat.doors import OpenSockets
from app.chat.events import Error, Message
from app.chat.outbox import Outbox
from app.chat.socket import CloseSocket, Socket
from app.cli.serve import server_config
from app.words import Words

MORE_THAN_BUFFERS_HOLD = 200
WORDS = "x" * 100_000


async def nothing(conversation_id: str, after: int) -> list[Message]:
    return []


async def ignore(text: str) -> None:
    pass


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not met():  # noqa: ASYNC110  nobody sets an event for this
            await asyncio.sleep(0.02)


async def read_for_ever(client: ClientConnection) -> None:
    while True:
        await client.recv()


async def test_who_leaves_before_the_greeting_is_no_failure() -> None:
    async def gone() -> dict[str, object]:
        return {"type": "websocket.disconnect", "code": 1006}

    async def nowhere(_message: object) -> None:
        raise RuntimeError("it is closed")

    websocket = WebSocket({"type": "websocket"}, gone, nowhere)
    websocket.client_state = websocket.application_state = WebSocketState.CONNECTED
    socket = Socket(websocket, Outbox(nothing, lambda message: message), Words.load())
    with pytest.raises(CloseSocket) as left:
        await socket.first_frame()
    await socket.close(left.value)


async def test_one_frame_that_never_leaves_ends_the_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doors, "SLOW_WRITE_S", 2.0)  # a busy machine stands still for one
    open_sockets = OpenSockets(10)
    app, port = FastAPI(), free_port()

    @app.websocket("/{reads}")
    async def serve(websocket: WebSocket) -> None:
        await websocket.accept()
        outbox = Outbox(nothing, lambda message: message)
        socket = Socket(websocket, outbox, Words.load())
        for _ in range(MORE_THAN_BUFFERS_HOLD):
            outbox.put(Error(code="much", words=WORDS))
        with open_sockets.opened(socket):
            await socket.run(ignore)

    server = uvicorn.Server(server_config(app, "127.0.0.1", port))
    serving = asyncio.create_task(server.serve())
    watching = asyncio.create_task(open_sockets.watch())
    address = f"ws://127.0.0.1:{port}"
    await until(lambda: server.started)
    async with (
        connect(f"{address}/reader", max_queue=1) as reader,
        connect(f"{address}/sleeper", max_queue=1, close_timeout=0) as sleeper,
    ):
        for _ in range(MORE_THAN_BUFFERS_HOLD):
            await reader.recv()
        await until(lambda: len(open_sockets) == 1)
        with pytest.raises(ConnectionClosed):
            await read_for_ever(sleeper)
        await reader.ping()
        assert len(open_sockets) == 1, "whoever reads is not let go"
    watching.cancel()
    server.should_exit = True
    await serving
