from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, new_id, now


class CannedResponse(Base):
    """A text that agents send often, called by its shortcut."""

    __tablename__ = "canned_responses"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    shortcut: Mapped[str] = mapped_column(sa.String(50), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class Tag(Base):
    """A word that agents put on conversations."""

    __tablename__ = "tags"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)


class SavedView(Base):
    """A search of the inbox under a name of its own."""

    __tablename__ = "saved_views"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    shared: Mapped[bool] = mapped_column(default=False)
    filters: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class AuditEntry(Base):
    """Who did what to what; each entry's hash covers the one before, so that tampering shows."""

    __tablename__ = "audit_log"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    actor: Mapped[str] = mapped_column(sa.String(64))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(320), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    chain: Mapped[str] = mapped_column(sa.String(64))
