"""YAML, JSON and JSON lines: entries as a bot's ``faq/`` folder has them.

- id: return-window
  category: returns
  questions: {zh: [几天内可以退], en: [How long may I return it?]}
  answer: {zh: 7 天。, en: 7 days.}
  channels: {rest: {zh: 7 天内可退。}}
  keywords: [退货期]
  valid_from: 2026-11-01
  attachments: [attachments/return-window/form.pdf]   # in an archive alone
- synonyms: [运费, 邮费]
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import yaml

from app.faq.content import LANGUAGES
from app.faq.files.problems import FileRefused, Problem
from app.faq.files.rows import SYNONYMS, Row
from app.faq.files.tables import MAX_ROWS, decoded

MAX_ALIASES = 32
"""However they are nested, 32 aliases expand a document some 100,000 times at most."""
MAX_DEPTH = 12
FIELDS = (
    "id",
    "category",
    "keywords",
    "valid_from",
    "valid_until",
    "kind",
    "source",
    "audience",
    "attachments",
)


def read_yaml(file: str, data: bytes) -> Iterator[Row]:
    """Raises `FileRefused`, while reading too."""
    text = decoded(file, data)
    try:
        _check_events(file, text)
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        words = str(getattr(error, "problem", None) or error)
        raise FileRefused(
            Problem("bad_file", file, mark and mark.line + 1, got=words, fields={"format": "YAML"})
        ) from None
    except ValueError as error:  # a date such as 2026-13-01
        raise FileRefused(
            Problem("bad_file", file, got=str(error), fields={"format": "YAML"})
        ) from None
    return _entries(file, document)


def _check_events(file: str, text: str) -> None:
    """Refuse a document that would expand or nest beyond any FAQ."""
    aliases = depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1
        if aliases > MAX_ALIASES:
            raise FileRefused(
                Problem("aliases", file, line, got=aliases, fields={"limit": MAX_ALIASES})
            )
        if depth > MAX_DEPTH:
            raise FileRefused(
                Problem("too_deep", file, line, got=depth, fields={"limit": MAX_DEPTH})
            )


def read_json(file: str, data: bytes) -> Iterator[Row]:
    """A list of entries, or an object with them under ``entries``. Raises `FileRefused`."""
    return _entries(file, _json(file, decoded(file, data), None))


def read_json_lines(file: str, data: bytes) -> Iterator[Row]:
    """One entry a line. Raises `FileRefused`, while reading too."""
    for number, line in enumerate(decoded(file, data).split("\n"), 1):
        if line.strip():
            yield from _entries(file, [_json(file, line, number)], number)


def _json(file: str, text: str, line: int | None) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line, words = line or error.lineno, error.msg
    except (RecursionError, ValueError) as error:
        words = type(error).__name__
    raise FileRefused(Problem("bad_file", file, line, got=words, fields={"format": "JSON"}))


def _entries(file: str, document: object, first: int = 1) -> Iterator[Row]:
    if isinstance(document, dict):
        document = document.get("entries") or document.get("faq") or document
    if not isinstance(document, list):
        raise FileRefused(Problem("not_entries", file, got=document))
    if len(document) > MAX_ROWS:
        raise FileRefused(Problem("too_large", file, got=len(document), fields={"limit": MAX_ROWS}))
    for number, item in enumerate(document, first):
        if not isinstance(item, dict):
            raise FileRefused(Problem("not_entry", file, number, got=item))
        yield Row(file, number, _flat(item))


def _flat(item: dict[str, object]) -> dict[str, object]:
    if set(item) == {SYNONYMS}:
        return item
    values = {name: item[name] for name in FIELDS if item.get(name) is not None}
    questions = item.get("questions", item.get("question"))
    answers = item.get("answer", item.get("answers"))
    channels = item.get("channels")
    values |= _by_language("questions", questions)
    values |= _by_language("answer", answers)
    for channel, own in channels.items() if isinstance(channels, dict) else ():
        texts = _by_language("answer", own)
        values |= {f"{name}@{channel}": text for name, text in texts.items()}
    return values


def _by_language(name: str, value: object) -> dict[str, object]:
    if isinstance(value, dict) and set(value) <= set(LANGUAGES):
        return {f"{name}.{language}": value[language] for language in value}
    return {name: value}
