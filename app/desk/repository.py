"""SQL about notes, mentions, saved views, tags and corrections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import (
    Conversation,
    Correction,
    Mention,
    Note,
    SavedView,
    StoredMessage,
    Turn,
)

NOTES_SHOWN = 500
MENTIONS_SHOWN = 100


def notes(session: Session, conversation_id: str) -> Sequence[Note]:
    """Oldest first."""
    return session.scalars(
        sa.select(Note)
        .where(Note.conversation_id == conversation_id)
        .order_by(Note.created_at, Note.id)
        .limit(NOTES_SHOWN)
    ).all()


def mentioned(session: Session, note_ids: Collection[str]) -> dict[str, list[str]]:
    """Agents' ids by note."""
    found: dict[str, list[str]] = {}
    query = sa.select(Mention.note_id, Mention.agent_id).where(Mention.note_id.in_(note_ids))
    for note_id, agent_id in session.execute(query.order_by(Mention.agent_id)):
        found.setdefault(note_id, []).append(agent_id)
    return found


def unread_mentions(session: Session, agent_id: str) -> Sequence[tuple[Note, str]]:
    """(note, the customer's name), latest first."""
    rows = session.execute(
        sa.select(Note, Conversation.visitor_name)
        .join(Mention, Mention.note_id == Note.id)
        .join(Conversation, Conversation.id == Note.conversation_id)
        .where(Mention.agent_id == agent_id, Mention.read_at.is_(None))
        .order_by(Note.created_at.desc())
        .limit(MENTIONS_SHOWN)
    )
    return [(note, name) for note, name in rows]


def read_mentions(session: Session, agent_id: str, conversation_id: str, at: datetime) -> None:
    here = sa.select(Note.id).where(Note.conversation_id == conversation_id)
    session.execute(
        sa.update(Mention)
        .where(Mention.agent_id == agent_id, Mention.note_id.in_(here), Mention.read_at.is_(None))
        .values(read_at=at)
        .execution_options(synchronize_session=False)
    )


def forget_mentions(session: Session, note_id: str) -> None:
    session.execute(sa.delete(Mention).where(Mention.note_id == note_id))


def views_of(session: Session, agent_id: str) -> Sequence[SavedView]:
    """The agent's own, and what others share."""
    return session.scalars(
        sa.select(SavedView)
        .where(sa.or_(SavedView.agent_id == agent_id, SavedView.shared))
        .order_by(SavedView.created_at)
    ).all()


# --- corrections ----------------------------------------------------------------------------


def customer_message(
    session: Session, conversation_id: str, message_id: str
) -> StoredMessage | None:
    """A customer's message; for a bot's reply the one that it answers."""
    found = session.get(StoredMessage, message_id)
    if found is None or found.conversation_id != conversation_id:
        return None
    if found.author_type == "visitor":
        return found
    if found.turn_id is None:
        return None
    return session.scalar(
        sa.select(StoredMessage)
        .where(StoredMessage.turn_id == found.turn_id, StoredMessage.author_type == "visitor")
        .order_by(StoredMessage.seq.desc())
        .limit(1)
    )


def turn(session: Session, turn_id: str | None) -> Turn | None:
    return session.get(Turn, turn_id) if turn_id else None


def correction_of(session: Session, message_id: str) -> Correction | None:
    return session.scalar(sa.select(Correction).where(Correction.message_id == message_id))


def corrections(session: Session, limit: int | None = None) -> Sequence[Correction]:
    """Latest first."""
    return session.scalars(
        sa.select(Correction).order_by(Correction.at.desc(), Correction.id.desc()).limit(limit)
    ).all()
