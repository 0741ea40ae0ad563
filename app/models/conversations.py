from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    ID_CHARS,
    AuthorType,
    Base,
    Language,
    Names,
    Owner,
    Polarity,
    UtcDateTime,
    new_id,
    now,
)


class Conversation(Base):
    """One customer's chat: who owns it, how far it has come, and what the inbox shows of it."""

    __tablename__ = "conversations"
    __table_args__ = (
        sa.Index("ix_conversations_owner_rank_queued_at", "owner", "rank", "queued_at"),
        sa.Index("ix_conversations_owner_updated_at", "owner", "updated_at"),
    )

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    visitor_id: Mapped[str] = mapped_column(sa.ForeignKey("visitors.id"), index=True)
    visitor_name: Mapped[str] = mapped_column(sa.String(200), default="")
    channel: Mapped[str] = mapped_column(sa.String(40), default="widget")
    language: Mapped[Language] = mapped_column(sa.String(2), default="zh")
    page_url: Mapped[str | None] = mapped_column(sa.String(2000))
    voice: Mapped[bool] = mapped_column(default=False)

    owner: Mapped[Owner] = mapped_column(sa.String(8), default="bot")
    agent_id: Mapped[str | None] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    agent_name: Mapped[str | None] = mapped_column(sa.String(200))
    queued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handoff_id: Mapped[str | None] = mapped_column(sa.String(ID_CHARS))
    handoff_reason: Mapped[str | None] = mapped_column(sa.String(20))

    rank: Mapped[int] = mapped_column(default=1)
    """How urgent, a place in `PRIORITIES`."""
    tags: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    team_id: Mapped[str | None] = mapped_column(sa.ForeignKey("teams.id"))
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    human_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a human was first wanted, this time."""
    awaiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the customer waits for a word of a human."""
    responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """A human's first word, this time."""
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """On hold since then: somebody else has to do something first."""
    held_s: Mapped[float] = mapped_column(default=0.0)
    """How long it was on hold before."""

    epoch: Mapped[str] = mapped_column(sa.String(ID_CHARS), default=new_id)
    """Changes when acknowledged history changed under the clients, e.g. by a restored backup."""
    last_seq: Mapped[int] = mapped_column(default=0)
    visitor_read_seq: Mapped[int] = mapped_column(default=0)
    agent_read_seq: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
    """Customer messages that no agent has read."""
    last_message: Mapped[str] = mapped_column(sa.String(200), default="")
    last_author: Mapped[AuthorType | None] = mapped_column(sa.String(8))
    sentiment: Mapped[Polarity] = mapped_column(sa.String(8), default="neutral")
    rating: Mapped[int | None]
    rating_comment: Mapped[str] = mapped_column(sa.String(1000), default="")
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When the dialogue's next reminder is due; its events say which."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
