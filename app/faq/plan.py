"""What an import would do, worked out before it does anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.db import Database
from app.faq import repository, synonym_repository
from app.faq.content import changes, contents_of, digest, phrasings, titles
from app.faq.files.problems import Problem
from app.faq.files.read import ReadFile
from app.faq.files.rows import ReadEntry, ReadSynonyms
from app.faq.keeper import pages
from app.faq.repository import Outline
from app.faq.schemas.imports import RowPlan
from app.faq.schemas.synonyms import MAX_GROUPS, share_a_word
from app.models import new_id

SHOWN_ROWS = 200


@dataclass(frozen=True, slots=True)
class Planned:
    read: ReadEntry
    entry_id: str
    action: Literal["create", "update", "unchanged"]


@dataclass(frozen=True, slots=True)
class Plan:
    rows: list[Planned]
    problems: list[Problem]
    groups: list[ReadSynonyms] = field(default_factory=list)
    """Words that mean the same, as they are not known yet."""

    def count(self, action: str) -> int:
        return sum(row.action == action for row in self.rows)

    @property
    def writing(self) -> list[Planned]:
        return [row for row in self.rows if row.action != "unchanged"]

    @property
    def total(self) -> int:
        return len(self.writing) + len(self.groups)


async def plan(database: Database, read: ReadFile, *, publish: bool) -> Plan:
    """A row without an id is the entry whose title it has, else a new one.

    Words that mean the same have no drafts: they are left out where nothing is to go live.
    """
    known: dict[str, Outline] = {}
    by_title: dict[str, str] = {}
    async for page in pages(database, repository.outlines):
        for row in page:
            known[row.id] = row
            if not row.archived and row.kind == "faq":
                by_title |= {_plain(title): row.id for title in row.titles.values()}
    planned: list[Planned] = []
    problems = list(read.problems)
    taken: dict[str, ReadEntry] = {}
    for entry in read.entries:
        entry_id = entry.id or _id_of(entry, by_title)
        if entry_id in taken:
            problems.append(_twice(entry, taken[entry_id]))
            continue
        taken[entry_id] = entry
        by_title |= {
            _plain(title): entry_id
            for title in titles(entry.content).values()
            if entry.content.kind == "faq"
        }
        planned.append(Planned(entry, entry_id, _action(entry, known.get(entry_id), publish)))
    groups: list[ReadSynonyms] = []
    if publish:
        stored = await database.read(synonym_repository.groups)
        groups = _new_groups(read.synonyms, stored, problems)
    return Plan(planned, problems, groups)


async def shown(database: Database, rows: Sequence[Planned]) -> list[RowPlan]:
    """The first rows that create or update, with what differs."""
    some = [row for row in rows if row.action != "unchanged"][:SHOWN_ROWS]
    ids = [row.entry_id for row in some if row.action == "update"]

    before = contents_of(await database.read(lambda s: repository.newest_of(s, ids)))
    return [
        RowPlan(
            file=row.read.file,
            row=row.read.row,
            entry_id=row.entry_id,
            title=next(phrasings(row.read.content)),
            action=row.action,
            changes=changes(before.get(row.entry_id), row.read.content),
        )
        for row in some
    ]


def _new_groups(
    read: Sequence[ReadSynonyms], known: Sequence[Sequence[str]], problems: list[Problem]
) -> list[ReadSynonyms]:
    """Those that change something. One that shares words with a known group takes its place."""
    same = {_comparable(words) for words in known}
    fresh = [group for group in read if _comparable(group.words) not in same]
    over = len(with_groups(known, fresh)) - MAX_GROUPS
    if over > 0:
        first = fresh[-over] if over <= len(fresh) else fresh[0]
        problems.append(
            Problem("too_many_synonyms", first.file, first.row, fields={"limit": MAX_GROUPS})
        )
        return fresh[: max(0, len(fresh) - over)]
    return fresh


def with_groups(
    known: Sequence[Sequence[str]], groups: Sequence[ReadSynonyms]
) -> list[Sequence[str]]:
    """All groups, once those of a file are in the place of what they share words with."""
    kept = [words for words in known if not any(share_a_word(words, g.words) for g in groups)]
    return [*kept, *(group.words for group in groups)]


def _comparable(words: Sequence[str]) -> tuple[str, frozenset[str]]:
    """The order of what is read as the first says nothing."""
    return words[0], frozenset(words)


def _action(
    entry: ReadEntry, known: Outline | None, publish: bool
) -> Literal["create", "update", "unchanged"]:
    if known is None:
        return "create"
    same = known.digest == digest(entry.content) and not known.archived
    return "unchanged" if same and (known.published or not publish) else "update"


def _id_of(entry: ReadEntry, by_title: dict[str, str]) -> str:
    if entry.content.kind == "passage":  # the same document again replaces its passages
        return f"{hashlib.sha256(entry.file.encode()).hexdigest()[:12]}-{entry.row}"
    found = (by_title.get(_plain(title)) for title in titles(entry.content).values())
    return next((id_ for id_ in found if id_), None) or new_id()


def _twice(entry: ReadEntry, first: ReadEntry) -> Problem:
    place = f"{first.file}:{first.row}"
    title = next(phrasings(entry.content))
    return Problem("duplicate_question", entry.file, entry.row, None, title, {"first": place})


def _plain(title: str) -> str:
    return title.casefold().strip(" ?？。.!！")
