"""The bot's turns: one at a time per conversation, owed from the moment a message is saved.

A turn is claimed in one transaction, where nothing stands before it in that of its message, and
finished in another; between them, while the text is understood and answered, none is open. The
reply is saved only if the bot still owns the conversation then. A turn whose worker died is found by its lease and done again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

import structlog
from opentelemetry.context import Context, get_current
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from app.chat import repository
from app.chat.bursts import Burst
from app.chat.hints import Hint, TypingNow
from app.chat.hub import Listener
from app.chat.service import ChatService
from app.chat.thinking import Thinker, Thought
from app.chat.turn_records import LEASE, Claimed, Ended, TurnRecords
from app.chat.types import Assistant
from app.chat.writer import Owed
from app.db import Database, is_sqlite
from app.errors import Busy, Conflict, DatabaseUnavailable
from app.handoff.service import HandoffService
from app.metrics import Metrics
from app.models import new_id, now
from app.words import Words
from dialogue.tracing import root_span
from dialogue.types import (
    Act,
    TurnResult,
)
from nlu.types import IntentScore, Parser, Understanding

RENEW_EVERY_S = 3.0
SWEEP_EVERY_S = 2.0
SWEEP_LIMIT = 200
REMIND_EVERY_S = 1.0
REMINDED_AT_ONCE = 20
REMIND_AGAIN_AFTER = timedelta(minutes=1)
MAX_TURNS_AT_ONCE = 64
DATABASE_TRIES = 20
LOOK_FOR_A_GAP_EVERY_S = 0.05

log = structlog.get_logger(__name__)


class Hub(Protocol):
    def publish(self, hint: Hint) -> None: ...

    def subscribe(self, topic: str, listener: Listener) -> None: ...

    def unsubscribe(self, topic: str, listener: Listener) -> None: ...


class TurnRunner:
    """Owns every task in which the bot thinks."""

    def __init__(
        self,
        database: Database,
        chat: ChatService,
        handoff: HandoffService,
        parser: Parser,
        assistant: Assistant,
        hub: Hub,
        words: Words,
        metrics: Metrics,
        deadline_s: float,
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._hub = hub
        self._metrics = metrics
        self._deadline_s = deadline_s
        self.worker = new_id()
        self._records = TurnRecords(chat, handoff, self.worker)
        self._thinker = Thinker(
            database, self._records, parser, assistant, hub, words, metrics, deadline_s
        )
        self._performing = 0
        self._begun: dict[str, Claimed] = {}
        """By conversation: turns that were claimed as their messages were saved."""
        self._in_hand: set[str] = set()
        """Ids of the turns that are worked on."""
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._thinking: dict[str, asyncio.Task[Thought]] = {}
        self._again: set[str] = set()
        self._bursts: dict[str, Burst] = {}
        self._causes: dict[str, Context] = {}
        """In which trace a turn is owed."""
        self._group: asyncio.TaskGroup | None = None
        self._slots = asyncio.Semaphore(MAX_TURNS_AT_ONCE)
        self._draining = False

    # --- life -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled: do what is owed, renew leases, find what dead workers left."""
        if is_sqlite(self._database.url):  # one process: what runs by the table is nobody's
            await self._database.write(lambda s: repository.expire_leases(s, now()))
        async with asyncio.TaskGroup() as group:
            self._group = group
            group.create_task(self._every(RENEW_EVERY_S, self._renew))
            await self._sweep(timedelta(0))
            group.create_task(self._every(REMIND_EVERY_S, self._remind))
            await self._every(SWEEP_EVERY_S, lambda: self._sweep(timedelta(seconds=SWEEP_EVERY_S)))

    async def drain(self, within_s: float) -> None:
        """Finish the turns under way; what is owed besides is done after the next start."""
        self._draining = True
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=within_s)

    @property
    def alive(self) -> bool:
        return self._group is not None and not self._draining

    @property
    def running(self) -> int:
        return len(self._tasks) + self._performing

    def begin(self, session: Session, owed: Owed) -> Claimed | None:
        """Claim a turn in the unit of work that makes it; whoever asks hands it to `more_came`.

        None while there is no place for it: then more may be said until there is.
        """
        return (
            self._records.begin(session, owed) if self.alive and not self._slots.locked() else None
        )

    def more_came(self, conversation_id: str, begun: Claimed | None = None) -> None:
        """A message is to be answered; together with the one under way, if that can begin anew."""
        if begun is not None and self.alive:
            self._begun[conversation_id] = begun
        burst = self._bursts.get(conversation_id)
        if burst is not None and burst.came():
            self.cancel(conversation_id)
        self.wake(conversation_id)

    def wake(self, conversation_id: str) -> None:
        """A turn is owed here. Cheap, and safe to call often."""
        if self._group is None or self._draining:
            return
        self._causes[conversation_id] = get_current()
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
        self._bursts[conversation_id] = Burst()
        task = self._group.create_task(self._work(conversation_id))
        self._tasks[conversation_id] = task

    def cancel(self, conversation_id: str) -> None:
        """Stop thinking about what nobody wants to hear any more."""
        thinking = self._thinking.get(conversation_id)
        if thinking is not None:
            thinking.cancel()

    async def _every(self, seconds: float, step: Any) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await step()
            except DatabaseUnavailable as error:
                log.warning("turns_waiting_for_database", code=error.code)

    async def _renew(self) -> None:
        ours = self._in_hand | {begun.turn_id for begun in self._begun.values()}
        if ours:
            until = now() + LEASE
            await self._database.write(
                lambda s: repository.renew_leases(s, self.worker, ours, until)
            )

    async def _sweep(self, older: timedelta) -> None:
        before = now() - older
        owed = await self._database.read(
            lambda s: list(repository.conversations_owed(s, before, SWEEP_LIMIT))
        )
        for conversation_id in owed:
            self.wake(conversation_id)

    async def _remind(self) -> None:
        """Do the reminders that have come due while the bot owns their conversations."""
        due = await self._database.read(
            lambda s: list(repository.conversations_to_remind(s, now(), REMINDED_AT_ONCE))
        )
        for conversation_id in due:
            await self._remind_one(conversation_id)

    async def _remind_one(self, conversation_id: str) -> None:
        try:
            await self.perform(conversation_id, self._assistant.remind)
        except (Conflict, Busy) as error:  # stays due
            log.info("reminder_waits", conversation=conversation_id, code=error.code)
        except Exception:  # its failure must not keep the others from being done
            log.exception("reminder_failed", conversation=conversation_id)
            later = now() + REMIND_AGAIN_AFTER
            await self._database.write(
                lambda s: repository.put_off_reminder(s, conversation_id, later)
            )

    # --- one conversation -------------------------------------------------------------------

    async def _work(self, conversation_id: str) -> None:
        """Do what is owed here, one turn after the other."""
        burst = self._bursts[conversation_id]
        self._hub.subscribe(conversation_id, burst)
        try:
            while not self._draining:
                await burst.quiet()
                self._again.discard(conversation_id)
                async with self._slots:
                    more = await self._one(conversation_id)
                if not more and conversation_id not in self._again:
                    return
        except DatabaseUnavailable as error:  # stays owed: the sweep comes back to it
            log.warning("turn_waits_for_database", conversation=conversation_id, code=error.code)
        finally:
            self._hub.unsubscribe(conversation_id, burst)
            del self._tasks[conversation_id], self._bursts[conversation_id]
            self._causes.pop(conversation_id, None)
            self._begun.pop(conversation_id, None)  # it is owed still, and found by its lease

    async def _one(self, conversation_id: str) -> bool:
        """Take a turn and finish it. True if the next one is owed already."""
        cause = self._causes.pop(conversation_id, None)
        claimed = self._begun.pop(conversation_id, None)
        if claimed is None:
            claimed = await self._database.write(lambda s: self._records.claim(s, conversation_id))
        if claimed is None:
            return False
        names = {"conversation": conversation_id, "turn": claimed.turn_id}
        with bound_contextvars(**names), root_span("turn", cause, **names) as span_:
            span_.set_attribute("lingxi.attempt", claimed.attempts)
            with self._holding(claimed):
                return await self._perform(claimed)

    @contextmanager
    def _holding(self, claimed: Claimed) -> Iterator[None]:
        """Its lease is renewed meanwhile."""
        self._in_hand.add(claimed.turn_id)
        try:
            yield
        finally:
            self._in_hand.discard(claimed.turn_id)

    async def _perform(self, claimed: Claimed) -> bool:
        conversation_id = claimed.conversation_id
        started = time.perf_counter()
        self._typing(conversation_id, True)
        burst = self._bursts[conversation_id]
        burst.may_begin_anew = claimed.may_begin_anew
        thinking = asyncio.create_task(self._thinker.think(claimed, burst))
        self._thinking[conversation_id] = thinking
        try:
            understanding, result = await thinking
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise  # the server stops: the turn stays owed
            result, understanding = None, None
        finally:
            self._thinking.pop(conversation_id, None)
            anew = burst.thought()
            self._typing(conversation_id, False)
        duration_ms = (time.perf_counter() - started) * 1000
        if result is not None:
            self._metrics.turns.labels(result.trace.route).observe(duration_ms / 1000)
        ended = Ended(understanding, result, duration_ms, anew)
        more = await self._finish_surely(claimed, ended)
        if not (anew and more):
            burst.answered()
        return more

    async def _finish_surely(self, claimed: Claimed, ended: Ended) -> bool:
        """A reply is not thought of twice because the database was locked for a while."""
        for attempt in range(DATABASE_TRIES):
            try:
                return await self._database.write(lambda s: self._records.finish(s, claimed, ended))
            except DatabaseUnavailable as error:
                if attempt == DATABASE_TRIES - 1:
                    raise
                await asyncio.sleep(error.retry_after_s or 1.0)
        raise AssertionError("unreachable: the last try returns or raises")

    # --- what other programs ask ------------------------------------------------------------

    async def perform(self, conversation_id: str, act: Act) -> TurnResult:
        """Do `act` in a turn of its own, between the customer's, and save what comes of it.

        Raises `Conflict` while a human owns the conversation, `Busy` when no turn ends in time,
        `TimeoutError`.
        """
        claimed = await self._claim_between(conversation_id)
        started = time.perf_counter()
        result: TurnResult | None = None
        self._performing += 1
        with self._holding(claimed):
            try:
                async with asyncio.timeout(self._deadline_s):
                    result = await act(claimed.request(_nothing_said(claimed)))
            finally:
                self._performing -= 1
                duration_ms = (time.perf_counter() - started) * 1000
                await self._finish_surely(claimed, Ended(None, result, duration_ms))
                self.wake(conversation_id)
        return result

    async def _claim_between(self, conversation_id: str) -> Claimed:
        until = time.monotonic() + self._deadline_s
        while time.monotonic() < until:
            claimed = await self._database.write(
                lambda s: self._records.claim_outer(s, conversation_id)
            )
            if claimed is not None:
                return claimed
            await asyncio.sleep(LOOK_FOR_A_GAP_EVERY_S)
        raise Busy("overloaded", retry_after_s=5)

    def _typing(self, conversation_id: str, on: bool) -> None:
        self._hub.publish(TypingNow(conversation_id=conversation_id, who="bot", on=on))


def _nothing_said(claimed: Claimed) -> Understanding:
    return Understanding(text="", language=claimed.language, intent=IntentScore("", 0.0))
