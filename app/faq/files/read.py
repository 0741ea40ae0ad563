"""Any file that the knowledge is imported from, by the end of its name; archives of them too."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

from app.faq.files import documents, structured, tables
from app.faq.files.attached import MAX_ATTACHED, Attached, is_attached, opened, path_of
from app.faq.files.problems import FileRefused, Problem, parsing
from app.faq.files.rows import (
    SYNONYMS,
    ReadEntry,
    ReadSynonyms,
    Row,
    is_group,
    read_group,
    read_row,
)
from dialogue.knowledge.text import plain

MAX_FILES = 500
"""In one archive."""

Reader = Callable[[str, bytes], Iterator[Row]]
READERS: Mapping[str, Reader] = {
    ".csv": tables.read_csv,
    ".tsv": tables.read_csv,
    ".xlsx": tables.read_xlsx,
    ".yml": structured.read_yaml,
    ".yaml": structured.read_yaml,
    ".json": structured.read_json,
    ".jsonl": structured.read_json_lines,
    ".md": documents.read_markdown,
    ".html": documents.read_html,
    ".htm": documents.read_html,
    ".docx": documents.read_docx,
    ".pdf": documents.read_pdf,
    ".txt": documents.read_text,
}


@dataclass(slots=True)
class ReadFile:
    """Everything good in a file, and everything that is wrong with it."""

    entries: list[ReadEntry] = field(default_factory=list)
    synonyms: list[ReadSynonyms] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    attached: Attached | None = None
    """The files of entries; None where there can be none."""


def read_file(name: str, data: bytes, zone: ZoneInfo) -> ReadFile:
    """Read the file or archive called `name`; dates without a zone are in `zone`."""
    found = ReadFile()
    try:
        if name.lower().endswith(".zip"):
            _read_archive(name, data, zone, found)
        else:
            _read_part(name, data, zone, found)
    except FileRefused as refused:
        found.problems.append(refused.problem)
    if not (found.entries or found.synonyms or found.problems):
        found.problems.append(Problem("empty_file", name))
    return found


def read_page(url: str, suffix: str, data: bytes, zone: ZoneInfo) -> ReadFile:
    """Read a page of a site as the passages of a document; `suffix` says what it is."""
    found = ReadFile()
    _read_part(url, data, zone, found, READERS[suffix])
    return found


def read_folder(folder: Path, zone: ZoneInfo) -> ReadFile:
    """Every file of a folder that can hold entries, in order of name."""
    found = ReadFile()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() in READERS:
            _read_part(path.name, path.read_bytes(), zone, found)
    return found


def _read_archive(name: str, data: bytes, zone: ZoneInfo, found: ReadFile) -> None:
    tables.check_size(name, data, "ZIP")
    with opened(data) as archive:
        members = [member for member in archive.infolist() if not _passed_over(member)]
        attached = {path_of(m.filename): m for m in members if is_attached(m.filename)}
        members = [member for member in members if not is_attached(member.filename)]
        for some, limit in ((members, MAX_FILES), (attached, MAX_ATTACHED)):
            if len(some) > limit:
                raise FileRefused(
                    Problem("too_large", name, got=len(some), fields={"limit": limit})
                )
        found.attached = Attached(data, attached)
        for member in members:
            with parsing(name, "ZIP"):
                content = archive.read(member)
            _read_part(member.filename, content, zone, found)


def _passed_over(member: zipfile.ZipInfo) -> bool:
    """Folders, and what operating systems put beside the files."""
    path = PurePosixPath(member.filename)
    return member.is_dir() or path.parts[0] == "__MACOSX" or path.name.startswith(".")


def _read_part(
    name: str, data: bytes, zone: ZoneInfo, found: ReadFile, reader: Reader | None = None
) -> None:
    reader = reader or READERS.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        known = " ".join(sorted({*READERS, ".zip"}))
        found.problems.append(Problem("unknown_format", name, got=name, fields={"known": known}))
        return
    seen = {entry.id: f"{entry.file}:{entry.row}" for entry in found.entries if entry.id}
    try:
        for row in reader(name, data):
            if is_group(row):
                _read_group(row, zone, found)
                continue
            read = read_row(row, zone)
            if isinstance(read, list):
                found.problems += read
            elif read.id in seen:
                first = {"first": seen[read.id]}
                found.problems.append(
                    Problem(
                        "duplicate_id",
                        name,
                        row.number,
                        row.columns.get("id", "id"),
                        read.id,
                        first,
                    )
                )
            elif missing := _missing(read, found.attached):
                found.problems += missing
            else:
                if read.id:
                    seen[read.id] = f"{read.file}:{read.row}"
                within = read.attachments if found.attached else ()
                found.entries.append(replace(read, attachments=within))
    except FileRefused as refused:
        found.problems.append(refused.problem)


def _missing(read: ReadEntry, attached: Attached | None) -> list[Problem]:
    """Files that a row names and its archive has not."""
    if attached is None:
        return []
    lacking = [path for path in read.attachments if path not in attached.members]
    return [Problem("missing_file", read.file, read.row, read.column, path) for path in lacking]


def _read_group(row: Row, zone: ZoneInfo, found: ReadFile) -> None:
    """A word is in one group at most."""
    read = read_group(row, zone)
    if isinstance(read, list):
        found.problems += read
        return
    taken = {plain(word): group for group in found.synonyms for word in group.words}
    for word in read.words:
        if first := taken.get(plain(word)):
            place = {"first": f"{first.file}:{first.row}"}
            column = row.columns.get(SYNONYMS, SYNONYMS)
            found.problems.append(
                Problem("duplicate_word", row.file, row.number, column, word, place)
            )
            return
    found.synonyms.append(read)
