"""SQL about what customers asked in vain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.faq.schemas.unanswered import UnansweredQuestion
from app.models import FaqSettledQuestion, HandoffRecord, StoredMessage, Turn, now
from nlu.types import FALLBACK_INTENT

GAVE_UP = ("misses", "ungrounded")
"""Reasons of a handoff that say that the bot did not know."""


def unsettled(session: Session, since: datetime, limit: int) -> list[UnansweredQuestion]:
    """Typed questions whose turn found no answer, or whose reply was rated badly; latest first."""
    reply = sa.orm.aliased(StoredMessage)
    disliked = sa.exists().where(reply.turn_id == Turn.id, reply.feedback == "down")
    handed_over = sa.and_(
        Turn.route == "handoff",
        sa.exists().where(
            HandoffRecord.conversation_id == Turn.conversation_id,
            HandoffRecord.reason.in_(GAVE_UP),
            HandoffRecord.created_at >= Turn.finished_at,
        ),
    )
    settled = sa.exists().where(FaqSettledQuestion.message_id == StoredMessage.id)
    rows = session.execute(
        sa.select(StoredMessage, disliked, handed_over, Turn.understanding)
        .join(Turn, StoredMessage.turn_id == Turn.id)
        .where(
            Turn.created_at >= since,
            Turn.state == "done",
            StoredMessage.author_type == "visitor",
            StoredMessage.payload.is_(None),
            sa.or_(Turn.route == "fallback", disliked, handed_over),
            ~settled,
        )
        .order_by(StoredMessage.created_at.desc())
        .limit(limit)
    )
    return [
        UnansweredQuestion(
            message_id=message.id,
            conversation_id=message.conversation_id,
            text=text,
            at=message.created_at,
            reason=_reason(bad, gave_up),
            intent=_intent(understood or {}),
        )
        for message, bad, gave_up, understood in rows
        if (text := _text(message)) and any(char.isalpha() for char in text)
    ]


def texts(session: Session, message_ids: Collection[str]) -> dict[str, str]:
    """What customers wrote, by the id of the message; others' messages are left out."""
    rows = session.scalars(
        sa.select(StoredMessage).where(
            StoredMessage.id.in_(message_ids), StoredMessage.author_type == "visitor"
        )
    )
    return {row.id: _text(row) for row in rows}


def settle(
    session: Session, message_ids: Collection[str], entry_id: str | None, author_id: str
) -> None:
    """Ask of these no more."""
    known = session.scalars(
        sa.select(FaqSettledQuestion.message_id).where(
            FaqSettledQuestion.message_id.in_(message_ids)
        )
    )
    for message_id in set(message_ids) - set(known):
        session.add(
            FaqSettledQuestion(
                message_id=message_id, entry_id=entry_id, author_id=author_id, at=now()
            )
        )
    session.flush()


def _text(message: StoredMessage) -> str:
    return str(message.content.get("text") or "").strip()


def _intent(understood: Mapping[str, Any]) -> str | None:
    """The likeliest one that the bot has, though it was not sure of it."""
    ranking = understood.get("intent_ranking") or ()
    names = (str(ranked.get("name")) for ranked in ranking)
    return next((name for name in names if name != FALLBACK_INTENT), None)


def _reason(disliked: bool, handed_over: bool) -> Literal["unanswered", "bad_rating", "handoff"]:
    return "bad_rating" if disliked else "handoff" if handed_over else "unanswered"
