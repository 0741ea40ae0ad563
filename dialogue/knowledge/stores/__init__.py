"""Stores of one whole question an entry, with what customers ask of them; written to learn from."""

from __future__ import annotations

from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from dialogue.knowledge.practice import Query, Store
from dialogue.knowledge.text import has_han
from dialogue.knowledge.types import Entry
from nlu.types import Language


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    answer: str
    asks: list[str]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    entries: list[_Row]
    unknown: list[str]
    """Questions that no entry answers."""


def written_stores() -> list[Store]:
    found = (path for path in files(__package__).iterdir() if path.name.endswith(".yml"))
    return [
        _store(path.name.removesuffix(".yml"), yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(found, key=lambda path: path.name)
    ]


def _store(name: str, document: object) -> Store:
    rows = _File.model_validate(document)
    entries = list[Entry]()
    queries: list[Query] = [(text, None) for text in rows.unknown]
    for number, row in enumerate(rows.entries):
        language: Language = "zh" if has_han(row.answer) else "en"
        entries.append(Entry(f"{name}-{number}", (row.title,), {language: row.answer}))
        queries += [(ask, entries[-1].id) for ask in row.asks]
    return Store(name, entries, queries)
