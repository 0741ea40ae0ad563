"""SQL about the dialogue's events, by which a conversation's state is folded anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import TrackerEvent, new_id, now

OF_CONVERSATION: sa.BindParameter[str] = sa.bindparam("conversation")
EVENTS = TrackerEvent.__table__
HISTORY = (
    sa.select(EVENTS.c.event)
    .where(EVENTS.c.conversation_id == OF_CONVERSATION)
    .order_by(EVENTS.c.position.desc())
    .limit(sa.bindparam("limit"))
)
LAST_POSITION = sa.select(sa.func.max(EVENTS.c.position)).where(
    EVENTS.c.conversation_id == OF_CONVERSATION
)
HISTORY_EVENTS = 5_000


def latest(session: Session, conversation_id: str, limit: int = HISTORY_EVENTS) -> list[Any]:
    """The latest of the dialogue's events, oldest first."""
    keys = {"conversation": conversation_id, "limit": limit}
    return list(session.connection().scalars(HISTORY, keys))[::-1]


def add(session: Session, conversation_id: str, turn_id: str | None, events: Sequence[Any]) -> None:
    """After those that are there."""
    connection = session.connection()
    last = connection.scalar(LAST_POSITION, {"conversation": conversation_id})
    first = 0 if last is None else last + 1
    rows = [
        {
            "id": new_id(),
            "conversation_id": conversation_id,
            "position": position,
            "turn_id": turn_id,
            "event": event,
            "created_at": now(),
        }
        for position, event in enumerate(events, first)
    ]
    if rows:
        connection.execute(sa.insert(TrackerEvent), rows)


def of_turn(session: Session, turn_id: str) -> Sequence[TrackerEvent]:
    return session.scalars(
        sa.select(TrackerEvent)
        .where(TrackerEvent.turn_id == turn_id)
        .order_by(TrackerEvent.position)
    ).all()
