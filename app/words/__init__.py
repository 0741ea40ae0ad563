"""Sentences that customers and agents read, `zh` beside `en`, from the YAML files here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML

from app.errors import LingxiError
from nlu.types import Language

Sentences = Mapping[str, Mapping[Language, str]]
FOLDER = Path(__file__).parent


class Words:
    """``errors.yml`` by error code; ``notices.yml`` and ``reports.yml`` by key; ``{field}`` is
    filled in."""

    def __init__(self, errors: Sentences, notices: Sentences) -> None:
        self._errors = errors
        self._notices = notices

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Words:
        yaml = YAML(typ="safe")
        notices = [yaml.load(folder / name) for name in ("notices.yml", "reports.yml")]
        return cls(yaml.load(folder / "errors.yml"), {**notices[0], **notices[1]})

    def error(self, error: LingxiError, language: Language) -> str:
        sentence = self._errors.get(error.code) or self._errors["failed"]
        return sentence[language].format_map(error.fields)

    def knows(self, code: str) -> bool:
        return code in self._errors

    def code(self, code: str, language: Language) -> str:
        """The sentence of an error that has no fields."""
        return (self._errors.get(code) or self._errors["failed"])[language]

    def notice(self, key: str, language: Language, **fields: str | int) -> str:
        return self._notices[key][language].format_map(fields)

    def both(self, key: str) -> dict[Language, str]:
        """A notice in every language."""
        return dict(self._notices[key])

    def suggestions(self) -> dict[Language, list[str]]:
        """First questions that the widget offers, one a line."""
        return {
            language: text.strip().splitlines()
            for language, text in self._notices["suggestions"].items()
        }


def as_language(value: str | None) -> Language:
    return "en" if value == "en" else "zh"
