"""SQL about the queue and the record of handoffs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.handoff.views import OLDEST_FIRST, Cursor, View
from app.models import CannedResponse, Conversation, HandoffRecord, StoredMessage, Turn


def handoff(session: Session, handoff_id: str | None) -> HandoffRecord | None:
    return session.get(HandoffRecord, handoff_id) if handoff_id else None


def queue(session: Session, limit: int) -> Sequence[Conversation]:
    """Who waits longest first."""
    return session.scalars(
        sa.select(Conversation)
        .where(Conversation.owner == "queued")
        .order_by(Conversation.queued_at, Conversation.id)
        .limit(limit)
    ).all()


def ahead_of(session: Session, row: Conversation) -> int:
    """How many waited before this one."""
    if row.queued_at is None:
        return 0
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Conversation)
        .where(
            Conversation.owner == "queued",
            sa.or_(
                Conversation.queued_at < row.queued_at,
                sa.and_(Conversation.queued_at == row.queued_at, Conversation.id < row.id),
            ),
        )
    )
    return count or 0


def recent_waits(session: Session, limit: int) -> list[tuple[datetime, datetime]]:
    """(asked, claimed) of the latest claims of customers for whom somebody was there."""
    rows = session.execute(
        sa.select(HandoffRecord.created_at, HandoffRecord.claimed_at)
        .where(HandoffRecord.claimed_at.is_not(None), HandoffRecord.kind == "queue")
        .order_by(HandoffRecord.claimed_at.desc())
        .limit(limit)
    )
    return [(asked, claimed) for asked, claimed in rows if claimed is not None]


def recent_turns(session: Session, conversation_id: str, limit: int) -> Sequence[Turn]:
    """Latest first."""
    return session.scalars(
        sa.select(Turn)
        .where(Turn.conversation_id == conversation_id, Turn.state == "done")
        .order_by(Turn.created_at.desc())
        .limit(limit)
    ).all()


def recent_replies(session: Session, conversation_id: str, limit: int) -> Sequence[StoredMessage]:
    """The bot's latest messages, latest first."""
    return session.scalars(
        sa.select(StoredMessage)
        .where(StoredMessage.conversation_id == conversation_id, StoredMessage.author_type == "bot")
        .order_by(StoredMessage.seq.desc())
        .limit(limit)
    ).all()


# --- the inbox ------------------------------------------------------------------------------


def page(
    session: Session, view: View, agent_id: str, q: str, start: Cursor | None, limit: int
) -> Sequence[Conversation]:
    """Rows of a view after `start`: the queue oldest first, the rest latest first."""
    query = sa.select(Conversation).where(*_in_view(view, agent_id), *_matching(q))
    if start is not None:
        query = query.where(_after(start, view))
    if view in OLDEST_FIRST:
        query = query.order_by(Conversation.queued_at, Conversation.id)
    else:
        query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return session.scalars(query.limit(limit)).all()


def count(session: Session, view: View, agent_id: str) -> int:
    query = sa.select(sa.func.count()).select_from(Conversation)
    return session.scalar(query.where(*_in_view(view, agent_id))) or 0


def _in_view(view: View, agent_id: str) -> list[sa.ColumnElement[bool]]:
    begun = Conversation.last_seq > 0
    match view:
        case "mine":
            return [Conversation.owner == "agent", Conversation.agent_id == agent_id]
        case "queued":
            return [Conversation.owner == "queued"]
        case "bot":
            return [Conversation.owner == "bot", begun]
        case "closed":
            return [Conversation.owner == "closed", begun]
        case "all":
            return [Conversation.owner != "closed", begun]


def _matching(q: str) -> list[sa.ColumnElement[bool]]:
    text = q.strip()
    if not text:
        return []
    return [
        sa.or_(
            Conversation.visitor_name.icontains(text, autoescape=True),
            Conversation.last_message.icontains(text, autoescape=True),
            Conversation.id == text,
        )
    ]


def _after(start: Cursor, view: View) -> sa.ColumnElement[bool]:
    key = Conversation.id
    if view in OLDEST_FIRST:
        at = Conversation.queued_at
        return sa.or_(at > start.moment, sa.and_(at == start.moment, key > start.id))
    at = Conversation.updated_at
    return sa.or_(at < start.moment, sa.and_(at == start.moment, key < start.id))


# --- canned responses -----------------------------------------------------------------------


def canned(session: Session) -> Sequence[CannedResponse]:
    return session.scalars(sa.select(CannedResponse).order_by(CannedResponse.shortcut)).all()


def canned_by_shortcut(session: Session, shortcut: str) -> CannedResponse | None:
    return session.scalar(sa.select(CannedResponse).where(CannedResponse.shortcut == shortcut))
