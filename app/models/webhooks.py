from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Names, UtcDateTime, new_id, now


class Webhook(Base):
    """An address of another program that is told what happens."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(100))
    url: Mapped[str] = mapped_column(sa.String(2000))
    events: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    secret: Mapped[str] = mapped_column(sa.String(400))
    """Signs what is told; encrypted, what opens it is not in the database."""
    old_secret: Mapped[str | None] = mapped_column(sa.String(400))
    """Signs too, until then: the other side learns of the new one in its own time."""
    old_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[Literal["failing", "gone"] | None] = mapped_column(sa.String(10))
    """None when a person did it."""
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts in a row that failed."""
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class WebhookDelivery(Base):
    """Something that one webhook is told, owed or done. It holds no customer's words: those are
    read when it is sent, so that what was taken back or erased is told to nobody."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
        sa.Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
    )

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    webhook_id: Mapped[str] = mapped_column(sa.ForeignKey("webhooks.id", ondelete="CASCADE"))
    conversation_id: Mapped[str | None] = mapped_column(
        sa.ForeignKey("conversations.id"), index=True
    )
    """None for a test."""
    event: Mapped[str] = mapped_column(sa.String(40))
    message_id: Mapped[str | None] = mapped_column(sa.String(ID_CHARS))
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state: Mapped[Literal["pending", "delivered", "failed"]] = mapped_column(
        sa.String(10), default="pending"
    )
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When it is tried again; while it is being tried, when another worker may take it over."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    """HTTP's, of the last attempt."""
    error: Mapped[str | None] = mapped_column(sa.String(40))
    duration_ms: Mapped[float | None]
