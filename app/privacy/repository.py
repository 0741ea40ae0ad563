"""SQL about everything that is kept of one customer, found by following foreign keys.

A table that comes to refer to customers or their conversations is exported and erased without
being named here; `tests/app/test_privacy.py` lists them, so that it is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import (
    Base,
    Conversation,
    PageView,
    RetentionSetting,
    StoredFile,
    StoredMessage,
    Visitor,
)

ONLY = 1
"""The id of the one row of settings."""
Rows = Mapping[sa.Table, sa.ColumnElement[bool]]
"""Which rows of which tables, parents before children."""

SECRETS = frozenset({"token_hash", "body_hash"})
SEARCH = sa.text("DELETE FROM message_search WHERE conversation_id = :id")
FTS5_FORGETS = sa.text("INSERT INTO message_search(message_search) VALUES('optimize')")
"""Deleted words stay in the index until its segments are merged; this merges them."""


def of_customer(visitor_id: str) -> Rows:
    return _below(_table(Visitor), Visitor.id == visitor_id)


def of_conversations(ids: Sequence[str]) -> Rows:
    return _below(_table(Conversation), Conversation.id.in_(ids))


def _below(root: sa.Table, condition: sa.ColumnElement[bool]) -> Rows:
    found = {root: condition}
    for table in Base.metadata.sorted_tables:
        links = [
            key.parent.in_(sa.select(key.column).where(found[key.column.table]))
            for key in table.foreign_keys
            if key.column.table in found and table is not root
        ]
        if links:
            found[table] = sa.or_(*links)
    return found


def _table(model: type[Base]) -> sa.Table:
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101  no model here is mapped to a query
    return table


def read(session: Session, rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """The rows by table, without what only proves who somebody is."""
    return {
        str(table.name): [
            {str(name): value for name, value in row.items() if name not in SECRETS}
            for row in session.execute(sa.select(table).where(condition)).mappings()
        ]
        for table, condition in rows.items()
    }


def conversations(session: Session, rows: Rows) -> Sequence[str]:
    condition = rows[_table(Conversation)]
    return session.scalars(sa.select(Conversation.id).where(condition)).all()


def digests(session: Session, rows: Rows) -> set[str]:
    condition = rows[_table(StoredFile)]
    return set(session.scalars(sa.select(StoredFile.digest).where(condition)))


def clips(session: Session, rows: Rows) -> set[str]:
    """Addresses of the speech that was made of these messages."""
    said = StoredMessage.voice_url.is_not(None), rows[_table(StoredMessage)]
    return {url for url in session.scalars(sa.select(StoredMessage.voice_url).where(*said)) if url}


def clips_in_use(session: Session, urls: set[str]) -> set[str]:
    query = sa.select(StoredMessage.voice_url).where(StoredMessage.voice_url.in_(urls))
    return {url for url in session.scalars(query) if url}


def delete(session: Session, rows: Rows) -> None:
    for conversation_id in conversations(session, rows):
        session.execute(SEARCH, {"id": conversation_id})
    if session.get_bind().dialect.name == "sqlite":
        session.execute(FTS5_FORGETS)
    for table in reversed(list(rows)):  # a child's condition asks for its parents
        session.execute(sa.delete(table).where(rows[table]))


def customers(session: Session, text: str, limit: int) -> Sequence[tuple[Visitor, int]]:
    """(customer, number of conversations) by id, address or outer name; the latest first."""
    owned = (
        sa.select(sa.func.count()).where(Conversation.visitor_id == Visitor.id).scalar_subquery()
    )
    rows = session.execute(
        sa.select(Visitor, owned)
        .where(
            sa.or_(
                Visitor.id == text,
                sa.func.lower(Visitor.email) == text.lower(),
                Visitor.external_id == text,
                Visitor.external_id.endswith(f":{text}", autoescape=True),
                Visitor.name == text,
            )
        )
        .order_by(Visitor.seen_at.desc())
        .limit(limit)
    )
    return [(visitor, count) for visitor, count in rows]


def ended_before(session: Session, before: datetime, limit: int) -> Sequence[str]:
    """Conversations in which nothing has happened since, and that no human has in hand."""
    return session.scalars(
        sa.select(Conversation.id)
        .where(Conversation.updated_at < before, Conversation.owner.in_(("bot", "closed")))
        .limit(limit)
    ).all()


def visitors_unseen_since(session: Session, before: datetime, limit: int) -> Sequence[str]:
    """Customers who have no conversation left."""
    owned = sa.select(Conversation.id).where(Conversation.visitor_id == Visitor.id).exists()
    return session.scalars(
        sa.select(Visitor.id).where(Visitor.seen_at < before, ~owned).limit(limit)
    ).all()


def forget_pages(session: Session, before: datetime) -> None:
    session.execute(sa.delete(PageView).where(PageView.at < before))


def retention(session: Session) -> RetentionSetting | None:
    return session.get(RetentionSetting, ONLY)


def put_retention(session: Session, days: int | None, by: str) -> None:
    row = retention(session) or RetentionSetting(id=ONLY)
    row.days, row.updated_by = days, by
    session.add(row)
    session.flush()
