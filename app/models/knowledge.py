"""The knowledge: entries, all their versions, imports of files, and the regression set."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, UtcDateTime, new_id, now

ENTRY_ID_CHARS = 100


class FaqEntry(Base):
    """One entry: which of its versions is newest and which is live, and what lists show of it."""

    __tablename__ = "faq_entries"
    __table_args__ = (sa.Index("ix_faq_entries_archived_updated_at", "archived", "updated_at"),)

    id: Mapped[str] = mapped_column(sa.String(ENTRY_ID_CHARS), primary_key=True)
    version: Mapped[int]
    """The newest."""
    published_version: Mapped[int | None]
    """The one that customers get; none for a draft and for an archived entry."""
    archived: Mapped[bool] = mapped_column(default=False)
    from_project: Mapped[bool] = mapped_column(default=False)
    """Nobody but the bot project has written it, so that a newer project may change it."""
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of the published version, else of the newest."""

    titles: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    category: Mapped[str] = mapped_column(sa.String(100), index=True)
    kind: Mapped[Literal["faq", "passage"]] = mapped_column(sa.String(7))
    source: Mapped[str | None] = mapped_column(sa.String(500))
    search_text: Mapped[str] = mapped_column(sa.Text)
    """Lower case: id, questions, answers and keywords of the newest version."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the newest version's content, to tell a change from none."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_by: Mapped[str] = mapped_column(sa.String(200))


class FaqVersion(Base):
    """What an entry was at one time; never changed but for the note that it was published."""

    __tablename__ = "faq_versions"

    entry_id: Mapped[str] = mapped_column(sa.ForeignKey("faq_entries.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(sa.String(10))
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    author_id: Mapped[str] = mapped_column(sa.String(ID_CHARS))
    author: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[str | None] = mapped_column(sa.String(200))


class FaqSynonyms(Base):
    """Words that the owner says mean the same; the first is what the others are read as."""

    __tablename__ = "faq_synonyms"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    words: Mapped[list[str]] = mapped_column(sa.JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_by: Mapped[str] = mapped_column(sa.String(200))


class FaqState(Base):
    """One row: counts the changes of what is live, so that every worker can tell it is behind."""

    __tablename__ = "faq_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(default=0)


class FaqImport(Base):
    """One import of a file: how far it is, and what it found."""

    __tablename__ = "faq_imports"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    status: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    """An `ImportStatus`."""
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """A running import that has not been heard of for long died with its worker."""


class FaqSettledQuestion(Base):
    """A customer's question that somebody has dealt with, by an entry or by dismissing it."""

    __tablename__ = "faq_settled_questions"

    message_id: Mapped[str] = mapped_column(sa.ForeignKey("messages.id"), primary_key=True)
    entry_id: Mapped[str | None] = mapped_column(sa.ForeignKey("faq_entries.id"))
    author_id: Mapped[str] = mapped_column(sa.String(ID_CHARS))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class FaqCase(Base):
    """A question and the entry that must answer it, asked before anything is published."""

    __tablename__ = "faq_cases"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    query: Mapped[str] = mapped_column(sa.String(500), unique=True)
    entry_id: Mapped[str | None] = mapped_column(sa.ForeignKey("faq_entries.id"))
    """None: no entry may answer it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
