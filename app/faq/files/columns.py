"""The names of a spreadsheet's columns, zh and en, and the fields they mean."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.faq.content import LANGUAGES
from dialogue.knowledge.text import plain
from nlu.types import Language

TEMPLATE_COLUMNS = (
    "id",
    "category",
    "questions.zh",
    "answer.zh",
    "questions.en",
    "answer.en",
    "keywords",
    "valid_from",
    "valid_until",
    "audience",
)


@cache
def _columns() -> Any:
    return YAML(typ="safe").load(Path(__file__).with_name("columns.yml"))


@cache
def _by_heading() -> dict[str, str]:
    return {
        _plain(heading): field
        for field, column in _columns().items()
        for language in LANGUAGES
        for heading in column[language]
    }


def field_of(heading: str) -> str | None:
    """The field that a column of that heading holds: ``中文答案@rest`` -> ``answer.zh@rest``."""
    name, at, channel = heading.partition("@")
    field = _by_heading().get(_plain(name))
    if field is None or not at:
        return field
    return f"{field}@{channel.strip()}" if field.startswith("answer") else None


def heading_of(field: str, language: Language) -> str:
    """The heading that templates and exports give to `field`."""
    name, at, channel = field.partition("@")
    heading: str = _columns()[name][language][0]
    return f"{heading}{at}{channel}"


def audience_of(word: str) -> str | None:
    """``内部`` -> ``staff``; None for a word that means no audience."""
    return next(
        (name for name, words in _columns()["audience"]["values"].items() if word in words), None
    )


def hint_of(field: str, language: Language) -> str:
    hint: str = _columns()[field]["hint"][language]
    return hint


def _plain(heading: str) -> str:
    """問題 is 问题, full width or not."""
    return "".join(plain(heading).split())
