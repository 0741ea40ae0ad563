"""What an import would do, worked out before it does anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.db import Database
from app.faq import repository, synonym_repository
from app.faq.attachments import Looks, PlannedFile, in_place, planned_files
from app.faq.content import changes, contents_of, digest, phrasings, titles
from app.faq.files.attached import Attached
from app.faq.files.problems import Problem
from app.faq.files.read import ReadFile
from app.faq.files.rows import ATTACHMENTS, ReadEntry, ReadSynonyms
from app.faq.keeper import pages
from app.faq.repository import Outline
from app.faq.schemas.entries import Content, EntryFile
from app.faq.schemas.imports import FieldChange, RowPlan
from app.faq.schemas.synonyms import MAX_GROUPS, share_a_word
from app.models import new_id

SHOWN_ROWS = 200
KIB = 1024


@dataclass(frozen=True, slots=True)
class Planned:
    read: ReadEntry
    entry_id: str
    action: Literal["create", "update", "unchanged"]
    files: tuple[PlannedFile, ...] = ()
    """What the entry is to have; where the file names none, those that it has stay."""


@dataclass(frozen=True, slots=True)
class Plan:
    rows: list[Planned]
    problems: list[Problem]
    groups: list[ReadSynonyms] = field(default_factory=list)
    """Words that mean the same, as they are not known yet."""
    attached: Attached | None = None
    """Where the files of the rows lie."""

    def count(self, action: str) -> int:
        return sum(row.action == action for row in self.rows)

    @property
    def writing(self) -> list[Planned]:
        return [row for row in self.rows if row.action != "unchanged"]

    @property
    def total(self) -> int:
        return len(self.writing) + len(self.groups)


async def plan(
    database: Database, read: ReadFile, *, publish: bool, looks: Looks | None = None
) -> Plan:
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
    found: list[tuple[str, ReadEntry]] = []
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
        found.append((entry_id, entry))
    with_files = [id_ for id_, entry in found if entry.attachments and id_ in known]
    files = await in_place(database, with_files)
    planned = [
        _planned(entry, id_, known.get(id_), publish, looks or {}, files.get(id_, []))
        for id_, entry in found
    ]
    groups: list[ReadSynonyms] = []
    if publish:
        stored = await database.read(synonym_repository.groups)
        groups = _new_groups(read.synonyms, stored, problems)
    return Plan(planned, problems, groups, read.attached)


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
            changes=[
                *changes(before.get(row.entry_id), row.read.content),
                *_file_changes(row, before.get(row.entry_id)),
            ],
        )
        for row in some
    ]


def _file_changes(row: Planned, before: Content | None) -> list[FieldChange]:
    old = before.attachments if before else []
    if not row.files or [file.kept for file in row.files] == old:
        return []
    new = [_with_size(file.looked.name, file.looked.size) for file in row.files]
    was = [_with_size(file.name, file.size) for file in old]
    return [FieldChange(field=ATTACHMENTS, before="\n".join(was), after="\n".join(new))]


def _with_size(name: str, size: int) -> str:
    return f"{name} ({size:,} B)" if size < KIB else f"{name} ({size / KIB:,.0f} KiB)"


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


def _planned(
    entry: ReadEntry,
    entry_id: str,
    known: Outline | None,
    publish: bool,
    looks: Looks,
    before: Sequence[tuple[str, EntryFile]],
) -> Planned:
    files = planned_files(entry, looks, before)
    if known is None:
        return Planned(entry, entry_id, "create", files)
    same = known.digest == digest(entry.content) and not known.archived
    if files and [file.kept for file in files] != [file for _, file in before]:
        same = False
    unchanged = same and (known.published or not publish)
    return Planned(entry, entry_id, "unchanged" if unchanged else "update", files)


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
