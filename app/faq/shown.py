"""Rows of the store as REST shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.faq.content import LANGUAGES, from_json, valid_at
from app.faq.schemas.entries import Content, EntryDetail, EntryOut, EntrySummary, Status, VersionOut
from app.models import FaqEntry, FaqVersion


def status_of(row: FaqEntry) -> Status:
    if row.archived:
        return "archived"
    if row.published_version is None:
        return "draft"
    return "published" if row.published_version == row.version else "changed"


def is_live(row: FaqEntry, moment: datetime) -> bool:
    """Customers get it at `moment`."""
    return row.published_version is not None and valid_at(row, moment)


def summary_of(row: FaqEntry, moment: datetime) -> EntrySummary:
    titles = {language: row.titles[language] for language in LANGUAGES if language in row.titles}
    return EntrySummary(
        id=row.id,
        title=next(iter(titles.values())),
        titles=titles,
        category=row.category,
        kind=row.kind,
        status=status_of(row),
        live=is_live(row, moment),
        version=row.version,
        published_version=row.published_version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        source=row.source,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def entry_of(row: FaqEntry, content: Content, moment: datetime) -> EntryOut:
    return EntryOut(**summary_of(row, moment).model_dump(), content=content)


def detail_of(row: FaqEntry, history: Sequence[FaqVersion], moment: datetime) -> EntryDetail:
    """`history` newest first."""
    versions = [
        VersionOut.model_validate(
            {
                "number": version.number,
                "action": version.action,
                "author": version.author,
                "at": version.at,
                "live": version.number == row.published_version,
                "published_at": version.published_at,
                "published_by": version.published_by,
                "content": version.content,
            }
        )
        for version in history
    ]
    content = from_json(history[0].content)
    return EntryDetail(**entry_of(row, content, moment).model_dump(), history=versions)
