"""Opens any data path: a JSON lines or CSV file, a Rasa ``nlu.yml``, or a bot project's folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from nlu.data.examples import (
    DataError,
    DataSet,
    EntitySpan,
    Example,
    Problem,
    sentiment_named,
)
from nlu.data.rasa import load_rasa

_ENTITY_KEYS = {"type", "entity", "start", "end", "role", "group", "value", "text"}
_YAML = {".yml", ".yaml"}


def load_data(path: Path) -> DataSet:
    """Read `path`; a folder gives every NLU file under it (a bot's ``data/`` if it has one).

    Raises `DataError` with file, line, what was expected and what came, for all of it at once.
    """
    found = load_files(_files(path))
    if not found.examples:
        raise DataError([Problem(str(path), 0, "expected NLU examples, found none")])
    return found


def load_files(files: Iterable[Path]) -> DataSet:
    """Every example of `files`, of which some may hold none. Raises `DataError` like `load_data`."""
    found = DataSet()
    problems: list[Problem] = []
    for file in files:
        try:
            found += _load_file(file)
        except DataError as error:
            problems += error.problems
            found += error.rest or DataSet()
    if problems:
        raise DataError(problems, found)
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise DataError([Problem(str(path), 0, "expected a file or a folder, found neither")])
    root = path / "data" if (path / "data").is_dir() else path
    kept = _YAML | {".jsonl", ".csv"} if root == path else _YAML
    yield from sorted(file for file in root.rglob("*") if file.is_file() and file.suffix in kept)


def _load_file(path: Path) -> DataSet:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        words = f"expected UTF-8, got byte 0x{error.object[error.start]:02x}"
        raise DataError([Problem(str(path), line, words)]) from None
    if path.suffix in _YAML:
        return load_rasa(path, text)
    if path.suffix == ".jsonl":
        return _gather(_json_lines(path, text))
    if path.suffix == ".csv":
        return _gather(_csv_rows(path, text))
    raise DataError([Problem(str(path), 0, "expected .yml, .jsonl or .csv, got another kind")])


def _gather(rows: Iterator[Example | Problem]) -> DataSet:
    examples, problems = [], []
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
        else:
            examples.append(row)
    if problems:
        raise DataError(problems)
    synonyms = {
        e.text[span.start : span.end]: span.value
        for e in examples
        for span in e.entities or ()
        if span.value is not None
    }
    return DataSet(tuple(examples), synonyms=synonyms)


def _json_lines(path: Path, text: str) -> Iterator[Example | Problem]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield Problem(str(path), number, f"expected a JSON object, got {error.msg}")
            continue
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            yield Problem(str(path), number, "expected an object with a string `text`, got none")
            continue
        yield _from_row(path, number, row)


def _csv_rows(path: Path, text: str) -> Iterator[Example | Problem]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    columns = reader.fieldnames or ()
    if "text" not in columns:
        got = ", ".join(columns) or "nothing"
        yield Problem(str(path), 1, f"expected a column `text`, got {got}")
        return
    try:
        for row in reader:
            if more := row.get(None):
                words = f"expected {len(columns)} cells, got {len(columns) + len(more)}: "
                words += "a text with a comma stands in quotes"
                yield Problem(str(path), reader.line_num, words)
                continue
            yield _from_row(path, reader.line_num, {k: v for k, v in row.items() if v})
    except csv.Error as error:
        yield Problem(str(path), reader.line_num + 1, f"expected CSV, got {error}")


def _from_row(path: Path, number: int, row: dict[str, object]) -> Example | Problem:
    fields: dict[str, str | None] = {}
    for name in ("intent", "sentiment"):
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            return Problem(str(path), number, f"expected `{name}` to be text, got {value!r}")
        fields[name] = value or None
    strength = row.get("strength")
    try:
        graded = None if strength is None else float(str(strength))
    except ValueError:
        return Problem(str(path), number, f"expected `strength` from 0 to 1, got {strength!r}")
    entities = row.get("entities")
    if isinstance(entities, str):
        try:
            entities = json.loads(entities)
        except json.JSONDecodeError:
            return Problem(str(path), number, f"expected `entities` as JSON, got {entities!r}")
    spans: list[EntitySpan] | None = None
    if entities is not None:
        if not isinstance(entities, list):
            return Problem(str(path), number, f"expected `entities` to be a list, got {entities!r}")
        spans = []
        for entity in entities:
            span = _span(entity)
            if span is None:
                words = f"expected an entity of type, start, end, got {entity!r}"
                return Problem(str(path), number, words)
            spans.append(span)
    return Example(
        str(row.get("text", "")),
        fields["intent"],
        sentiment_named(fields["sentiment"]) if fields["sentiment"] else None,
        graded,
        None if spans is None else tuple(spans),
        str(path),
        number,
    )


def _span(entity: object) -> EntitySpan | None:
    if not isinstance(entity, dict) or not set(entity) <= _ENTITY_KEYS:
        return None
    kind = entity.get("type", entity.get("entity"))
    start, end = entity.get("start"), entity.get("end")
    if not isinstance(kind, str) or type(start) is not int or type(end) is not int:
        return None
    return EntitySpan(
        kind, start, end, entity.get("role"), entity.get("group"), entity.get("value")
    )
