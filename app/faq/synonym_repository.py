"""SQL about words that mean the same."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.faq.schemas.synonyms import share_a_word
from app.models import FaqSynonyms, new_id, now


def rows(session: Session) -> Sequence[FaqSynonyms]:
    """Last changed first."""
    newest = FaqSynonyms.updated_at.desc()
    return session.scalars(sa.select(FaqSynonyms).order_by(newest, FaqSynonyms.id)).all()


def groups(session: Session) -> list[list[str]]:
    return [row.words for row in rows(session)]


def alike(session: Session, words: Sequence[str]) -> list[FaqSynonyms]:
    """The groups that have a word of these."""
    return [row for row in rows(session) if share_a_word(words, row.words)]


def put(session: Session, words: Sequence[str], by: str) -> None:
    """In the place of every group that shares a word with them."""
    row, *others = alike(session, words) or [FaqSynonyms(id=new_id())]
    for other in others:
        session.delete(other)
    row.words, row.updated_at, row.updated_by = list(words), now(), by
    session.add(row)
    session.flush()


def row(session: Session, id_: str) -> FaqSynonyms | None:
    return session.get(FaqSynonyms, id_)
