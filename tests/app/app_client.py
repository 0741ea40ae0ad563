"""A customer's and an agent's client over real sockets, and the history checker."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect

PATIENCE_S = 20.0


def new_client_id() -> str:
    return secrets.token_hex(16)


class Talk:
    """One open socket. Keeps every event it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self._unread: list[dict[str, Any]] = []

    async def emit(self, event: dict[str, Any]) -> None:
        await self.socket.send(orjson.dumps(event).decode())

    async def next(self) -> dict[str, Any]:
        event: dict[str, Any] = orjson.loads(await self.socket.recv())
        self.heard.append(event)
        return event

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event that fits, kept ones first."""
        for index, event in enumerate(self._unread):
            if wanted(event):
                return self._unread.pop(index)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                event = await self.next()
                if wanted(event):
                    return event
                self._unread.append(event)

    async def of_type(self, type_: str, **fields: Any) -> dict[str, Any]:
        return await self.until(
            lambda e: e["type"] == type_ and all(e.get(k) == v for k, v in fields.items())
        )

    async def message(self, author: str, text: str | None = None) -> dict[str, Any]:
        event = await self.until(
            lambda e: (
                e["type"] == "message"
                and e["message"]["author"]["type"] == author
                and (text is None or e["message"]["content"]["text"] == text)
            )
        )
        found: dict[str, Any] = event["message"]
        return found

    async def notice(self, key: str) -> dict[str, Any]:
        event = await self.until(
            lambda e: e["type"] == "message" and e["message"]["content"]["notice"] == key
        )
        found: dict[str, Any] = event["message"]
        return found

    async def emit_message(self, text: str) -> None:
        """Send and wait for nothing."""
        content = {"text": text}
        await self.emit({"type": "send", "client_msg_id": new_client_id(), "content": content})

    async def send(
        self, text: str, client_msg_id: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """Send and wait for the ack or nack."""
        id_ = client_msg_id or new_client_id()
        content = {"text": text, **({"payload": more.pop("payload")} if "payload" in more else {})}
        await self.emit({"type": "send", "client_msg_id": id_, "content": content, **more})
        return await self.until(
            lambda e: e["type"] in ("ack", "nack") and e["client_msg_id"] == id_
        )

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [event["message"] for event in self.heard if event["type"] == "message"]


class Customer:
    """A visitor with a token; opens sockets as a widget does."""

    def __init__(self, base: str, session: dict[str, str]) -> None:
        self.base = base
        self.token = session["token"]
        self.id = session["visitor_id"]
        self.conversation_id = session["conversation_id"]
        self.last_seq = 0
        self.epoch: str | None = None

    @classmethod
    async def arrive(cls, base: str, **fields: Any) -> Customer:
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http:
            answer = await http.post("/api/visitor/session", json={"language": "en", **fields})
            answer.raise_for_status()
            return cls(base, answer.json())

    @asynccontextmanager
    async def talk(
        self, last_seq: int = 0, epoch: str | None = None, **hello: Any
    ) -> AsyncIterator[Talk]:
        url = self.base.replace("http", "ws", 1) + "/ws"
        async with connect(url, max_size=None) as socket:
            talk = Talk(socket)
            await talk.emit(
                {
                    "type": "hello",
                    "token": self.token,
                    "last_seq": last_seq,
                    "epoch": epoch,
                    "language": "en",
                    **hello,
                }
            )
            welcome = await talk.of_type("welcome")
            self.epoch = welcome["epoch"]
            yield talk


class Desk:
    """An agent's browser: REST with the cookie, sockets with it too."""

    def __init__(self, base: str, http: httpx.AsyncClient, agent: dict[str, Any]) -> None:
        self.base = base
        self.http = http
        self.id = agent["id"]
        self.name = agent["name"]

    @classmethod
    @asynccontextmanager
    async def signed_in(cls, base: str, email: str, password: str) -> AsyncIterator[Desk]:
        async with httpx.AsyncClient(
            base_url=base, timeout=PATIENCE_S, headers={"Origin": base}
        ) as http:
            answer = await http.post("/api/auth/login", json={"email": email, "password": password})
            answer.raise_for_status()
            yield cls(base, http, answer.json()["agent"])

    @asynccontextmanager
    async def talk(self) -> AsyncIterator[Talk]:
        url = self.base.replace("http", "ws", 1) + "/ws/agent"
        cookie = f"lingxi_agent={self.http.cookies['lingxi_agent']}"
        async with connect(
            url, origin=self.base, additional_headers={"Cookie": cookie}, max_size=None
        ) as socket:
            talk = Talk(socket)
            await talk.emit({"type": "hello", "language": "en"})
            await talk.of_type("welcome")
            yield talk

    async def act(self, conversation_id: str, command: str) -> httpx.Response:
        return await self.http.post(f"/api/conversations/{conversation_id}/{command}")


def check_history(messages: list[dict[str, Any]], acked: dict[str, int]) -> None:
    """Every acknowledged message exactly once and where it was acknowledged, without a gap."""
    seqs = [message["seq"] for message in messages]
    assert seqs == list(range(1, len(seqs) + 1)), f"gapless from 1, got {seqs}"
    assert len({message["id"] for message in messages}) == len(messages)
    places = {m["client_msg_id"]: m["seq"] for m in messages if m["client_msg_id"]}
    own = [m["client_msg_id"] for m in messages if m["client_msg_id"]]
    assert len(own) == len(set(own)), "a message is there twice"
    for client_msg_id, seq in acked.items():
        assert places.get(client_msg_id) == seq, f"acknowledged {client_msg_id} at {seq}"
