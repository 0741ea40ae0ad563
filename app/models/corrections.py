from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Language, UtcDateTime, new_id, now


class Correction(Base):
    """What an agent says a customer's message meant: a labelled example."""

    __tablename__ = "corrections"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(sa.ForeignKey("messages.id"), unique=True)
    text: Mapped[str] = mapped_column(sa.Text)
    """As it was understood: offsets of `entities` count its code points."""
    language: Mapped[Language] = mapped_column(sa.String(2), default="zh")
    was_intent: Mapped[str | None] = mapped_column(sa.String(200))
    intent: Mapped[str] = mapped_column(sa.String(200))
    entities: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    entry_id: Mapped[str | None] = mapped_column(sa.String(100))
    """The FAQ entry that answers it."""
    author_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"))
    author_name: Mapped[str] = mapped_column(sa.String(200), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
