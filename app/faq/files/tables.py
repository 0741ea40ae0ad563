"""Spreadsheets: CSV in the encodings that Excel writes, and XLSX."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import openpyxl

from app.faq.files.attached import opened
from app.faq.files.columns import field_of, heading_of
from app.faq.files.problems import FileRefused, Problem, parsing
from app.faq.files.rows import SYNONYMS, Row
from app.spreadsheets import FORMULA_STARTS

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL_CHARS = 1_000_000
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
"""Of a workbook or archive; more is a bomb, not a FAQ."""
HEAD_BYTES = 200
_OLE = b"\xd0\xcf\x11\xe0"
"""How an encrypted workbook, or one of before 2007, begins."""


def _as_written(cell: object) -> object:
    """What `neutral` has hidden: ``'=1+1`` -> ``=1+1``."""
    if isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS):
        return cell[1:]
    return cell


def decoded(file: str, data: bytes) -> str:
    """Text in UTF-8 or UTF-16, else GBK. Raises `FileRefused`."""
    return next(_readings(file, data))


def _readings(file: str, data: bytes) -> Iterator[str]:
    """The text in each encoding that it may be in, the likeliest first. Raises `FileRefused`."""
    bad, readable = 0, False
    for encoding in _encodings(data):
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError as error:
            bad = error.object[error.start]
        else:
            readable = True
    if not readable:
        raise FileRefused(Problem("bad_encoding", file, got=f"{bad:#04x}"))


def _encodings(data: bytes) -> Sequence[str]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    if b"\0" in data[:HEAD_BYTES]:  # Latin letters, commas and line ends of UTF-16 without a mark
        return ("utf-16-le", "utf-16-be")
    return ("utf-8-sig", "gb18030", "big5hkscs")


def read_csv(file: str, data: bytes) -> Iterator[Row]:
    """Raises `FileRefused`, while reading too.

    Excel in Taiwan and Hong Kong writes Big5, which can be read as GBK: our columns tell them apart.
    """
    texts = list(_readings(file, data))
    text = next((text for text in texts if _known(_names(text))), texts[0])
    delimiter = _delimiter(text)
    csv.field_size_limit(MAX_CELL_CHARS)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return _rows(file, _lines(file, reader))


def _delimiter(text: str) -> str:
    return max(",;\t", key=text.partition("\n")[0].count)


def _names(text: str) -> Sequence[str]:
    """The head's, as far as they tell what file this is: no quotes, no line ends in a name."""
    return text.partition("\n")[0].replace('"', "").split(_delimiter(text))


def _lines(file: str, reader: Iterable[list[str]]) -> Iterator[list[str]]:
    number = 0
    lines = iter(reader)
    while True:
        number += 1
        try:
            line = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused(Problem("bad_csv", file, number, got=str(error))) from None
        yield line


def read_xlsx(file: str, data: bytes) -> Iterator[Row]:
    """Rows of every sheet that has our columns. Raises `FileRefused`, while reading too."""
    if data.startswith(_OLE):
        raise FileRefused(Problem("locked_file", file, got="XLS / encrypted"))
    check_size(file, data, "XLSX")
    with parsing(file, "XLSX"):
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = list(book.worksheets)
        known = [sheet for sheet in sheets if _known(_head(sheet))]
    if not known:
        raise _no_columns(file, _head(sheets[0]) if sheets else ())
    for sheet in known:
        sheet.reset_dimensions()  # what the file claims may be a million columns
        name = file if len(known) == 1 else f"{file} [{sheet.title}]"
        with parsing(name, "XLSX"):
            yield from _rows(name, sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True))


def _head(sheet: openpyxl.worksheet.worksheet.Worksheet) -> Sequence[object]:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=1, max_col=MAX_COLUMNS, values_only=True)
    return next(rows, ())


def check_size(file: str, data: bytes, format: str) -> None:
    """Refuse an archive that is broken or unpacks to too much."""
    with parsing(file, format), opened(data) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        limit = f"{MAX_UNPACKED_BYTES >> 20} MiB"
        raise FileRefused(
            Problem("too_large", file, got=f"{size >> 20} MiB", fields={"limit": limit})
        )


def _known(head: Sequence[object]) -> bool:
    """Whether a head row has a column of questions and one of answers, or is of synonyms."""
    fields = {(field_of(str(name)) or "").partition(".")[0] for name in head if name}
    return {"questions", "answer"} <= fields or fields - {""} == {SYNONYMS}


def _no_columns(file: str, head: Sequence[object]) -> FileRefused:
    known = ", ".join(
        heading_of(field, language)
        for language in ("zh", "en")
        for field in ("questions", "answer")
    )
    got = ", ".join(str(name) for name in head if name)
    return FileRefused(Problem("missing_column", file, 1, got=got, fields={"known": known}))


def _rows(file: str, lines: Iterable[Sequence[object]]) -> Iterator[Row]:
    """Rows under the head; empty ones are passed over, but counted as spreadsheets do."""
    lines = iter(lines)
    head = [str(name or "").strip() for name in next(lines, ())]
    if not _known(head):
        raise _no_columns(file, head)
    fields = [field_of(name) for name in head]
    columns = {field: name for field, name in zip(fields, head, strict=True) if field}
    read = 0
    for number, line in enumerate(lines, 2):
        values = {
            field: _as_written(cell)
            for field, cell in zip(fields, line, strict=False)
            if field and cell is not None and cell != ""
        }
        if not values:
            continue
        read += 1
        if read > MAX_ROWS:
            raise FileRefused(
                Problem("too_large", file, number, got=number, fields={"limit": MAX_ROWS})
            )
        yield Row(file, number, {name: values.get(name) for name in columns}, columns)
