from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Language, UtcDateTime, new_id, now

VERIFIED = "user"


class Visitor(Base):
    """A customer: whoever holds the token whose hash is here, or writes from an outer channel."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(300), unique=True)
    """``<channel>:<sender>`` of a customer who comes by another door than the widget, or
    ``user:<id>`` of one whom the host site vouches for."""
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str | None] = mapped_column(sa.String(320))
    details: Mapped[list[dict[str, Any]] | None] = mapped_column(sa.JSON)
    """What they told before the chat."""
    language: Mapped[Language] = mapped_column(sa.String(2), default="zh")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def verified_id(self) -> str | None:
        kind, _, id_ = (self.external_id or "").partition(":")
        return id_ if kind == VERIFIED else None


class VisitorDevice(Base):
    """A browser in which the host site said who its customer is; its token is kept as a hash."""

    __tablename__ = "visitor_devices"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    visitor_id: Mapped[str] = mapped_column(sa.ForeignKey("visitors.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class PageView(Base):
    """A page on which a customer was; a few are kept."""

    __tablename__ = "page_views"
    __table_args__ = (sa.Index("ix_page_views_visitor_id_at", "visitor_id", "at"),)

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    visitor_id: Mapped[str] = mapped_column(sa.ForeignKey("visitors.id"))
    url: Mapped[str] = mapped_column(sa.String(2000))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
