from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, new_id, now


class Turn(Base):
    """The bot's work on one or more customer messages: owed, under way, done or dropped.

    A message and the turn that owes its answer are committed together, so that a server that
    dies in between finds on start what it still has to answer.
    """

    __tablename__ = "turns"
    __table_args__ = (sa.Index("ix_turns_state_created_at", "state", "created_at"),)

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"), index=True)
    state: Mapped[Literal["pending", "running", "done", "dropped"]] = mapped_column(
        sa.String(8), default="pending"
    )
    """pending, running, done, dropped (a human took over, or the customer cancelled)."""
    worker: Mapped[str | None] = mapped_column(sa.String(ID_CHARS))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """A running turn whose worker let this pass is taken over by another."""
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    intent: Mapped[str | None] = mapped_column(sa.String(200))
    route: Mapped[str | None] = mapped_column(sa.String(20))
    sentiment: Mapped[str | None] = mapped_column(sa.String(8))
    duration_ms: Mapped[float | None]
    understanding: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)
    trace: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON)


class TrackerEvent(Base):
    """One event of the dialogue in Rasa's JSON form; a conversation's state is their replay."""

    __tablename__ = "tracker_events"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"))
    position: Mapped[int]
    turn_id: Mapped[str | None] = mapped_column(sa.String(ID_CHARS))
    event: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
