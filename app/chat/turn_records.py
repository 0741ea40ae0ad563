"""A turn in the database: taken in one transaction, finished in another.

What a worker thinks in between is saved only if the turn is still its own and the bot still owns
the conversation.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy.orm import Session

from app.chat import event_repository, repository
from app.chat.events import Content
from app.chat.forgetting import RECALLED, forget_words
from app.chat.hints import ReadNow, RowChanged, SpeechWanted, TurnEnded
from app.chat.messages import BOT, said_to_the_bot, summary_of, to_content
from app.chat.service import ChatService, drop
from app.chat.writer import Owed
from app.db import tell
from app.errors import Conflict
from app.handoff.service import HandoffService
from app.models import VERIFIED, Conversation, StoredMessage, Turn, new_id, now
from app.words import as_language
from dialogue.reminders import next_due_at
from dialogue.types import Reply, StoredEvent, TurnRequest, TurnResult
from nlu.types import Language, Understanding

LEASE = timedelta(seconds=12)
"""How long a customer waits at most, after a worker's death, until another takes their turn."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A turn this worker has taken, and what it needs to do it."""

    turn_id: str
    conversation_id: str
    text: str
    language: Language
    channel: str
    history: tuple[StoredEvent, ...]
    sender_id: str
    """What actions know the customer by: an outer channel's name for them, else the conversation."""
    attempts: int
    told: int
    """How many of its replies are messages already: an earlier attempt died after them."""
    verified: bool
    """The host site vouches for who the customer is."""
    whole: bool = True
    """No more of it can come: a tap on a button, or words that a tap has followed."""

    @property
    def may_begin_anew(self) -> bool:
        return not self.told and not self.whole

    def request(self, understanding: Understanding) -> TurnRequest:
        return TurnRequest(
            conversation_id=self.sender_id,
            understanding=understanding,
            history=self.history,
            now=time.time(),
            channel=self.channel,
            verified=self.verified,
            metadata={"turn_id": self.turn_id},
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of a turn; no result when it was given up, or failed for another program."""

    understanding: Understanding | None
    result: TurnResult | None
    duration_ms: float
    anew: bool = False
    """A message that came meanwhile is to be answered in it too: then all of it begins anew."""


class TurnRecords:
    """Units of work about turns, all in the name of one worker."""

    def __init__(self, chat: ChatService, handoff: HandoffService, worker: str) -> None:
        self._chat = chat
        self._handoff = handoff
        self.worker = worker

    def claim(self, session: Session, conversation_id: str) -> Claimed | None:
        row = repository.lock_conversation(session, conversation_id)
        if row is None:
            return None
        turns = repository.open_turns(session, conversation_id)
        running = next((turn for turn in turns if turn.state == "running"), None)
        if not turns or (running is not None and not _expired(running)):
            return None
        turn = running or turns[0]
        messages = [
            message
            for message in repository.messages_of_turn(session, turn.id)
            if not message.content.get("recalled")
        ]
        if row.owner != "bot" or not messages:  # or what a dead worker did for another program
            drop(turn)
            return None
        count = _in_one_go(messages)
        if count < len(messages):
            self._put_off(session, turn, turns, messages[count:])
        whole = count < len(messages) or _is_tap(messages[0])
        return self._read(session, row, turn, messages[:count], whole=whole)

    def begin(self, session: Session, owed: Owed) -> Claimed | None:
        """Claim a turn in the unit of work that makes it; not in a burst, of which more may come."""
        if len(owed.messages) > 1:
            return None
        whole = _is_tap(owed.messages[0])
        return self._read(session, owed.row, owed.turn, owed.messages, whole=whole)

    def _read(
        self,
        session: Session,
        row: Conversation,
        turn: Turn,
        messages: Sequence[StoredMessage],
        *,
        whole: bool,
    ) -> Claimed:
        row.agent_read_seq = max(row.agent_read_seq, row.last_seq)
        tell(session, ReadNow(conversation_id=row.id, who="bot", seq=row.last_seq))
        said = "\n".join(message.payload or _words(message) for message in messages)
        return self._take(session, row, turn, said, whole=whole)

    @staticmethod
    def _put_off(
        session: Session, turn: Turn, turns: Sequence[Turn], messages: Sequence[StoredMessage]
    ) -> None:
        """The messages are answered in the next turn."""
        later = next((one for one in turns if one is not turn and one.state == "pending"), None)
        if later is None:
            later = Turn(id=new_id(), conversation_id=turn.conversation_id, state="pending")
            session.add(later)
        for message in messages:
            message.turn_id = later.id

    def claim_outer(self, session: Session, conversation_id: str) -> Claimed | None:
        """A turn for what another program asks; None while one runs.

        Raises `NotFound`, `Conflict` while the bot does not own the conversation.
        """
        row = self._chat.lock(session, conversation_id)
        if row.owner != "bot":
            raise Conflict("wrong_state", owner=row.owner)
        if repository.turn_in_state(session, conversation_id, "running") is not None:
            return None
        turn = Turn(id=new_id(), conversation_id=conversation_id, attempts=0)
        session.add(turn)
        return self._take(session, row, turn, "")

    def _take(
        self, session: Session, row: Conversation, turn: Turn, text: str, *, whole: bool = True
    ) -> Claimed:
        turn.state = "running"
        turn.worker = self.worker
        turn.lease_until = now() + LEASE
        turn.attempts += 1
        with session.no_autoflush:
            history = event_repository.latest(session, row.id)
            outer = repository.outer_name(session, row.visitor_id)
            told = repository.replies_of_turn(session, turn.id) if turn.attempts > 1 else 0
        return Claimed(
            turn_id=turn.id,
            conversation_id=row.id,
            text=text,
            language=as_language(row.language),
            channel=row.channel,
            history=tuple(history),
            sender_id=outer.partition(":")[2] if outer else row.id,
            attempts=turn.attempts,
            told=told,
            verified=outer is not None and outer.startswith(f"{VERIFIED}:"),
            whole=whole,
        )

    def finish(
        self,
        session: Session,
        claimed: Claimed,
        ended: Ended,
    ) -> bool:
        """True if the next turn is owed already."""
        understanding, result = ended.understanding, ended.result
        row = self._chat.lock(session, claimed.conversation_id)
        turns = repository.open_turns(session, row.id)
        turn = next((turn for turn in turns if turn.id == claimed.turn_id), None)
        more = any(other.state == "pending" for other in turns)
        tell(session, TurnEnded(conversation_id=row.id, turn_id=claimed.turn_id))
        if turn is None or turn.state != "running" or turn.worker != self.worker:
            return more  # taken over, cancelled or claimed by a human: nothing may be said
        given_up = result is None or (ended.anew and more)
        if given_up and row.owner == "bot" and self._began_anew(session, turn):
            return True
        if result is None or row.owner != "bot":
            drop(turn)
            return more
        language = as_language(row.language)
        events = [self._hidden(as_json(event), language) for event in result.events]
        event_repository.add(session, row.id, turn.id, events)
        recalled = turn.trace == RECALLED
        turn.state = "done"
        turn.finished_at = now()
        turn.duration_ms = ended.duration_ms
        turn.route = result.trace.route
        turn.trace = as_json(result.trace)
        if understanding is not None:
            self._note(turn, understanding)
            self._handoff.tag(session, row, understanding.topics)
            row.language = result.language or row.language
            row.sentiment = understanding.sentiment.label
        if recalled:  # while it was answered
            session.flush()
            forget_words(session, turn, "")
        due = next_due_at((*claimed.history, *result.events))
        row.remind_at = datetime.fromtimestamp(due, UTC) if due is not None else None
        self._say(session, row, turn, result.replies)
        if result.handoff is not None:
            handoff = result.handoff
            self._handoff.request(
                session, row, handoff.reason, handoff.summary, as_json(handoff.slots)
            )
        tell(session, RowChanged(conversation_id=row.id, summary=summary_of(row)))
        return more

    def say(self, session: Session, claimed: Claimed, replies: Sequence[Reply]) -> bool:
        """Save what was said while the turn goes on. False, and nothing said, if it is not ours."""
        row = self._chat.lock(session, claimed.conversation_id)
        turn = repository.turn(session, claimed.turn_id)
        if turn is None or turn.state != "running" or turn.worker != self.worker:
            return False
        if row.owner != "bot":
            return False
        self._say(session, row, turn, replies)
        return True

    def _say(
        self, session: Session, row: Conversation, turn: Turn, replies: Sequence[Reply]
    ) -> None:
        for reply in replies:
            said = self._chat.say(session, row, BOT, to_content(reply), turn.id)
            if row.voice and reply.text:
                tell(session, _speech(said, reply))

    @staticmethod
    def _began_anew(session: Session, turn: Turn) -> bool:
        """The customer wrote on while it was thought about: the next answer is to all of it.

        False where no message asked for the turn.
        """
        asked = repository.messages_of_turn(session, turn.id)
        if not asked:
            return False
        later = repository.turn_in_state(session, turn.conversation_id, "pending")
        if later is None:
            turn.state, turn.lease_until, turn.attempts = "pending", None, 0
            return True
        for message in asked:
            message.turn_id = later.id
        drop(turn)
        return True

    @staticmethod
    def _note(turn: Turn, understanding: Understanding) -> None:
        turn.intent = understanding.intent.name
        turn.sentiment = understanding.sentiment.label
        noted = as_json({**_fields(understanding), "vector": None})
        turn.understanding = noted

    def _hidden(self, event: StoredEvent, language: Language) -> StoredEvent:
        """What an action said may hold what the owner does not want kept."""
        text = event.get("text")
        if not isinstance(text, str):
            return event
        return {**event, "text": self._chat.hide(text, language)}


def _speech(said: StoredMessage, reply: Reply) -> SpeechWanted:
    return SpeechWanted(
        conversation_id=said.conversation_id,
        message_id=said.id,
        text=str(said.content.get("text", "")),
        language=reply.language,
    )


def _words(message: StoredMessage) -> str:
    return said_to_the_bot(Content.model_validate(message.content))


def _is_tap(message: StoredMessage) -> bool:
    """A button's, or typed as one: no part of a sentence."""
    return bool(message.payload) or _words(message).startswith("/")


def _in_one_go(messages: Sequence[StoredMessage]) -> int:
    """How many of them are one utterance: a tap stands alone, words go together."""
    if _is_tap(messages[0]):
        return 1
    return next((at for at, message in enumerate(messages) if _is_tap(message)), len(messages))


def _expired(turn: Turn) -> bool:
    until, at = turn.lease_until, now()
    return until is None or until <= at or until > at + repository.CLOCKS_APART


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
