from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, new_id, now


class HandoffRecord(Base):
    """One time a human was asked for: why, what was tried, and what became of it."""

    __tablename__ = "handoffs"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"), index=True)
    kind: Mapped[Literal["queue", "ticket"]] = mapped_column(sa.String(6), default="queue")
    """queue: somebody is there; ticket: nobody was, and an answer is promised."""
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(sa.String(20))
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    slots: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    tried: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    sentiment_trend: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    agent_id: Mapped[str | None] = mapped_column(sa.ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    """cancelled, handed_back, closed."""
