"""Lingxi's own words, read from ``words.<language>.yml`` beside this file."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dialogue.project.problems import Report
from dialogue.project.yaml_nodes import read_yaml
from nlu.types import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Words:
    """Phrases by key and language."""

    def __init__(self, phrases: Mapping[Language, Mapping[str, Any]]) -> None:
        self._phrases = phrases

    @classmethod
    def load(cls, folder: Path | None = None) -> Words:
        folder = folder or Path(__file__).parent
        phrases: dict[Language, Mapping[str, Any]] = {}
        for language in LANGUAGES:
            report = Report()
            read = read_yaml(folder / f"words.{language}.yml", report)
            if read is None:
                raise ValueError(str(report.errors[0]))
            phrases[language] = read
        return cls(phrases)

    def say(
        self, key: str, language: Language, rng: random.Random | None = None, **values: str
    ) -> str:
        """The phrase `key`; of several wordings one at random (the first without `rng`)."""
        phrase = self._phrases[language][key]
        if isinstance(phrase, list):
            phrase = rng.choice(phrase) if rng else phrase[0]
        return str(phrase).format(**values) if values else str(phrase)
