"""What a socket still has to be told: bounded, in order, with messages by their place.

Events go out as they come. Messages go out by `seq`, each once: one that is already out is
skipped, and whatever lies between is read from the database, so that a reader who missed a hint
still sees every message in order.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from pydantic import BaseModel

from app.chat.events import Message

MAX_WAITING = 500
"""A reader this far behind is closed; it resumes by `seq` and misses nothing."""
ReadMessages = Callable[[str, int], Awaitable[list[Message]]]
"""(conversation id, after seq) -> the next page, oldest first; empty at the end."""

Encode = Callable[[Message], BaseModel]


@dataclass(frozen=True, slots=True)
class Reach:
    """Make sure that a conversation's messages are out up to `seq`."""

    conversation_id: str
    seq: int
    message: Message | None = None


Item = BaseModel | Reach


class Outbox:
    def __init__(self, read_messages: ReadMessages, encode: Encode) -> None:
        self._encode = encode
        self._read_messages = read_messages
        self._waiting: OrderedDict[object, Item] = OrderedDict()
        self._wake: asyncio.Future[None] | None = None
        """Set while the writer waits."""
        self._numbers = count()
        self.on_overflow: Callable[[], None] = lambda: None
        """Told when too much waits; the socket ends then."""
        self._sent: dict[str, int] = {}

    def follow(self, conversation_id: str, sent_seq: int) -> None:
        """From now on messages of this conversation go out, those after `sent_seq`."""
        self._sent[conversation_id] = sent_seq

    def unfollow(self, conversation_id: str) -> None:
        self._sent.pop(conversation_id, None)

    def put(self, item: Item, replaces: str | None = None) -> None:
        """Queue an event; one that `replaces` an older one of that key still waiting takes its place."""
        key: object = replaces if replaces is not None else next(self._numbers)
        if key not in self._waiting and len(self._waiting) >= MAX_WAITING:
            self.on_overflow()
        else:
            self._waiting[key] = item
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def events(self) -> AsyncIterator[BaseModel]:
        """What to send, for ever."""
        while True:
            if not self._waiting:
                self._wake = asyncio.get_running_loop().create_future()
                await self._wake
            while self._waiting:
                _, item = self._waiting.popitem(last=False)
                if isinstance(item, Reach):
                    async for message in self._up_to(item):
                        yield self._encode(message)
                else:
                    yield item

    async def _up_to(self, reach: Reach) -> AsyncIterator[Message]:
        id_ = reach.conversation_id
        while (sent := self._sent.get(id_)) is not None and sent < reach.seq:
            if reach.message is not None and reach.seq == sent + 1:
                page = [reach.message]
            else:
                page = await self._read_messages(id_, sent)
            if not page:
                return
            for message in page:
                if id_ not in self._sent:
                    return
                self._sent[id_] = message.seq
                yield message
