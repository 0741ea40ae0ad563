"""What is doubtful in a knowledge: duplicates, contradictions, what is stale, near misses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.faq.content import language_of, phrasings
from app.faq.hit_test import words
from app.faq.schemas.entries import Content
from dialogue.knowledge.score import load_blend
from dialogue.knowledge.text import plain
from dialogue.knowledge.vectors import VectorSpace
from nlu.types import Language

NEAR = 0.8
"""Cosine in the tuned space. On the shop's own 175 entries, few and close pairs lie above."""
NEIGHBOURS = 3
"""That are looked at of each phrasing: of a thousand alike, each is told of its nearest."""
ROWS_AT_ONCE = 500
Embed = Callable[[Sequence[str]], Awaitable[NDArray[np.float32]]]
"""Texts to their vectors as passages, (texts, width)."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_DATE = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})")


Code = Literal["duplicate", "contradiction", "numbers", "near_miss", "expired", "past_date"]


@dataclass(frozen=True, slots=True)
class Finding:
    code: Code
    entry_id: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def told(self, language: Language) -> str:
        sentence: str = words()["lint"][self.code][language]
        return sentence.format_map(self.fields)

    def suggested(self, language: Language) -> str | None:
        """A wording that keeps the two apart, where there is one."""
        sentence: str = words()["suggestion"][language]
        return sentence.format_map(self.fields) if "suggestion" in self.fields else None


@dataclass(frozen=True, slots=True)
class _Phrasing:
    entry_id: str
    text: str


async def lint(
    contents: Mapping[str, Content], embed: Embed | None, moment: datetime
) -> list[Finding]:
    """Findings in `contents` by entry id; without an encoder near misses are not looked for."""
    asked = [
        _Phrasing(id_, text)
        for id_, content in contents.items()
        if content.kind == "faq"
        for text in phrasings(content)
    ]
    found = await asyncio.to_thread(lambda: [*_same(contents, asked), *_stale(contents, moment)])
    if embed is not None and asked:
        vectors = await embed([phrasing.text for phrasing in asked])
        found += await asyncio.to_thread(lambda: list(_near(contents, asked, vectors)))
    return found


def _same(contents: Mapping[str, Content], asked: Sequence[_Phrasing]) -> Iterator[Finding]:
    """Entries that share a phrasing, once a pair."""
    first: dict[str, _Phrasing] = {}
    told: set[tuple[str, str]] = set()
    for phrasing in asked:
        other = first.setdefault(plain(phrasing.text), phrasing)
        pair = (other.entry_id, phrasing.entry_id)
        if other.entry_id == phrasing.entry_id or pair in told:
            continue
        told.add(pair)
        same = contents[pair[0]].answers == contents[pair[1]].answers
        yield Finding(
            "duplicate" if same else "contradiction",
            phrasing.entry_id,
            {"question": phrasing.text, "other": other.entry_id},
        )


def _stale(contents: Mapping[str, Content], moment: datetime) -> Iterator[Finding]:
    for id_, content in contents.items():
        if content.valid_until is not None and content.valid_until <= moment:
            yield Finding("expired", id_, {"date": f"{content.valid_until:%Y-%m-%d}"})
        for answer in content.answers:
            for named in _DATE.finditer(answer.text):
                day = _day(named)
                if day is not None and day < moment.date():
                    yield Finding("past_date", id_, {"date": day.isoformat()})


def _day(named: re.Match[str]) -> date | None:
    year, month, day = (int(part) for part in named.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _near(
    contents: Mapping[str, Content], asked: Sequence[_Phrasing], vectors: NDArray[np.float32]
) -> Iterator[Finding]:
    """Phrasings of two entries that mean almost the same: the nearest of each pair of entries.

    vectors: (len(asked), width), unit length.
    """
    texts = [phrasing.text for phrasing in asked]
    space = VectorSpace(vectors, texts, load_blend().means, passages=True)
    rows = space.project(vectors, texts)
    best: dict[tuple[str, str], tuple[float, int, int]] = {}
    for likeness, one, two in _neighbours(asked, rows):
        pair = (asked[one].entry_id, asked[two].entry_id)
        best[pair] = max(best.get(pair, (0.0, 0, 0)), (likeness, one, two))
    places: dict[str, list[int]] = {}
    for number, phrasing in enumerate(asked):
        places.setdefault(phrasing.entry_id, []).append(number)
    for (entry_id, other), (likeness, one, two) in sorted(best.items(), key=lambda b: -b[1][0]):
        fields = {
            "question": asked[one].text,
            "near": asked[two].text,
            "other": other,
            "likeness": f"{likeness:.2f}",
        }
        fields |= _apart(contents, asked, rows, one, places[entry_id], places[other])
        language = language_of(asked[one].text)
        ours, theirs = _numbers(contents[entry_id], language), _numbers(contents[other], language)
        if ours and theirs and ours.isdisjoint(theirs):
            fields |= {"got": ", ".join(sorted(ours)), "expected": ", ".join(sorted(theirs))}
            yield Finding("numbers", entry_id, fields)
        else:
            yield Finding("near_miss", entry_id, fields)


def _neighbours(
    asked: Sequence[_Phrasing], rows: NDArray[np.float32]
) -> Iterator[tuple[float, int, int]]:
    """Likeness and numbers, the later one first, of phrasings near to one of another entry."""
    _, owner = np.unique([phrasing.entry_id for phrasing in asked], return_inverse=True)
    _, text = np.unique([plain(phrasing.text) for phrasing in asked], return_inverse=True)
    count = min(NEIGHBOURS, len(rows))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        alike = rows[some] @ rows.T  # (some, rows)
        alike[(owner[some, None] == owner) | (text[some, None] == text)] = -1
        nearest = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(alike, nearest, axis=1)
        for left, place in np.argwhere(near >= NEAR):
            ends = (start + int(left), int(nearest[left, place]))
            yield float(near[left, place]), max(ends), min(ends)


def _apart(
    contents: Mapping[str, Content],
    asked: Sequence[_Phrasing],
    rows: NDArray[np.float32],
    one: int,
    ours: Sequence[int],
    theirs: Sequence[int],
) -> dict[str, str]:
    """How the entry of `one` may be asked so that it is not taken for the other.

    The nearest phrasing of its own that is not near to theirs; else a keyword that only it has.
    """
    language = language_of(asked[one].text)
    own = [n for n in ours if n != one and language_of(asked[n].text) == language]
    if own:
        alike = (rows[own] @ rows[list(theirs)].T).max(axis=1)
        apart = [n for n, likeness in zip(own, alike, strict=True) if likeness < NEAR]
        if apart:
            nearest = apart[int((rows[apart] @ rows[one]).argmax())]
            return {"suggestion": asked[nearest].text}
    taken = {word.casefold() for word in contents[asked[theirs[0]].entry_id].keywords}
    for keyword in contents[asked[one].entry_id].keywords:
        fresh = keyword.casefold() not in taken and keyword not in asked[one].text
        if fresh and language_of(keyword) == language:
            text = asked[one].text.rstrip("?？。. ")
            return {
                "suggestion": f"{text}（{keyword}）" if language == "zh" else f"{text} ({keyword})"
            }
    return {}


def _numbers(content: Content, language: Language) -> set[str]:
    return {
        number
        for answer in content.answers
        if answer.language == language
        for number in _NUMBER.findall(answer.text)
    }
