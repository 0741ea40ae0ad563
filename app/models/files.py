from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, now


class _File:
    """What every file has. Its bytes lie in the data folder under their digest."""

    key: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True)
    """192 random bits: whoever was told it, with the entry or in the conversation, may fetch the file."""
    digest: Mapped[str] = mapped_column(sa.String(64), index=True)
    """SHA-256 of the bytes that are kept."""
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class EntryFile(_File, Base):
    """A file that goes with an entry of the knowledge."""

    __tablename__ = "faq_files"

    entry_id: Mapped[str | None] = mapped_column(sa.String(100))
    """The first entry it was saved with; what never is saved with one, is swept away."""
    author_id: Mapped[str] = mapped_column(sa.String(ID_CHARS))


class StoredFile(_File, Base):
    """A file of one conversation."""

    __tablename__ = "files"

    text: Mapped[str] = mapped_column(sa.Text, default="")
    """What could be read in a picture."""
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"), index=True)
    author_id: Mapped[str] = mapped_column(sa.String(ID_CHARS), index=True)
    message_id: Mapped[str | None] = mapped_column(sa.String(ID_CHARS))
    """None until it is sent; what never is, is swept away."""
