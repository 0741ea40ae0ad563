"""Customers' messages on their way into the database: whatever waits is written together.

One unit of work for many: their rows are read with a few statements and written with as many, and
share one fsync. That is where the time of a message goes; the rest is the same for one as for many.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from opentelemetry.trace import SpanKind
from sqlalchemy.orm import Session

from app.chat.events import Message
from app.chat.turn_records import Claimed
from app.chat.writer import Accepted, ChatWriter, Owed, Sent
from app.db import Database
from app.errors import DatabaseUnavailable, LingxiError
from dialogue.tracing import span

MAX_WAITING = 5_000
"""More would wait longer than a customer's patience of seconds."""
MAX_TOGETHER = 64
"""A unit of work that holds the database for some ten milliseconds."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    sent: Sent
    future: asyncio.Future[Message]
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    """Of whoever sent it: the turn that answers it goes on in its trace."""


class Turns(Protocol):
    """Answers what is owed."""

    def begin(self, session: Session, owed: Owed) -> Claimed | None: ...

    def more_came(self, conversation_id: str, begun: Claimed | None = None) -> None: ...


class Intake:
    """`turns` may begin a turn in the transaction of its message, and is told of all that are owed."""

    def __init__(self, database: Database, chat: ChatWriter, turns: Turns) -> None:
        self._database = database
        self._chat = chat
        self._turns = turns
        self._waiting: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)

    async def accept(self, sent: Sent) -> Message:
        """Return once it is committed. Raises what `ChatWriter.accept` does, and
        `DatabaseUnavailable`.
        """
        with span("db.write", SpanKind.CLIENT):
            waiting = _Waiting(sent, asyncio.get_running_loop().create_future())
            try:
                self._waiting.put_nowait(waiting)
            except asyncio.QueueFull:
                raise DatabaseUnavailable("database_busy", retry_after_s=2) from None
            return await waiting.future

    async def run(self) -> None:
        """Until cancelled: write what waits, while more comes to wait."""
        while True:
            together = [await self._waiting.get()]
            while len(together) < MAX_TOGETHER and not self._waiting.empty():
                together.append(self._waiting.get_nowait())
            await self._write([one for one in together if not one.future.done()])

    async def _write(self, together: Sequence[_Waiting]) -> None:
        sent = [one.sent for one in together]

        def work(session: Session) -> tuple[list[Accepted | LingxiError], dict[str, Claimed]]:
            begun: dict[str, Claimed] = {}

            def begin(owed: Owed) -> None:
                if (claimed := self._turns.begin(session, owed)) is not None:
                    begun[claimed.conversation_id] = claimed

            return self._chat.accept_all(session, sent, begin), begun

        try:
            results, begun = await self._database.write(work)
        except Exception as error:
            if len(together) == 1 or isinstance(error, DatabaseUnavailable):
                _fail(together, error)
                return
            for one in together:  # what breaks one of them breaks no other
                await self._write([one])
            return
        for one, result in zip(together, results, strict=True):
            self._settle(one, result, begun)

    def _settle(
        self, one: _Waiting, result: Accepted | LingxiError, begun: dict[str, Claimed]
    ) -> None:
        if isinstance(result, LingxiError):
            _fail([one], result)
            return
        if not one.future.done():
            one.future.set_result(result.message)
        if result.owed:
            id_ = one.sent.conversation_id
            one.context.run(self._turns.more_came, id_, begun.pop(id_, None))


def _fail(together: Sequence[_Waiting], error: Exception) -> None:
    for one in together:
        if not one.future.done():
            one.future.set_exception(error)
