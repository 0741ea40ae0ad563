"""Who comes back while something is said misses nothing of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from app_client import PATIENCE_S
from pydantic import BaseModel
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket

from app.auth.service import AuthService
from app.chat.doors import OpenSockets
from app.chat.gateway import Gateway, VisitorConnection
from app.chat.hub import Hub
from app.chat.service import ChatService
from app.db import Database
from app.metrics import Metrics
from app.stores.unit import T, Work
from app.words import Words


async def test_what_is_said_between_reading_and_subscribing_is_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth, chat, hub = AuthService(), ChatService(Words.load()), Hub()

    def publish(hints: Any) -> None:
        for hint in hints:
            if isinstance(hint, BaseModel):
                hub.publish(cast(Any, hint))

    monkeypatch.setattr(database, "publish", publish)

    def arrive(session: Session) -> tuple[str, str]:
        visitor, token = auth.admit_visitor(session, None, None, None, "en")
        row = chat.start(session, visitor.id)
        chat.notice(session, row, "closed")
        return token, row.id

    def more(session: Session) -> None:
        chat.notice(session, chat.lock(session, id_), "closed")

    token, id_ = await database.write(arrive)
    read = database.read

    async def read_too_early(work: Work[T]) -> T:
        found = await read(work)
        monkeypatch.setattr(database, "read", read)
        await database.write(more)
        return found

    monkeypatch.setattr(database, "read", read_too_early)
    frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def send(message: Any) -> None:
        if message["type"] == "websocket.send":
            heard.put_nowait(json.loads(message["text"]))

    frames.put_nowait({"type": "websocket.connect"})
    hello = {"type": "hello", "token": token, "language": "en"}
    frames.put_nowait({"type": "websocket.receive", "text": json.dumps(hello)})
    none = cast(Any, None)
    gateway = Gateway(
        *(database, chat, none, none, auth, hub, none, Words.load(), none),
        OpenSockets(1),
        Metrics(),
    )
    websocket = WebSocket({"type": "websocket", "client": ("127.0.0.1", 1)}, frames.get, send)
    serving = asyncio.create_task(VisitorConnection(gateway, websocket).serve())
    async with asyncio.timeout(PATIENCE_S):
        welcome = await heard.get()
        assert (welcome["type"], welcome["last_seq"]) == ("welcome", 2)
        assert [(await heard.get())["message"]["seq"] for _ in range(2)] == [1, 2]
        await database.write(more)
        assert (await heard.get())["message"]["seq"] == 3
        frames.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await serving
    assert hub.topics == []
