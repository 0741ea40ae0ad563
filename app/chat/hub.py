"""Who hears of what: in this process, and over Redis in the others.

A hub carries hints. It may lose one (Redis restarts, a reader is behind); a reader finds what it
missed by `seq` in the database, because every message hint says its place.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

import structlog
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.chat.hints import (
    AgentCalled,
    DrillTold,
    Hint,
    KnowledgeChanged,
    RowChanged,
    SeqReached,
    SessionEnded,
    hint_adapter,
)
from app.models.base import new_id

INBOX = "inbox"
"""The topic of what every agent hears, and of what is about no conversation."""
FOR_ALL = (RowChanged, AgentCalled, SessionEnded, KnowledgeChanged, DrillTold)
CHANNEL = "lingxi:hints"
MAX_UNSENT_HINTS = 2_000
"""More means that Redis is away; older hints are worthless by then."""
CATCH_UP_EVERY_S = 2.0
RECONNECT_AFTER_S = 1.0

log = structlog.get_logger(__name__)
LastSeqs = Callable[[Sequence[str]], Awaitable[dict[str, int]]]


class Listener(Protocol):
    def hear(self, hint: Hint) -> None:
        """Take a hint without waiting; called on the event loop."""
        ...


class Hub:
    """Delivers hints to the listeners of this process."""

    shared = False
    """Whether other processes hear it too."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self.delivered = 0
        """How many hints so far: who reads first and subscribes then sees whether any was missed."""

    def subscribe(self, topic: str, listener: Listener) -> None:
        self._listeners.setdefault(topic, set()).add(listener)

    def unsubscribe(self, topic: str, listener: Listener) -> None:
        listeners = self._listeners.get(topic)
        if listeners is None:
            return
        listeners.discard(listener)
        if not listeners:
            del self._listeners[topic]

    def listeners(self, topic: str) -> Iterable[Listener]:
        return tuple(self._listeners.get(topic, ()))

    @property
    def topics(self) -> list[str]:
        return [topic for topic in self._listeners if topic != INBOX]

    def publish(self, hint: Hint) -> None:
        self.deliver(hint)

    def deliver(self, hint: Hint) -> None:
        self.delivered += 1
        for_all = isinstance(hint, FOR_ALL)
        topic = INBOX if for_all else hint.conversation_id
        for listener in self.listeners(topic):
            listener.hear(hint)

    async def run(self) -> None:
        """Carry hints between processes; nothing to do within one."""

    async def ready(self) -> bool:
        return True


class Envelope(BaseModel):
    origin: str
    hint: Hint


class RedisHub(Hub):
    """Also tells the other workers, and hears from them; works on alone while Redis is away."""

    shared = True

    def __init__(self, url: str, last_seqs: LastSeqs) -> None:
        super().__init__()
        self._redis = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
        self._last_seqs = last_seqs
        self._origin = new_id()
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue(MAX_UNSENT_HINTS)
        self.is_away: Callable[[], bool] = bool
        """Whether it plays as if Redis were away (`app.operation.drills`)."""

    def publish(self, hint: Hint) -> None:
        self.deliver(hint)
        if self.is_away() and not isinstance(hint, DrillTold):
            return
        if self._unsent.full():  # the oldest is worth the least
            self._unsent.get_nowait()
        envelope = Envelope.model_construct(origin=self._origin, hint=hint)
        self._unsent.put_nowait(envelope.model_dump_json().encode())

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._forever(self._send))
                tasks.create_task(self._forever(self._listen))
                tasks.create_task(self._forever(self._catch_up))
        finally:
            await self._redis.aclose()

    async def ready(self) -> bool:
        if self.is_away():
            return False
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await step()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("redis_away", error=type(error).__name__)
                await asyncio.sleep(RECONNECT_AFTER_S)

    async def _send(self) -> None:
        while True:
            await self._redis.publish(CHANNEL, await self._unsent.get())

    async def _listen(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            while True:
                heard = await subscription.get_message(ignore_subscribe_messages=True, timeout=1.0)
                if heard is not None:
                    self._heard(heard["data"])

    def _heard(self, data: bytes) -> None:
        with contextlib.suppress(ValidationError):  # a newer worker's hint that we do not know
            envelope = Envelope.model_validate_json(data)
            hint = hint_adapter.validate_python(envelope.hint)
            if envelope.origin == self._origin:
                return
            if isinstance(hint, DrillTold) or not self.is_away():
                self.deliver(hint)

    async def _catch_up(self) -> None:
        """What Redis lost is in the database: tell readers how far their conversations are."""
        while True:
            await asyncio.sleep(CATCH_UP_EVERY_S)
            topics = self.topics
            for start in range(0, len(topics), 500):
                for id_, seq in (await self._last_seqs(topics[start : start + 500])).items():
                    self.deliver(SeqReached(conversation_id=id_, seq=seq))
