"""Words that the owner says mean the same: each is read as the first of its group.

``Synonyms([("运费", "邮费", "快递费")]).fold("快递费多少")`` is ``"运费多少"``: questions and entries are
folded alike, before words, sounds and vectors are made of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dialogue.knowledge.text import plain
from dialogue.knowledge.types import Entry

_WORD_EDGE = "a-z0-9"


class Synonyms:
    def __init__(self, groups: Sequence[Sequence[str]] = ()) -> None:
        self._first: dict[str, str] = {}
        for group in groups:
            words = [word for word in map(plain, group) if word]
            self._first |= dict.fromkeys(words, words[0] if words else "")
        # The longest first: in 运费险 it is not 运费 that is meant, if both are known.
        known = sorted(self._first, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(_whole, known))) if known else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Synonyms) and self._first == other._first

    __hash__ = None  # type: ignore[assignment]  # compared, never a key

    def fold(self, text: str) -> str:
        """The text as it is compared; it is made plain where a group has a word of it."""
        if self._pattern is None:
            return text
        simple = plain(text)
        folded = self._pattern.sub(lambda found: self._first[found.group()], simple)
        return folded if folded != simple else text

    def folded(self, entry: Entry) -> Entry:
        if self._pattern is None:
            return entry
        return replace(
            entry,
            questions=tuple(map(self.fold, entry.questions)),
            titles={language: self.fold(title) for language, title in entry.titles.items()},
            answers={language: self.fold(text) for language, text in entry.answers.items()},
            keywords=tuple(map(self.fold, entry.keywords)),
        )


def _whole(word: str) -> str:
    """Letters match between others' borders alone: ``app`` is not in ``apple``."""
    before = rf"(?<![{_WORD_EDGE}])" if word[0].isascii() else ""
    after = rf"(?![{_WORD_EDGE}])" if word[-1].isascii() else ""
    return before + re.escape(word) + after
