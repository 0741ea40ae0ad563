"""What may be read of conversations. Every method is a unit of work on a session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.chat import event_repository, repository, search_repository
from app.chat.agent_events import ConversationSummary
from app.chat.events import Message
from app.chat.messages import summary_of, to_wire
from app.errors import NotFound
from app.models.base import Owner
from app.words import as_language
from dialogue.types import StoredEvent
from nlu.types import Language

MESSAGES_PAGE = 200
MAX_URL_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as a socket finds it when it says hello."""

    conversation_id: str
    visitor_id: str
    epoch: str
    owner: Owner
    agent_name: str | None
    last_seq: int
    peer_read_seq: int
    language: Language


@dataclass(frozen=True, slots=True)
class Answer:
    done: bool
    """Nothing more comes of this message, unless a human writes."""
    messages: list[Message]


class ChatReader:
    """Finds and shows; changes nothing."""

    def entered(
        self,
        session: Session,
        visitor_id: str,
        language: Language | None,
        voice: bool | None,
        page_url: str | None,
    ) -> Opened | None:
        """The visitor's latest conversation, if entering it would change nothing."""
        row = repository.opened_latest(session, visitor_id)
        changes = (
            row is None
            or voice not in (None, row.voice)
            or bool(page_url and row.page_url != page_url[:MAX_URL_CHARS])
            or bool(row.last_seq == 0 and language and row.language != language)
        )
        return None if row is None or changes else _opened(row)

    def opened(self, session: Session, conversation_id: str) -> Opened:
        row = repository.opened(session, conversation_id)
        if row is None:
            raise NotFound()
        return _opened(row)

    def latest_id(self, session: Session, visitor_id: str) -> str | None:
        row = repository.latest_conversation(session, visitor_id)
        return row.id if row else None

    def last_seqs(self, session: Session, ids: Sequence[str]) -> dict[str, int]:
        return repository.last_seqs(session, ids)

    def why(
        self, session: Session, conversation_id: str, message_id: str
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """(understanding, trace) of the turn that a message belongs to."""
        stored = repository.message(session, message_id)
        if stored is None or stored.conversation_id != conversation_id:
            raise NotFound("message_not_found")
        turn = repository.turn(session, stored.turn_id) if stored.turn_id else None
        return (turn.understanding, turn.trace) if turn else (None, None)

    def answer_to(self, session: Session, message_id: str) -> Answer:
        """What has been said so far to a customer's message, notices of the system included."""
        asked = repository.message(session, message_id)
        if asked is None:
            raise NotFound("message_not_found")
        turn = repository.turn(session, asked.turn_id) if asked.turn_id else None
        done = turn is None or turn.state in ("done", "dropped")
        rows = repository.answers_to(session, asked) if asked.turn_id else ()
        return Answer(done, [to_wire(row) for row in rows])

    def search(
        self, session: Session, text: str, before: str | None, limit: int
    ) -> list[tuple[Message, ConversationSummary]]:
        """Messages that hold every part of `text`, the latest first."""
        found = search_repository.search(session, text, before, limit)
        return [(to_wire(message), summary_of(row)) for message, row in found]

    def trail(self, session: Session, visitor_id: str) -> list[tuple[str, datetime]]:
        """(page, when) of the customer's latest pages, latest first."""
        return [(row.url, row.at) for row in repository.pages(session, visitor_id)]

    def earlier(self, session: Session, conversation_id: str) -> list[ConversationSummary]:
        """Other conversations of the same customer, latest first."""
        row = repository.conversation(session, conversation_id)
        others = repository.other_conversations(session, row) if row else ()
        return [summary_of(other) for other in others]

    def asked(self, session: Session, conversation_id: str, limit: int) -> list[Message]:
        """What the customer typed last, latest first."""
        rows = repository.visitor_messages(session, conversation_id, limit)
        return [to_wire(row) for row in rows]

    def history(self, session: Session, conversation_id: str) -> list[StoredEvent]:
        """The dialogue's events, oldest first."""
        return event_repository.latest(session, conversation_id)

    def histories(
        self, session: Session, ids: Sequence[str], since: datetime | None
    ) -> Iterator[tuple[str, list[StoredEvent]]]:
        """(id, the dialogue's events) of the conversations named, or of all begun since."""
        for id_ in ids or repository.conversations_since(session, since):
            yield id_, self.history(session, id_)

    def messages_after(
        self, session: Session, conversation_id: str, after_seq: int, limit: int = MESSAGES_PAGE
    ) -> list[Message]:
        rows = repository.messages_after(session, conversation_id, after_seq, limit)
        return [to_wire(row) for row in rows]

    def messages_before(
        self, session: Session, conversation_id: str, before_seq: int | None, limit: int
    ) -> list[Message]:
        rows = repository.messages_before(session, conversation_id, before_seq, limit)
        return [to_wire(row) for row in rows]

    def message_of_visitor(self, session: Session, visitor_id: str, message_id: str) -> Message:
        """A message of one of the visitor's own conversations; for others it does not exist."""
        stored = repository.message(session, message_id)
        row = repository.conversation(session, stored.conversation_id) if stored else None
        if stored is None or row is None or row.visitor_id != visitor_id:
            raise NotFound("message_not_found")
        return to_wire(stored)


def _opened(row: repository.Columns) -> Opened:
    return Opened(
        conversation_id=row.id,
        visitor_id=row.visitor_id,
        epoch=row.epoch,
        owner=row.owner,
        agent_name=row.agent_name,
        last_seq=row.last_seq,
        peer_read_seq=row.agent_read_seq,
        language=as_language(row.language),
    )
