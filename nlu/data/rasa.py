"""Reads the ``nlu:`` part of a Rasa 3 YAML file: intents, synonyms, lookups, regexes.

``查一下[北京]{"entity": "city", "role": "to"}`` marks 北京 (3 to 5). The older
``[text](entity:value)`` is read too. Format: https://rasa.com/docs/rasa/training-data-format
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import regex
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from nlu.data.examples import (
    DataError,
    DataSet,
    EntitySpan,
    Example,
    Problem,
    sentiment_named,
)

_MARK = re.compile(r"\[(?P<text>[^\]]+?)\](?:\((?P<old>[^)]*?)\)|(?P<json>\{[^}]+?\}))")
_BULLET = re.compile(r"^\s*[-*+]\s?")
_TABLES = ("intent", "synonym", "lookup", "regex")


def load_rasa(path: Path, text: str) -> DataSet:
    """A file without an ``nlu:`` key gives an empty set. Raises `DataError`."""
    if not re.search(r"^nlu\s*:", text, re.MULTILINE):
        return DataSet()
    try:
        document = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 0
        words = f"expected YAML, got {getattr(error, 'problem', None) or 'something else'}"
        raise DataError([Problem(str(path), line, words)]) from None
    blocks = document.get("nlu") or []
    if not isinstance(blocks, list):
        words = f"expected a list under `nlu:`, got {type(blocks).__name__}"
        raise DataError([Problem(str(path), document.lc.key("nlu")[0] + 1, words)])
    return _Reader(path).read(blocks)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._file = str(path)
        self._problems: list[Problem] = []
        self._examples: list[Example] = []
        self._tables: dict[str, dict[str, list[str]]] = {"lookup": {}, "regex": {}}
        self._synonyms: dict[str, str] = {}

    def read(self, blocks: Any) -> DataSet:
        for at, block in enumerate(blocks):
            line = blocks.lc.item(at)[0] + 1
            kind = next((k for k in _TABLES if isinstance(block, dict) and k in block), None)
            if kind is None:
                self._refuse(line, f"expected one of {', '.join(_TABLES)}, got {_shown(block)}")
            elif block[kind] is None:
                self._refuse(line, f"expected a name after `{kind}:`, got nothing")
            else:
                self._block(kind, str(block[kind]), block, line)
        data = DataSet(
            tuple(self._examples), self._tables["lookup"], self._tables["regex"], self._synonyms
        )
        if self._problems:
            raise DataError(self._problems, data)
        return data

    def _refuse(self, line: int, words: str) -> None:
        self._problems.append(Problem(self._file, line, words))

    def _block(self, kind: str, name: str, block: Any, line: int) -> None:
        metadata = block.get("metadata")
        for text, number, own in self._lines(block, line):
            if kind == "intent":
                self._example(text, name, number, own or metadata)
            elif kind == "synonym":
                self._synonyms[text] = name
            elif kind == "regex" and not _compiles(text):
                self._refuse(number, f"expected a regular expression, got {text!r}")
            else:
                self._tables[kind].setdefault(name, []).append(text)

    def _lines(self, block: Any, line: int) -> Iterator[tuple[str, int, Any]]:
        """Each example of a block, its line, and its own metadata."""
        examples = block.get("examples")
        if isinstance(examples, str):
            first = block.lc.value("examples")[0] + 2  # the line below `examples: |`
            for at, row in enumerate(examples.split("\n")):
                text = _BULLET.sub("", row).strip()
                if text not in ("", "-") and not row.lstrip().startswith("#"):
                    yield text, first + at, None
        elif isinstance(examples, list):
            for at, item in enumerate(examples):
                number = examples.lc.item(at)[0] + 1  # type: ignore[attr-defined]
                if isinstance(item, dict):
                    text = _BULLET.sub("", str(item.get("text", ""))).strip()
                    yield text, number, item.get("metadata")
                else:
                    yield str(item).strip(), number, None
        elif examples is not None:
            self._refuse(line, f"expected `examples`, got {_shown(examples)}")
        elif block.keys() - {"metadata", *_TABLES}:
            keys = block.keys() - {"metadata", *_TABLES}
            self._refuse(line, f"expected `examples: |`, got {', '.join(sorted(map(str, keys)))}")

    def _example(self, marked: str, intent: str, line: int, metadata: Any) -> None:
        try:
            text, spans = parse_marks(marked)
        except ValueError as error:
            self._refuse(line, str(error))
            return
        for span in spans:
            if span.value is not None:
                self._synonyms.setdefault(text[span.start : span.end], span.value)
        said = metadata.get("sentiment") if isinstance(metadata, dict) else None
        sentiment = sentiment_named(said) if isinstance(said, str) else said
        self._examples.append(
            Example(text, intent, sentiment, None, tuple(spans), self._file, line)
        )


def _shown(value: Any) -> str:
    """In a few words: an alias may stand for millions of values."""
    if isinstance(value, dict):
        return "the keys " + ", ".join(repr(key) for key in list(value)[:5])
    return f"{len(value)} items" if isinstance(value, list) else repr(value)[:60]


def _compiles(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except regex.error:
        return False
    return True


def parse_marks(marked: str) -> tuple[str, list[EntitySpan]]:
    """``"去[北京](city)"`` to ``("去北京", [city 1-3])``. Raises `ValueError`."""
    text, spans, at = "", [], 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        start = len(text)
        text += match["text"]
        spans.append(_span(match, start, len(text)))
        at = match.end()
    return text + marked[at:], spans


def _span(match: re.Match[str], start: int, end: int) -> EntitySpan:
    if match["json"] is None:
        entity, _, value = match["old"].partition(":")
        return EntitySpan(entity.strip(), start, end, value=value.strip() or None)
    try:
        fields = json.loads(match["json"])
    except json.JSONDecodeError:
        raise ValueError(f"expected JSON after [{match['text']}], got {match['json']}") from None
    if not isinstance(fields.get("entity"), str):
        raise ValueError(f"expected `entity` after [{match['text']}], got {match['json']}")
    role, group, value = (fields.get(key) for key in ("role", "group", "value"))
    return EntitySpan(
        fields["entity"], start, end, role, group, None if value is None else str(value)
    )
