"""A bad network on demand, and customers who put up with it as the widget does."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from app_client import Customer, new_client_id
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException

FAULTS = ("none", "cut", "delay", "trickle", "half_open", "refuse")
RECONNECT_S, LONGEST_RECONNECT_S = 0.05, 1.0
"""Doubled while nobody answers, as the widget does: who hammers takes the restart's processor."""


class FaultProxy:
    """Stands between client and server; each connection meets one fault, drawn by the seed."""

    def __init__(self, dice: random.Random, port: int, faults: tuple[str, ...] = FAULTS) -> None:
        self.target_port = port
        self._dice = dice
        self._faults = faults
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.met: dict[str, int] = dict.fromkeys(faults, 0)

    @property
    def base(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        fault = self._draw()
        self.met[fault] = self.met.get(fault, 0) + 1
        try:
            if fault != "refuse":
                await self._carry(reader, writer, fault)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._open.discard(task)

    def _draw(self) -> str:
        return self._dice.choice(self._faults)

    def _budget(self, fault: str) -> int:
        """After how many bytes, of either side, nothing passes any more."""
        return self._dice.randint(200, 6_000) if fault in ("cut", "half_open") else 1 << 60

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: str
    ) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        budget = self._budget(fault)
        try:
            async with asyncio.TaskGroup() as group:
                pumps = [
                    group.create_task(self._pump(reader, up_writer, fault, budget)),
                    group.create_task(self._pump(up_reader, writer, fault, budget)),
                ]
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in pumps:
                    pump.cancel()
        finally:
            up_writer.close()

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, fault: str, budget: int
    ) -> None:
        with suppress(OSError):
            while data := await source.read(8 if fault == "trickle" else 65_536):
                if fault == "delay":
                    await asyncio.sleep(self._dice.uniform(0, 0.15))
                if len(data) >= budget:
                    sink.write(data[:budget])
                    await sink.drain()
                    if fault == "half_open":  # neither a byte nor an end: only a ping finds out
                        await asyncio.sleep(3600)
                    return
                budget -= len(data)
                sink.write(data)
                await sink.drain()


class Scissors(FaultProxy):
    """Cuts the next connection after as many bytes as it was told, and no other."""

    next_cut: int | None = None

    def _draw(self) -> str:
        return "none" if self.next_cut is None else "cut"

    def _budget(self, fault: str) -> int:
        cut, self.next_cut = self.next_cut, None
        return super()._budget("none") if cut is None else cut


@dataclass
class Persistent:
    """A customer with an outbox: reconnects, resumes, and sends again what was not acknowledged."""

    customer: Customer
    dice: random.Random
    outbox: dict[str, str] = field(default_factory=dict)
    acked: dict[str, int] = field(default_factory=dict)
    seen: dict[int, str] = field(default_factory=dict)
    """Message ids by place."""
    last_seq: int = 0
    epoch: str | None = None
    nacks: int = 0
    reconnects: int = 0
    pause_s: float = RECONNECT_S
    resets: int = 0
    closes: list[int] = field(default_factory=list)

    def writes(self, count: int) -> None:
        for _ in range(count):
            id_ = new_client_id()
            self.outbox[id_] = f"echo {id_}"

    async def until_acknowledged(self, base: str) -> None:
        """Return when the outbox is empty, however often the line breaks."""
        while self.outbox:
            try:
                async with connect(
                    base.replace("http", "ws", 1) + "/ws",
                    open_timeout=3,
                    close_timeout=0.2,
                    ping_interval=1,
                    ping_timeout=2,
                ) as socket:
                    await self._talk(socket)
            except (WebSocketException, InvalidHandshake, OSError, TimeoutError, EOFError) as end:
                received = getattr(end, "rcvd", None)
                self.closes.append(received.code if received else 1006)
            self.reconnects += 1
            await asyncio.sleep(self.pause_s * self.dice.uniform(0.5, 1))
            self.pause_s = min(2 * self.pause_s, LONGEST_RECONNECT_S)

    async def _talk(self, socket: ClientConnection) -> None:
        hello = {"token": self.customer.token, "last_seq": self.last_seq, "epoch": self.epoch}
        await self._emit(socket, {"type": "hello", "language": "en", **hello})
        waiting = list(self.outbox)
        while self.outbox:
            event = orjson.loads(await socket.recv())
            if event["type"] == "welcome":
                self.epoch = event["epoch"]
                self.pause_s = RECONNECT_S
                await self._next(socket, waiting)
            elif event["type"] == "ack":
                self.outbox.pop(event["client_msg_id"], None)
                before = self.acked.setdefault(event["client_msg_id"], event["seq"])
                assert before == event["seq"], "one message, two places"
                await self._next(socket, waiting)
            elif event["type"] == "nack":
                self.nacks += 1
                assert event["retry_after_s"] is not None, f"final refusal: {event}"
                await asyncio.sleep(min(1.0, event["retry_after_s"]))
                waiting.append(event["client_msg_id"])
                await self._next(socket, waiting)
            elif event["type"] == "reset":
                self.resets += 1
                self.last_seq = 0
            elif event["type"] == "message":
                self._sees(event["message"])

    async def _next(self, socket: ClientConnection, waiting: list[str]) -> None:
        while waiting and waiting[0] not in self.outbox:
            waiting.pop(0)
        if waiting:
            await self._send(socket, waiting.pop(0))

    async def _send(self, socket: ClientConnection, id_: str) -> None:
        content = {"text": self.outbox[id_]}
        await self._emit(socket, {"type": "send", "client_msg_id": id_, "content": content})

    @staticmethod
    async def _emit(socket: ClientConnection, event: dict[str, Any]) -> None:
        await socket.send(orjson.dumps(event).decode())

    def _sees(self, message: dict[str, Any]) -> None:
        seq = message["seq"]
        assert seq == self.last_seq + 1, f"a gap: {seq} after {self.last_seq}"
        assert self.seen.setdefault(seq, message["id"]) == message["id"], f"two messages at {seq}"
        self.last_seq = seq
