"""Words that are still being typed: what they may become, by the words that the entries have.

``Ahead(entries).read("tuik", "zh")`` has ``退款`` for ``tuik``; ``refnd`` and ``refu`` are ``refund``.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jieba
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

from dialogue.knowledge.text import has_han, plain, stop_words
from dialogue.knowledge.types import Entry
from nlu.types import Language

MOST_FORMS = 3
"""Completions of a word that are searched for; more would say nothing."""
SLIP_FROM = 4
"""Letters from which one slip is forgiven."""
LAST = "\U0010ffff"
"""After every character that a word has."""
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u4dbf\u4e00-\u9fff]+")

Sorted = Sequence[tuple[str, str]]
"""What is typed of a word, in order, and the word."""


class Typed(NamedTuple):
    """A query as far as it is typed."""

    words: tuple[tuple[str, ...], ...]
    """Of each word that says something: what it may be, itself where the entries have it."""
    queries: tuple[str, ...]
    """What may be meant by all of it, likeliest first; none where it is written out."""


class Ahead:
    def __init__(self, entries: Sequence[Entry]) -> None:
        counts: Counter[str] = Counter()
        for entry in entries:
            counts.update({w for text in (*entry.questions, *entry.keywords) for w in _cut(text)})
        self._counts: Mapping[str, int] = counts
        latin = [word for word in counts if word.isascii()]
        han = [word for word in counts if not word.isascii()]
        self._latin: Sorted = sorted((word, word) for word in latin)
        self._han: Sorted = sorted((word, word) for word in han)
        self._sounds: Sorted = sorted(("".join(lazy_pinyin(word)), word) for word in han)

    def read(self, query: str, language: Language) -> Typed:
        """`language` is that of the page: it says which script letters are more likely of."""
        said = _cut(query)
        words = [word for word in said if word not in stop_words()]
        forms = {word: self._forms(word, language) for word in words}
        unfinished = [word for word in words if forms[word][0] != word]
        queries: list[str] = []
        if unfinished:
            last = unfinished[-1]
            best = {word: forms[word][0] for word in unfinished}
            for form in forms[last]:
                meant = {**best, last: form}
                queries.append(_joined([meant.get(word, word) for word in said]))
        return Typed(tuple(forms[word] for word in words), tuple(queries))

    def _forms(self, word: str, language: Language) -> tuple[str, ...]:
        if word in self._counts and (len(word) > 1 or word.isascii()):
            return (word,)
        if not word.isascii():
            return self._likeliest(_begun(self._han, word)) or (word,)
        begun = _begun(self._latin, word)
        sounding = _begun(self._sounds, word) if len(word) > 1 else []
        kinds = (sounding, begun) if language == "zh" else (begun, sounding)
        found = [form for kind in kinds for form in self._likeliest(kind)]
        return tuple(found[:MOST_FORMS]) or self._likeliest(self._slipped(word)) or (word,)

    def _likeliest(self, words: Sequence[str]) -> tuple[str, ...]:
        """Those that most entries have."""
        unique = sorted(set(words), key=lambda word: (-self._counts[word], len(word), word))
        return tuple(unique[:MOST_FORMS])

    def _slipped(self, word: str) -> list[str]:
        """Words whose beginning or whole is one slip away; the first letter is right."""
        if len(word) < SLIP_FROM:
            return []
        ends = (len(word) - 1, len(word), len(word) + 1)
        return [
            known
            for known in _begun(self._latin, word[0])
            if any(OSA.distance(word, known[:end], score_cutoff=1) <= 1 for end in ends)
        ]


def _cut(text: str) -> list[str]:
    """Words as they are written, of both scripts."""
    runs = _WORD.findall(plain(text))
    return [word for run in runs for word in (jieba.cut_for_search(run) if has_han(run) else [run])]


def _joined(words: Sequence[str]) -> str:
    """Blanks between words of letters alone."""
    parts = list(words[:1])
    for before, word in itertools.pairwise(words):
        parts.append(f" {word}" if before.isascii() or word.isascii() else word)
    return "".join(parts)


def _begun(known: Sorted, begin: str) -> list[str]:
    """The words that are typed so."""
    first, end = (bisect_left(known, (typed, "")) for typed in (begin, begin + LAST))
    return [word for _, word in known[first:end]]
