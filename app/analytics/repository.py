"""SQL that counts; what it counts is said in `schemas`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.analytics.periods import QUARTER_S, Period
from app.models import Agent, Conversation, HandoffRecord, StoredMessage, Turn

MISSED = "fallback"
Column = InstrumentedAttribute[datetime]


@dataclass(frozen=True, slots=True)
class Begun:
    """Conversations that began in one quarter of an hour."""

    quarter: int
    all: int
    human: int
    over: int
    by_bot: int


@dataclass(frozen=True, slots=True)
class Turns:
    """The bot's answers of one quarter of an hour."""

    quarter: int
    all: int
    missed: int
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True)
class HandoffFacts:
    """One time that a human was asked for."""

    kind: str
    reason: str
    agent_id: str | None
    asked: datetime
    claimed: datetime | None
    ended: datetime | None
    outcome: str | None
    first_reply: datetime | None
    rating: int | None
    """Of the conversation, with its last handoff."""


def begun(session: Session, period: Period, quiet_since: datetime) -> list[Begun]:
    human = sa.exists().where(HandoffRecord.conversation_id == Conversation.id)
    over = sa.or_(Conversation.owner == "closed", Conversation.updated_at < quiet_since)
    rows = session.execute(
        sa.select(
            _quarter(session, Conversation.created_at).label("quarter"),
            sa.func.count(),
            _count_if(human),
            _count_if(over),
            _count_if(sa.and_(over, ~human)),
        )
        .where(_within(Conversation.created_at, period), Conversation.last_seq > 0)
        .group_by("quarter")
    )
    return [Begun(*map(int, row)) for row in rows]


def customer_messages(session: Session, period: Period) -> dict[int, int]:
    """How many came, by quarter of an hour."""
    rows = session.execute(
        sa.select(_quarter(session, StoredMessage.created_at).label("quarter"), sa.func.count())
        .where(
            _within(StoredMessage.created_at, period),
            StoredMessage.author_type == "visitor",
        )
        .group_by("quarter")
    )
    return {int(quarter): count for quarter, count in rows}


def turns(session: Session, period: Period) -> list[Turns]:
    rows = session.execute(
        sa.select(
            _quarter(session, Turn.created_at).label("quarter"),
            sa.func.count(),
            _count_if(Turn.route == MISSED),
            *(_count_if(Turn.sentiment == mood) for mood in ("positive", "neutral", "negative")),
        )
        .where(*_answered(period))
        .group_by("quarter")
    )
    return [Turns(*map(int, row)) for row in rows]


def routes(session: Session, period: Period) -> dict[str, int]:
    """How the bot came to its answers."""
    rows = session.execute(
        sa.select(Turn.route, sa.func.count())
        .where(*_answered(period), Turn.route.is_not(None))
        .group_by(Turn.route)
    )
    return {str(route): count for route, count in rows}


def intents(session: Session, period: Period, limit: int) -> list[tuple[str, int, int]]:
    """What customers wanted most: the intent, how often, and how often in vain."""
    count = sa.func.count().label("count")
    rows = session.execute(
        sa.select(Turn.intent, count, _count_if(Turn.route == MISSED))
        .where(*_answered(period), Turn.intent.is_not(None))
        .group_by(Turn.intent)
        .order_by(count.desc(), Turn.intent)
        .limit(limit)
    )
    return [(str(intent), count, int(missed)) for intent, count, missed in rows]


def ratings(session: Session, period: Period) -> dict[int, int]:
    """Conversations by their stars."""
    rows = session.execute(
        sa.select(Conversation.rating, sa.func.count())
        .where(_within(Conversation.created_at, period), Conversation.rating.is_not(None))
        .group_by(Conversation.rating)
    )
    return {int(stars or 0): count for stars, count in rows}


def thumbs(session: Session, period: Period) -> dict[str, int]:
    """Answers by what customers thought of them."""
    rows = session.execute(
        sa.select(StoredMessage.feedback, sa.func.count())
        .where(_within(StoredMessage.created_at, period), StoredMessage.feedback.is_not(None))
        .group_by(StoredMessage.feedback)
    )
    return {str(feedback): count for feedback, count in rows}


def replies(session: Session, period: Period) -> dict[str, int]:
    """Agents' messages by agent."""
    rows = session.execute(
        sa.select(StoredMessage.author_id, sa.func.count())
        .where(_within(StoredMessage.created_at, period), StoredMessage.author_type == "agent")
        .group_by(StoredMessage.author_id)
    )
    return dict(rows.tuples().all())


def handoffs(session: Session, period: Period) -> list[HandoffFacts]:
    first_reply = (
        sa.select(sa.func.min(StoredMessage.created_at))
        .where(
            StoredMessage.conversation_id == HandoffRecord.conversation_id,
            StoredMessage.author_type == "agent",
            StoredMessage.created_at >= HandoffRecord.created_at,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            HandoffRecord.kind,
            HandoffRecord.reason,
            HandoffRecord.agent_id,
            HandoffRecord.created_at,
            HandoffRecord.claimed_at,
            HandoffRecord.ended_at,
            HandoffRecord.outcome,
            first_reply,
            Conversation.rating,
        )
        .outerjoin(Conversation, Conversation.handoff_id == HandoffRecord.id)
        .where(_within(HandoffRecord.created_at, period))
    )
    return [HandoffFacts(*row) for row in rows]


def agents(session: Session) -> dict[str, str]:
    """Everybody's name by id, also of those who have left."""
    return dict(session.execute(sa.select(Agent.id, Agent.name)).tuples().all())


def missed(session: Session, period: Period, limit: int) -> Sequence[StoredMessage]:
    """What customers asked in vain, latest first."""
    return session.scalars(
        sa.select(StoredMessage)
        .join(Turn, StoredMessage.turn_id == Turn.id)
        .where(
            *_answered(period),
            Turn.route == MISSED,
            StoredMessage.author_type == "visitor",
            StoredMessage.payload.is_(None),
        )
        .order_by(StoredMessage.created_at.desc())
        .limit(limit)
    ).all()


def _answered(period: Period) -> list[sa.ColumnElement[bool]]:
    return [Turn.state == "done", _within(Turn.created_at, period)]


def _within(column: Column, period: Period) -> sa.ColumnElement[bool]:
    return sa.and_(column >= period.start, column < period.end)


def _count_if(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _quarter(session: Session, column: Column) -> sa.ColumnElement[int]:
    """The quarter of an hour since 1970 in which something was."""
    if session.get_bind().dialect.name == "sqlite":
        return sa.cast(sa.func.strftime("%s", column), sa.Integer) // QUARTER_S
    return sa.cast(sa.func.floor(sa.extract("epoch", column) / QUARTER_S), sa.Integer)
