"""SQL about files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import EntryFile, StoredFile


def file(session: Session, key: str) -> StoredFile | None:
    return session.get(StoredFile, key)


def entry_file(session: Session, key: str) -> EntryFile | None:
    return session.get(EntryFile, key)


def entry_file_of(session: Session, digest: str) -> EntryFile | None:
    """Any file of an entry that has these bytes."""
    return session.scalar(sa.select(EntryFile).where(EntryFile.digest == digest).limit(1))


def entry_digests(session: Session, keys: Sequence[str]) -> dict[str, str]:
    found = sa.select(EntryFile.key, EntryFile.digest).where(EntryFile.key.in_(keys))
    return dict(session.execute(found).tuples().all())


def bytes_of_author(session: Session, author_id: str) -> int:
    query = sa.select(sa.func.sum(StoredFile.size)).where(StoredFile.author_id == author_id)
    return session.scalar(query) or 0


def never_sent(session: Session, before: datetime, limit: int) -> Sequence[StoredFile]:
    return session.scalars(
        sa.select(StoredFile)
        .where(StoredFile.message_id.is_(None), StoredFile.created_at < before)
        .limit(limit)
    ).all()


def never_kept(session: Session, before: datetime, limit: int) -> Sequence[EntryFile]:
    return session.scalars(
        sa.select(EntryFile)
        .where(EntryFile.entry_id.is_(None), EntryFile.created_at < before)
        .limit(limit)
    ).all()


def of_message(session: Session, message_id: str) -> Sequence[StoredFile]:
    return session.scalars(sa.select(StoredFile).where(StoredFile.message_id == message_id)).all()


def digests_in_use(session: Session, digests: Sequence[str]) -> set[str]:
    """In messages and in entries."""
    sent = sa.select(StoredFile.digest).where(StoredFile.digest.in_(digests))
    kept = sa.select(EntryFile.digest).where(EntryFile.digest.in_(digests))
    return set(session.scalars(sent.union(kept)))
