"""SQL about the knowledge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.faq.schemas.entries import Shown, Status, Wanted
from app.models import FaqCase, FaqEntry, FaqState, FaqVersion

Stored = tuple[str, dict[str, object]]
"""An entry's id, and the content of one of its versions."""
_Number = sa.SQLColumnExpression[int] | sa.SQLColumnExpression[int | None]
_IS: dict[Status, sa.ColumnElement[bool]] = {
    "draft": sa.and_(FaqEntry.archived.is_(False), FaqEntry.published_version.is_(None)),
    "published": FaqEntry.published_version == FaqEntry.version,
    "changed": FaqEntry.published_version < FaqEntry.version,
    "archived": FaqEntry.archived.is_(True),
}


def entry(session: Session, entry_id: str, *, lock: bool = False) -> FaqEntry | None:
    return session.get(FaqEntry, entry_id, with_for_update=lock or None)


def entries(session: Session, ids: Collection[str]) -> dict[str, FaqEntry]:
    found = session.scalars(sa.select(FaqEntry).where(FaqEntry.id.in_(ids)))
    return {row.id: row for row in found}


def version(session: Session, entry_id: str, number: int) -> FaqVersion | None:
    return session.get(FaqVersion, (entry_id, number))


def history(session: Session, entry_id: str) -> Sequence[FaqVersion]:
    """Newest first."""
    return session.scalars(
        sa.select(FaqVersion)
        .where(FaqVersion.entry_id == entry_id)
        .order_by(FaqVersion.number.desc())
    ).all()


def matching(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    """Conditions of a list; without a status all but what is archived."""
    status = wanted.status
    found = [_is(status, wanted.moment) if status else FaqEntry.archived.is_(False)]
    found += [
        FaqEntry.search_text.contains(word, autoescape=True)
        for word in wanted.q.lower().split()[:10]
    ]
    if wanted.category is not None:
        found.append(FaqEntry.category == wanted.category)
    if wanted.language is not None:
        found.append(FaqEntry.titles[wanted.language].as_string().is_not(None))
    if wanted.lacking is not None:
        found.append(FaqEntry.titles[wanted.lacking].as_string().is_(None))
    return found


def _is(status: Shown, moment: datetime) -> sa.ColumnElement[bool]:
    if status == "expired":
        return sa.and_(FaqEntry.published_version.is_not(None), FaqEntry.valid_until <= moment)
    return _IS[status]


def page(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], offset: int, limit: int
) -> Sequence[FaqEntry]:
    """Last changed first."""
    return session.scalars(
        sa.select(FaqEntry)
        .where(*conditions)
        .order_by(FaqEntry.updated_at.desc(), FaqEntry.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count(session: Session, conditions: Sequence[sa.ColumnElement[bool]]) -> int:
    return session.scalar(sa.select(sa.func.count(FaqEntry.id)).where(*conditions)) or 0


def counts(session: Session, moment: datetime) -> dict[Shown, int]:
    statuses: tuple[Shown, ...] = ("draft", "published", "changed", "expired", "archived")
    row = session.execute(
        sa.select(*(sa.func.count(sa.case((_is(status, moment), 1))) for status in statuses))
    ).one()
    return dict(zip(statuses, row, strict=True))


def categories(session: Session) -> list[tuple[str, int]]:
    number = sa.func.count(FaqEntry.id)
    rows = session.execute(
        sa.select(FaqEntry.category, number)
        .where(FaqEntry.archived.is_(False))
        .group_by(FaqEntry.category)
        .order_by(number.desc(), FaqEntry.category)
    )
    return [(name, entries) for name, entries in rows]


def published(session: Session, after: str, limit: int) -> list[Stored]:
    """What is live if it is valid now, by id, from behind `after`."""
    return _page(session, FaqEntry.published_version, after, limit)


def newest(session: Session, after: str, limit: int) -> list[Stored]:
    """Every entry that is not archived, drafts too."""
    return _page(session, FaqEntry.version, after, limit)


def newest_of(session: Session, ids: Collection[str]) -> list[Stored]:
    return _contents(session, FaqEntry.version, FaqEntry.id.in_(ids))


def unpublished(session: Session) -> list[Stored]:
    """The newest of what has a version that customers do not get yet."""
    return _contents(session, FaqEntry.version, sa.or_(_IS["draft"], _IS["changed"]))


def _page(session: Session, number: _Number, after: str, limit: int) -> list[Stored]:
    conditions = (FaqEntry.id > after, FaqEntry.archived.is_(False))
    return _contents(session, number, *conditions, limit=limit)


def _contents(
    session: Session,
    number: _Number,
    *conditions: sa.ColumnElement[bool],
    limit: int | None = None,
) -> list[Stored]:
    """The version `number` of the entries that meet `conditions`, by id."""
    rows = session.execute(
        sa.select(FaqEntry.id, FaqVersion.content)
        .join(FaqVersion, sa.and_(FaqVersion.entry_id == FaqEntry.id, FaqVersion.number == number))
        .where(*conditions)
        .order_by(FaqEntry.id)
        .limit(limit)
    )
    return [(id_, content) for id_, content in rows]


def revision(session: Session) -> int:
    return session.scalar(sa.select(FaqState.revision)) or 0


def next_revision(session: Session) -> int:
    """Count one change of what is live."""
    changed = sa.update(FaqState).values(revision=FaqState.revision + 1)
    return session.scalars(changed.returning(FaqState.revision)).one()


class Outline(NamedTuple):
    """What an import compares a row with."""

    id: str
    digest: str
    titles: dict[str, str]
    kind: str
    archived: bool
    published: bool


def outlines(session: Session, after: str, limit: int) -> list[Outline]:
    """Of all entries, by id, from behind `after`."""
    rows = session.execute(
        sa.select(
            FaqEntry.id,
            FaqEntry.digest,
            FaqEntry.titles,
            FaqEntry.kind,
            FaqEntry.archived,
            FaqEntry.published_version == FaqEntry.version,
        )
        .where(FaqEntry.id > after)
        .order_by(FaqEntry.id)
        .limit(limit)
    )
    return [Outline(*row[:5], bool(row[5])) for row in rows]


def lock(session: Session) -> None:
    """Let nobody else write the store in bulk until this unit of work ends."""
    session.execute(sa.select(FaqState.revision).with_for_update())


def of_project(session: Session) -> list[str]:
    """Ids of what nobody but the bot project has written, and is not archived."""
    found = sa.select(FaqEntry.id).where(FaqEntry.from_project, FaqEntry.archived.is_(False))
    return list(session.scalars(found))


# --- the regression set ---------------------------------------------------------------------


def cases(session: Session) -> Sequence[FaqCase]:
    return session.scalars(sa.select(FaqCase).order_by(FaqCase.created_at, FaqCase.id)).all()


def case_of(session: Session, query: str) -> FaqCase | None:
    return session.scalar(sa.select(FaqCase).where(FaqCase.query == query))


def count_cases(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(FaqCase)) or 0
