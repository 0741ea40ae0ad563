"""The bot's turns: one at a time per conversation, owed from the moment a message is saved.

A turn is claimed in one transaction and finished in another; between them, while the text is
understood and answered, none is open. The reply is saved only if the bot still owns the
conversation then. A turn whose worker died is found by its lease and done again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Protocol

import orjson
import structlog
from sqlalchemy.orm import Session

from app.chat import repository
from app.chat.hints import (
    Hint,
    PartialNow,
    ReadNow,
    RowChanged,
    SpeechWanted,
    TroubleNow,
    TurnEnded,
    TypingNow,
)
from app.chat.messages import BOT, summary_of, to_content
from app.chat.service import ChatService, drop
from app.db import Database, is_sqlite, tell
from app.errors import DatabaseUnavailable
from app.handoff.service import HandoffService
from app.metrics import Metrics
from app.models import StoredMessage, TrackerEvent, Turn, new_id, now
from app.words import Words, as_language
from dialogue.types import (
    Handoff,
    OnPartial,
    Reply,
    StoredEvent,
    Trace,
    TurnRequest,
    TurnResult,
)
from nlu.types import Language, Overloaded, Parser, Understanding

LEASE = timedelta(seconds=30)
RENEW_EVERY_S = 8.0
SWEEP_EVERY_S = 5.0
SWEEP_LIMIT = 200
PARTIAL_EVERY_S = 0.06
"""Faster than this nobody reads; each partial holds the whole text so far."""
MAX_TURNS_AT_ONCE = 64
OVERLOADED_TRIES = 20
MAX_ATTEMPTS = 3
DATABASE_TRIES = 20
HISTORY_EVENTS = 5_000

log = structlog.get_logger(__name__)


class Assistant(Protocol):
    """The dialogue, as the host sees it."""

    async def turn(
        self, request: TurnRequest, on_partial: OnPartial | None = None
    ) -> TurnResult: ...


class Publisher(Protocol):
    def publish(self, hint: Hint) -> None: ...


@dataclass(frozen=True, slots=True)
class Claimed:
    """A turn this worker has taken, and what it needs to do it."""

    turn_id: str
    conversation_id: str
    text: str
    language: Language
    channel: str
    history: tuple[StoredEvent, ...]
    last_seq: int
    attempts: int


class TurnRunner:
    """Owns every task in which the bot thinks."""

    def __init__(
        self,
        database: Database,
        chat: ChatService,
        handoff: HandoffService,
        parser: Parser,
        assistant: Assistant,
        hub: Publisher,
        words: Words,
        metrics: Metrics,
        deadline_s: float,
    ) -> None:
        self._database = database
        self._chat = chat
        self._handoff = handoff
        self._parser = parser
        self._assistant = assistant
        self._hub = hub
        self._words = words
        self._metrics = metrics
        self._deadline_s = deadline_s
        self.worker = new_id()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._thinking: dict[str, asyncio.Task[TurnResult]] = {}
        self._again: set[str] = set()
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
        return len(self._tasks)

    def wake(self, conversation_id: str) -> None:
        """A turn is owed here. Cheap, and safe to call often."""
        if self._group is None or self._draining:
            return
        if conversation_id in self._tasks:
            self._again.add(conversation_id)
            return
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
        if self._tasks:
            until = now() + LEASE
            await self._database.write(lambda s: repository.renew_leases(s, self.worker, until))

    async def _sweep(self, older: timedelta) -> None:
        before = now() - older
        owed = await self._database.read(
            lambda s: list(repository.conversations_owed(s, before, SWEEP_LIMIT))
        )
        for conversation_id in owed:
            self.wake(conversation_id)

    # --- one conversation -------------------------------------------------------------------

    async def _work(self, conversation_id: str) -> None:
        """Do what is owed here, one turn after the other."""
        try:
            while not self._draining:
                self._again.discard(conversation_id)
                async with self._slots:
                    done = await self._one(conversation_id)
                if not done and conversation_id not in self._again:
                    return
        except DatabaseUnavailable as error:  # stays owed: the sweep comes back to it
            log.warning("turn_waits_for_database", conversation=conversation_id, code=error.code)
        finally:
            del self._tasks[conversation_id]

    async def _one(self, conversation_id: str) -> bool:
        claimed = await self._database.write(lambda s: self._claim(s, conversation_id))
        if claimed is None:
            return False
        started = time.perf_counter()
        self._typing(conversation_id, True)
        try:
            understanding, result = await self._think(claimed)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise  # the server stops: the turn stays owed
            result, understanding = None, None
        finally:
            self._thinking.pop(conversation_id, None)
            self._typing(conversation_id, False)
        duration_ms = (time.perf_counter() - started) * 1000
        if result is not None:
            self._metrics.turns.labels(result.trace.route).observe(duration_ms / 1000)
        await self._finish_surely(claimed, understanding, result, duration_ms)
        return True

    async def _finish_surely(
        self,
        claimed: Claimed,
        understanding: Understanding | None,
        result: TurnResult | None,
        duration_ms: float,
    ) -> None:
        """A reply is not thought of twice because the database was locked for a while."""
        for attempt in range(DATABASE_TRIES):
            try:
                await self._database.write(
                    lambda s: self._finish(s, claimed, understanding, result, duration_ms)
                )
                return
            except DatabaseUnavailable as error:
                if attempt == DATABASE_TRIES - 1:
                    raise
                await asyncio.sleep(error.retry_after_s or 1.0)

    def _claim(self, session: Session, conversation_id: str) -> Claimed | None:
        row = repository.lock_conversation(session, conversation_id)
        if row is None:
            return None
        running = repository.turn_in_state(session, conversation_id, "running")
        if running is not None and not _expired(running):
            return None
        turn = running or repository.turn_in_state(session, conversation_id, "pending")
        if turn is None:
            return None
        if row.owner != "bot":
            drop(turn)
            return None
        turn.state = "running"
        turn.worker = self.worker
        turn.lease_until = now() + LEASE
        turn.attempts += 1
        messages = repository.messages_of_turn(session, turn.id)
        only = messages[0] if len(messages) == 1 else None
        parts = [str(message.content.get("text", "")) for message in messages]
        text = only.payload if only is not None and only.payload else "\n".join(parts)
        events = repository.events(session, conversation_id)[-HISTORY_EVENTS:]
        row.agent_read_seq = max(row.agent_read_seq, row.last_seq)
        tell(session, ReadNow(conversation_id=row.id, who="bot", seq=row.last_seq))
        return Claimed(
            turn_id=turn.id,
            conversation_id=conversation_id,
            text=text,
            language=as_language(row.language),
            channel=row.channel,
            history=tuple(event.event for event in events),
            last_seq=row.last_seq,
            attempts=turn.attempts,
        )

    # --- thinking ---------------------------------------------------------------------------

    async def _think(self, claimed: Claimed) -> tuple[Understanding | None, TurnResult]:
        """Never raises but `CancelledError`: a turn that fails ends in an apology and a human."""
        understanding: Understanding | None = None
        if claimed.attempts > MAX_ATTEMPTS:  # it took the server down with it, more than once
            return None, self._apology(claimed, "given up")
        try:
            understanding = await self._understand(claimed)
            request = TurnRequest(
                conversation_id=claimed.conversation_id,
                understanding=understanding,
                history=claimed.history,
                now=time.time(),
                channel=claimed.channel,
                metadata={"turn_id": claimed.turn_id},
            )
            task = asyncio.create_task(self._answer(request, claimed))
            self._thinking[claimed.conversation_id] = task
            return understanding, await task
        except Exception as error:
            log.exception("turn_failed", conversation=claimed.conversation_id, turn=claimed.turn_id)
            return understanding, self._apology(claimed, type(error).__name__)

    async def _answer(self, request: TurnRequest, claimed: Claimed) -> TurnResult:
        async with asyncio.timeout(self._deadline_s):
            return await self._assistant.turn(request, self._partials(claimed))

    async def _understand(self, claimed: Claimed) -> Understanding:
        """Wait out an overloaded engine; the customer is told once, their message is kept."""
        for attempt in range(OVERLOADED_TRIES):
            try:
                return await self._parser.parse(claimed.text)
            except Overloaded as busy:
                if attempt == 0:
                    self._hub.publish(
                        TroubleNow(
                            conversation_id=claimed.conversation_id,
                            code="overloaded",
                            retry_after_s=busy.retry_after_s,
                        )
                    )
                await asyncio.sleep(busy.retry_after_s * (1 + attempt / 4))
        return await self._parser.parse(claimed.text)

    def _partials(self, claimed: Claimed) -> OnPartial:
        last = 0.0

        async def on_partial(text: str) -> None:
            nonlocal last
            if time.monotonic() - last < PARTIAL_EVERY_S:
                return
            last = time.monotonic()
            self._hub.publish(
                PartialNow(
                    conversation_id=claimed.conversation_id, turn_id=claimed.turn_id, text=text
                )
            )

        return on_partial

    def _apology(self, claimed: Claimed, failure: str) -> TurnResult:
        self._metrics.turn_failures.inc()
        words = self._words.notice("apology", claimed.language)
        return TurnResult(
            replies=(Reply(text=words, language=claimed.language, source="system"),),
            events=(),
            trace=Trace(route="fallback", notes=(f"turn failed: {failure}",)),
            handoff=Handoff("failure", claimed.text),
        )

    def _typing(self, conversation_id: str, on: bool) -> None:
        self._hub.publish(TypingNow(conversation_id=conversation_id, who="bot", on=on))

    # --- saving -----------------------------------------------------------------------------

    def _finish(
        self,
        session: Session,
        claimed: Claimed,
        understanding: Understanding | None,
        result: TurnResult | None,
        duration_ms: float,
    ) -> None:
        row = self._chat.lock(session, claimed.conversation_id)
        turn = repository.turn(session, claimed.turn_id)
        tell(session, TurnEnded(conversation_id=row.id, turn_id=claimed.turn_id))
        if turn is None or turn.state != "running" or turn.worker != self.worker:
            return  # taken over, cancelled or claimed by a human: nothing may be said
        if result is None or row.owner != "bot":
            drop(turn)
            return
        turn.state = "done"
        turn.finished_at = now()
        turn.duration_ms = duration_ms
        turn.route = result.trace.route
        turn.trace = as_json(result.trace)
        if understanding is not None:
            self._note(turn, understanding)
            row.language = understanding.language
            row.sentiment = understanding.sentiment.label
        self._append_events(session, turn, result)
        for reply in result.replies:
            said = self._chat.say(session, row, BOT, to_content(reply), turn.id)
            if row.voice and reply.text:
                tell(session, _speech(said, reply))
        if result.handoff is not None:
            handoff = result.handoff
            self._handoff.request(
                session, row, handoff.reason, handoff.summary, as_json(handoff.slots)
            )
        tell(session, RowChanged(conversation_id=row.id, summary=summary_of(row)))

    @staticmethod
    def _note(turn: Turn, understanding: Understanding) -> None:
        turn.intent = understanding.intent.name
        turn.sentiment = understanding.sentiment.label
        noted = as_json({**_fields(understanding), "vector": None})
        turn.understanding = noted

    @staticmethod
    def _append_events(session: Session, turn: Turn, result: TurnResult) -> None:
        position = repository.next_event_position(session, turn.conversation_id)
        session.add_all(
            TrackerEvent(
                id=new_id(),
                conversation_id=turn.conversation_id,
                position=position + offset,
                turn_id=turn.id,
                event=as_json(event),
            )
            for offset, event in enumerate(result.events)
        )


def _speech(said: StoredMessage, reply: Reply) -> SpeechWanted:
    return SpeechWanted(
        conversation_id=said.conversation_id,
        message_id=said.id,
        text=reply.text,
        language=reply.language,
    )


def _expired(turn: Turn) -> bool:
    return turn.lease_until is None or turn.lease_until <= now()


def _fields(understanding: Understanding) -> dict[str, Any]:
    return {name: getattr(understanding, name) for name in understanding.__slots__}


def as_json(value: object) -> Any:
    """Plain JSON of dataclasses, mappings and numpy numbers, for a JSON column."""

    def default(other: object) -> Any:
        if isinstance(other, Mapping):
            return dict(other)
        if isinstance(other, set | frozenset | tuple):
            return list(other)
        with suppress(TypeError):
            return asdict(other)  # type: ignore[call-overload]
        return str(other)

    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.loads(orjson.dumps(value, default=default, option=options))
