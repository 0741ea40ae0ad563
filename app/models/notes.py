from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, new_id, now


class Note(Base):
    """What agents tell each other about a conversation. No message: it has no `seq`, and no path
    from here leads to a customer."""

    __tablename__ = "notes"
    __table_args__ = (
        sa.Index("ix_notes_conversation_id_created_at", "conversation_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"))
    kind: Mapped[Literal["note", "whisper"]] = mapped_column(sa.String(8), default="note")
    """whisper: a supervisor's word to the agent who has the chat."""
    author_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"))
    author_name: Mapped[str] = mapped_column(sa.String(200), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    after_seq: Mapped[int]
    """The message after which it was written."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Mention(Base):
    """An agent whom a note calls."""

    __tablename__ = "mentions"

    note_id: Mapped[str] = mapped_column(
        sa.ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"), primary_key=True, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
