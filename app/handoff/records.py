"""The record of a handoff: opened when a human is wanted, ended when they are done.

The card is what an agent reads of it before the first word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.handoff import repository
from app.models import Conversation, HandoffRecord, new_id, now
from dialogue.types import HandoffReason

TREND_LENGTH = 8
TRIED_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Card:
    """What an agent reads before the first word."""

    reason: str | None
    summary: str
    slots: Mapping[str, Any]
    sentiment_trend: Sequence[str]
    tried: Sequence[str]
    promised_at: datetime | None


def open_record(
    session: Session,
    row: Conversation,
    reason: HandoffReason,
    summary: str,
    slots: Mapping[str, Any],
) -> HandoffRecord:
    turns = repository.recent_turns(session, row.id, TREND_LENGTH)
    replies = repository.recent_replies(session, row.id, TRIED_LENGTH)
    entry = HandoffRecord(
        id=new_id(),
        conversation_id=row.id,
        kind="queue",
        reason=reason,
        summary=summary,
        slots=dict(slots),
        tried=[str(reply.content.get("text", ""))[:200] for reply in reversed(replies)],
        sentiment_trend=[turn.sentiment for turn in reversed(turns) if turn.sentiment],
        created_at=now(),
    )
    session.add(entry)
    session.flush()
    row.handoff_id = entry.id
    row.handoff_reason = reason
    return entry


def end_record(session: Session, row: Conversation, outcome: str) -> None:
    entry = repository.handoff(session, row.handoff_id)
    if entry is not None and entry.ended_at is None:
        entry.ended_at = now()
        entry.outcome = outcome
    row.handoff_id = row.handoff_reason = None


def card_of(session: Session, row: Conversation) -> Card | None:
    entry = repository.handoff(session, row.handoff_id)
    if entry is None:
        return None
    return Card(
        reason=entry.reason,
        summary=entry.summary,
        slots=entry.slots,
        sentiment_trend=entry.sentiment_trend,
        tried=entry.tried,
        promised_at=entry.promised_at,
    )
