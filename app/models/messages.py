from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, AuthorType, Base, UtcDateTime, new_id, now


class StoredMessage(Base):
    """One message; its place is `seq`, without gaps in its conversation."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.UniqueConstraint("conversation_id", "author_id", "client_msg_id"),
    )

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"))
    seq: Mapped[int]
    author_type: Mapped[AuthorType] = mapped_column(sa.String(8))
    author_id: Mapped[str] = mapped_column(sa.String(ID_CHARS))
    author_name: Mapped[str] = mapped_column(sa.String(200), default="")
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    payload: Mapped[str | None] = mapped_column(sa.Text)
    """What a tapped button means to the bot; people see `content.text`."""
    client_msg_id: Mapped[str | None] = mapped_column(sa.String(64))
    body_hash: Mapped[str | None] = mapped_column(sa.String(64))
    """SHA-256 of what was sent: the same id with another body is a conflict."""
    turn_id: Mapped[str | None] = mapped_column(sa.String(ID_CHARS), index=True)
    """The turn that answers it, or that it came from."""
    voice_url: Mapped[str | None] = mapped_column(sa.String(300))
    feedback: Mapped[Literal["up", "down"] | None] = mapped_column(sa.String(4))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
