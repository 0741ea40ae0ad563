"""Recognises short messages whose meaning does not depend on the bot."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from dialogue.project.problems import Report
from dialogue.project.yaml_nodes import read_yaml

_EDGES = " \t\r\n.。!！,，;；~～…、"


def folded(text: str) -> str:
    """Full width to half, lower case, without punctuation at the ends."""
    return unicodedata.normalize("NFKC", text).casefold().strip(_EDGES)


class Cues:
    """The lists of ``cues.yml``."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._human = frozenset(lists["human"])
        self._cancel = frozenset(lists["cancel"])
        self._correction = lists["correction"]
        self._question = lists["question"]
        self._question_start = lists["question_start"]
        self._how = lists["how"]
        self._how_not = lists["how_not"]
        self._places = tuple(frozenset(lists[name]) for name in ("first", "second", "third"))

    @classmethod
    def load(cls, file: Path | None = None) -> Cues:
        report = Report()
        read = read_yaml(file or Path(__file__).with_name("cues.yml"), report)
        if read is None:
            raise ValueError(str(report.errors[0]))
        return cls({name: tuple(folded_cue(v) for v in values) for name, values in read.items()})

    def asks_for_human(self, text: str) -> bool:
        return folded(text) in self._human

    def cancels(self, text: str) -> bool:
        return folded(text) in self._cancel

    def corrects(self, text: str) -> bool:
        return folded(text).startswith(self._correction)

    def asks(self, text: str) -> bool:
        """Whether the message reads like a question."""
        plain = unicodedata.normalize("NFKC", text).casefold().strip()
        return any(cue in plain for cue in self._question) or plain.startswith(self._question_start)

    def place(self, text: str) -> int | None:
        """The place in a list that the message names, from 0: ``第二个`` is 1."""
        plain = folded(text)
        return next((n for n, cues in enumerate(self._places) if plain in cues), None)

    def asks_how(self, text: str) -> bool:
        """Whether the message asks how something is done, rather than to have it done."""
        plain = unicodedata.normalize("NFKC", text).casefold().strip()
        return any(cue in plain for cue in self._how) and not any(
            cue in plain for cue in self._how_not
        )


def folded_cue(value: object) -> str:
    """A cue as `folded` messages show it; a comma or question mark of its own is kept."""
    return unicodedata.normalize("NFKC", str(value)).casefold().strip()
