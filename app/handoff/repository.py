"""SQL about the queue and the record of handoffs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.handoff.rules import Rules
from app.handoff.views import OLDEST_FIRST, VIEWS, Cursor, Filters, View
from app.models import (
    CannedResponse,
    Conversation,
    HandoffRecord,
    Mention,
    Note,
    StoredMessage,
    Tag,
    Turn,
)
from app.models.base import PRIORITIES

OPEN_OWNERS = ("bot", "queued", "agent")
OPEN: tuple[View, ...] = tuple(view for view in VIEWS if view not in ("closed", "mentioned"))
QUEUE_ORDER = (Conversation.rank.desc(), Conversation.queued_at, Conversation.id)


def handoff(session: Session, handoff_id: str | None) -> HandoffRecord | None:
    return session.get(HandoffRecord, handoff_id) if handoff_id else None


def queue(session: Session, limit: int) -> Sequence[Conversation]:
    """Who is next first: the most urgent, of those the longest waiting."""
    return session.scalars(
        sa.select(Conversation)
        .where(Conversation.owner == "queued")
        .order_by(*QUEUE_ORDER)
        .limit(limit)
    ).all()


def ahead_of(session: Session, row: Conversation) -> int:
    """How many go before this one."""
    if row.queued_at is None:
        return 0
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(Conversation)
        .where(
            Conversation.owner == "queued",
            sa.or_(
                Conversation.rank > row.rank,
                sa.and_(
                    Conversation.rank == row.rank,
                    sa.or_(
                        Conversation.queued_at < row.queued_at,
                        sa.and_(Conversation.queued_at == row.queued_at, Conversation.id < row.id),
                    ),
                ),
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
    session: Session,
    filters: Filters,
    agent_id: str,
    overdue: sa.ColumnElement[bool] | None,
    start: Cursor | None,
    limit: int,
) -> Sequence[Conversation]:
    """Rows after `start`: the queue in its order, the rest latest first."""
    query = sa.select(Conversation).where(*_in_view(filters.view, agent_id), *_matching(filters))
    if overdue is not None:
        query = query.where(overdue)
    if start is not None:
        query = query.where(_after(start, filters.view))
    if filters.view in OLDEST_FIRST:
        query = query.order_by(*QUEUE_ORDER)
    else:
        query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc())
    return session.scalars(query.limit(limit)).all()


def counts(session: Session, agent_id: str) -> dict[View, int]:
    """The open ones in one pass, as the inbox asks often; the closed ones by their index alone."""
    sums = [sa.func.sum(sa.case((sa.and_(*_in_view(view, agent_id)), 1), else_=0)) for view in OPEN]
    row = session.execute(sa.select(*sums).where(Conversation.owner.in_(OPEN_OWNERS))).one()
    found: dict[View, int] = {view: int(row[index] or 0) for index, view in enumerate(OPEN)}
    for view in VIEWS:
        if view not in OPEN:
            query = sa.select(sa.func.count()).select_from(Conversation)
            found[view] = session.scalar(query.where(*_in_view(view, agent_id))) or 0
    return found


def later_than_promised(rules: Rules, at: datetime) -> sa.ColumnElement[bool]:
    """Whom a human has kept waiting longer than the rules promise."""
    late: list[sa.ColumnElement[bool]] = []
    for rank, priority in enumerate(PRIORITIES):
        promise = rules.promises[priority]
        for minutes, said in ((promise.first_reply_min, False), (promise.next_reply_min, True)):
            if minutes is not None:
                unanswered = Conversation.responded_at.is_(None)
                late.append(
                    sa.and_(
                        Conversation.rank == rank,
                        ~unanswered if said else unanswered,
                        Conversation.awaiting_since < at - timedelta(minutes=minutes),
                    )
                )
    return sa.or_(sa.false(), *late)


def _in_view(view: View, agent_id: str) -> list[sa.ColumnElement[bool]]:
    begun = Conversation.last_seq > 0
    own = sa.and_(Conversation.owner == "agent", Conversation.agent_id == agent_id)
    match view:
        case "mine":
            return [own, Conversation.snoozed_until.is_(None)]
        case "snoozed":
            return [own, Conversation.snoozed_until.is_not(None)]
        case "mentioned":
            called = (
                sa.select(Note.conversation_id)
                .join(Mention, Mention.note_id == Note.id)
                .where(Mention.agent_id == agent_id, Mention.read_at.is_(None))
            )
            return [Conversation.id.in_(called)]
        case "queued":
            return [Conversation.owner == "queued"]
        case "bot":
            return [Conversation.owner == "bot", begun]
        case "closed":
            return [Conversation.owner == "closed"]  # nobody closes what has not begun
        case "all":
            return [Conversation.owner != "closed", begun]


def _matching(filters: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if text := filters.q.strip():
        found.append(
            sa.or_(
                Conversation.visitor_name.icontains(text, autoescape=True),
                Conversation.last_message.icontains(text, autoescape=True),
                Conversation.id == text,
            )
        )
    if filters.tag:
        names = sa.type_coerce(Conversation.tags, sa.Text)
        found.append(names.contains(f"|{filters.tag}|", autoescape=True))
    if filters.priority:
        found.append(Conversation.rank == PRIORITIES.index(filters.priority))
    for column, wanted in (
        (Conversation.team_id, filters.team_id),
        (Conversation.agent_id, filters.agent_id),
        (Conversation.language, filters.language),
        (Conversation.sentiment, filters.sentiment),
    ):
        if wanted:
            found.append(column == wanted)
    return found


def _after(start: Cursor, view: View) -> sa.ColumnElement[bool]:
    key = Conversation.id
    if view in OLDEST_FIRST:
        at, rank = Conversation.queued_at, Conversation.rank
        later = sa.or_(at > start.moment, sa.and_(at == start.moment, key > start.id))
        return sa.or_(rank < start.rank, sa.and_(rank == start.rank, later))
    at = Conversation.updated_at
    return sa.or_(at < start.moment, sa.and_(at == start.moment, key < start.id))


def tags(session: Session) -> Sequence[str]:
    return session.scalars(sa.select(Tag.name).order_by(Tag.name)).all()


def make_tag(session: Session, name: str) -> None:
    """Unless it is there."""
    if session.get(Tag, name) is not None:
        return
    with suppress(IntegrityError), session.begin_nested():  # another worker may make it too
        session.add(Tag(name=name))


# --- canned responses -----------------------------------------------------------------------


def canned(session: Session) -> Sequence[CannedResponse]:
    return session.scalars(sa.select(CannedResponse).order_by(CannedResponse.shortcut)).all()


def canned_by_shortcut(session: Session, shortcut: str) -> CannedResponse | None:
    return session.scalar(sa.select(CannedResponse).where(CannedResponse.shortcut == shortcut))
