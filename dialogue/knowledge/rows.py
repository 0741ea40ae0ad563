"""The texts of entries that are embedded, in rows, entry by entry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Entry

Numbers = NDArray[np.int64]

ANSWER_PIECES = 2
ANSWER_PIECE_CHARS = 120
_SENTENCE_END = re.compile(r"(?<=[。！？；\n])|(?<=[.!?]\s)")


class Rows(NamedTuple):
    """Texts in one list; those of an entry lie together, `starts[n]` to `starts[n + 1]`."""

    texts: list[str]
    owner: Numbers
    """(rows,) the number of the entry that a text belongs to."""
    starts: Numbers
    """(entries + 1,)"""

    def of(self, entries: Numbers) -> tuple[Numbers, Numbers]:
        """The rows of `entries`, one entry after the other, and where each begins among them.

        Each must have a row.
        """
        counts = self.starts[entries + 1] - self.starts[entries]
        begins = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(self.starts[entries] - begins, counts)
        return rows, begins


def _rows(texts_of: Sequence[Sequence[str]]) -> Rows:
    counts = np.fromiter((len(texts) for texts in texts_of), dtype=np.int64, count=len(texts_of))
    return Rows(
        [text for texts in texts_of for text in texts],
        np.repeat(np.arange(len(counts)), counts),
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)]),
    )


def question_rows(entries: Sequence[Entry]) -> Rows:
    return _rows([[plain(question) for question in entry.questions] for entry in entries])


def answer_rows(entries: Sequence[Entry]) -> Rows:
    return _rows([_answers(entry) for entry in entries])


def told_rows(entries: Sequence[Entry]) -> Rows:
    """A question with the beginning of its answer, as a page of a help centre has them."""
    return _rows([_told(entry) for entry in entries])


def _answers(entry: Entry) -> list[str]:
    return [piece for text in dict.fromkeys(entry.answers.values()) for piece in pieces(text)]


def _told(entry: Entry) -> list[str]:
    found = []
    for language, answer in entry.answers.items():
        begin = pieces(answer)[:1]
        if begin:
            found.append(f"{plain(entry.title(language))} {begin[0]}")
    return found


def pieces(answer: str) -> list[str]:
    """The first sentences of an answer, packed into pieces short enough to have one meaning."""
    found: list[str] = []
    longest = ANSWER_PIECE_CHARS if has_han(answer) else 3 * ANSWER_PIECE_CHARS
    for sentence in _SENTENCE_END.split(plain(answer)):
        if found and len(found[-1]) + len(sentence) <= longest:
            found[-1] += sentence
        elif sentence.strip():
            found.append(sentence[:longest])
        if len(found) > ANSWER_PIECES:
            break
    return found[:ANSWER_PIECES]
