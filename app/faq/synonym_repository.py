"""SQL about words that mean the same."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import FaqSynonyms


def rows(session: Session) -> Sequence[FaqSynonyms]:
    """Last changed first."""
    newest = FaqSynonyms.updated_at.desc()
    return session.scalars(sa.select(FaqSynonyms).order_by(newest, FaqSynonyms.id)).all()


def groups(session: Session) -> list[list[str]]:
    return [row.words for row in rows(session)]


def row(session: Session, id_: str) -> FaqSynonyms | None:
    return session.get(FaqSynonyms, id_)
