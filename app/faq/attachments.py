"""The files of entries on their way in by an archive, and out: looked at first, kept when written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.db import Database
from app.errors import Refused
from app.faq import repository
from app.faq.content import Author, contents_of
from app.faq.files.attached import Attached
from app.faq.files.problems import FileRefused, Problem, parsing
from app.faq.files.read import ReadFile
from app.faq.files.rows import ReadEntry
from app.faq.schemas.entries import Content, EntryFile
from app.files.service import FilesService, Looked, digests_of

Looks = Mapping[str, Looked]
"""By the path in the archive."""
TOGETHER = 500
"""Files asked for by one statement."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One that an entry is to have."""

    path: str
    looked: Looked
    kept: EntryFile | None
    """The same file, where the entry has it already."""


async def looked_at(files: FilesService, read: ReadFile) -> Looks:
    """What would be kept; an entry with a file that cannot be becomes a problem of `read`."""
    looks: dict[str, Looked] = {}
    good: list[ReadEntry] = []
    for entry in read.entries:
        problems = []
        for path in entry.attachments:
            if read.attached is not None and path not in looks:
                found = await _look(files, read.attached, path, entry)
                if isinstance(found, Problem):
                    problems.append(found)
                else:
                    looks[path] = found
        read.problems += problems
        if not problems:
            good.append(entry)
    read.entries = good
    return looks


async def _look(
    files: FilesService, attached: Attached, path: str, entry: ReadEntry
) -> Looked | Problem:
    place = (entry.file, entry.row, entry.column, path)
    if attached.size(path) > files.max_bytes:
        return Problem("file_too_large", *place, {"limit": files.max_bytes >> 20})
    try:
        with parsing(entry.file, "ZIP"):
            data = await asyncio.to_thread(attached.read, path)
        return await files.look(data, PurePosixPath(path).name)
    except FileRefused as refused:
        return Problem(refused.problem.code, *place, refused.problem.fields)
    except Refused as refused:
        limit = refused.fields.get("limit")
        return Problem(refused.code, *place, {"limit": limit} if isinstance(limit, int) else {})


async def in_place(
    database: Database, ids: Sequence[str]
) -> dict[str, list[tuple[str, EntryFile]]]:
    """The files that the newest versions have, each with the digest of its bytes."""
    found: dict[str, list[tuple[str, EntryFile]]] = {}
    for start in range(0, len(ids), TOGETHER):
        some = ids[start : start + TOGETHER]
        contents = contents_of(
            await database.read(lambda s, some=some: repository.newest_of(s, some))  # type: ignore[misc]
        )
        urls = [file.url for content in contents.values() for file in content.attachments]
        digests = await database.read(lambda s, urls=urls: digests_of(s, urls))  # type: ignore[misc]
        found |= {
            id_: [(digests.get(file.url, ""), file) for file in content.attachments]
            for id_, content in contents.items()
        }
    return found


def planned_files(
    entry: ReadEntry, looks: Looks, before: Sequence[tuple[str, EntryFile]]
) -> tuple[PlannedFile, ...]:
    same = {(digest, file.name): file for digest, file in before}
    wanted = [(path, looks[path]) for path in entry.attachments]
    return tuple(
        PlannedFile(path, looked, same.get((looked.digest, looked.name))) for path, looked in wanted
    )


async def kept(
    files: FilesService, attached: Attached, author: Author, planned: Iterable[PlannedFile]
) -> list[EntryFile]:
    """As the entry's content names them; new ones are taken in."""
    return [file.kept or await _taken(files, attached, author, file) for file in planned]


async def _taken(
    files: FilesService, attached: Attached, author: Author, file: PlannedFile
) -> EntryFile:
    data = await asyncio.to_thread(attached.read, file.path)
    return EntryFile.of(await files.keep_for_knowledge(data, file.looked.name, author.id))


async def lying(files: FilesService, contents: Iterable[Content]) -> Mapping[str, Path]:
    """Where the files of all these entries lie, by their URL."""
    urls = [file.url for content in contents for file in content.attachments]
    found: dict[str, Path] = {}
    for start in range(0, len(urls), TOGETHER):
        found |= await files.paths(urls[start : start + TOGETHER])
    return found
