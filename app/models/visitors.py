from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Language, UtcDateTime, new_id, now


class Visitor(Base):
    """A customer: whoever holds the token whose hash is here, or writes from an outer channel."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    token_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    external_id: Mapped[str | None] = mapped_column(sa.String(300), unique=True)
    """``<channel>:<sender>`` of a customer who comes by another door than the widget."""
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str | None] = mapped_column(sa.String(320))
    language: Mapped[Language] = mapped_column(sa.String(2), default="zh")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class PageView(Base):
    """A page on which a customer was; a few are kept."""

    __tablename__ = "page_views"
    __table_args__ = (sa.Index("ix_page_views_visitor_id_at", "visitor_id", "at"),)

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    visitor_id: Mapped[str] = mapped_column(sa.ForeignKey("visitors.id"))
    url: Mapped[str] = mapped_column(sa.String(2000))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
