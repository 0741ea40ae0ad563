"""What the public help centre shows: the knowledge that customers are answered from."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel
from ruamel.yaml import YAML

from dialogue.knowledge.ahead import Ahead
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Entry, Hit
from nlu.types import Language

WORDS_COUNT = 0.3
"""Of the score: how much it counts that an entry has every word as far as it is typed."""
CANDIDATES = 20
"""That are looked at for each thing that may be meant."""
EXCERPT_CHARS = 140
_BLANKS = re.compile(r"\s+")


class Part(BaseModel):
    """A piece of text; what matches the query is marked."""

    text: str
    match: bool = False


class HelpHit(BaseModel):
    entry_id: str
    category: str
    title: list[Part]
    excerpt: list[Part]
    score: float
    """The probability that this answers the query, [0, 1]."""


class HelpAnswer(BaseModel):
    query: str
    items: list[HelpHit]


class HelpService:
    """Finds and lists entries; passages of documents are for the bot alone."""

    def __init__(self, knowledge: LiveKnowledge) -> None:
        self._knowledge = knowledge
        self._words: tuple[Sequence[Entry], Ahead] | None = None
        self.words: Mapping[str, Mapping[Language, str]] = YAML(typ="safe").load(
            Path(__file__).with_name("words.yml")
        )

    async def search(self, query: str, language: Language, limit: int) -> HelpAnswer:
        """As somebody types: the best entries, what matches marked."""
        if not query.strip():
            return HelpAnswer(query=query, items=[])
        typed = (await self._ahead()).read(query, language)
        marks = marks_of(typed.words)
        best: dict[str, tuple[float, Hit]] = {}
        for meant in (query, *typed.queries):
            found = await self._knowledge.search(meant, language=language, limit=CANDIDATES)
            for hit in found.hits:
                whole = _has_all(hit.entry, typed.words)
                if hit.entry.kind != "faq" or not (whole or hit.score >= found.thresholds.suggest):
                    continue
                rank = hit.score + WORDS_COUNT * whole
                if rank > best.get(hit.entry.id, (0.0,))[0]:
                    best[hit.entry.id] = (rank, hit)
        hits = [hit for _, hit in sorted(best.values(), key=lambda ranked: -ranked[0])[:limit]]
        return HelpAnswer(query=query, items=[_shown(hit, marks, language) for hit in hits])

    async def _ahead(self) -> Ahead:
        """The words of what is searched now."""
        entries = self._knowledge.entries_for("everyone")
        if self._words is None or self._words[0] is not entries:
            self._words = (entries, await asyncio.to_thread(Ahead, entries))
        return self._words[1]

    def categories(self, language: Language) -> dict[str, list[Entry]]:
        """All entries by category, by title; those without a category come last."""
        grouped: dict[str, list[Entry]] = {}
        for entry in self._knowledge.entries_for("everyone"):
            if entry.kind == "faq":
                grouped.setdefault(_in(entry.category, language), []).append(entry)
        for entries in grouped.values():
            entries.sort(key=lambda entry: entry.title(language))
        return dict(sorted(grouped.items(), key=lambda group: (not group[0], group[0])))

    def entry(self, entry_id: str) -> Entry | None:
        entry = self._knowledge.entry(entry_id)
        return entry if entry is not None and entry.kind == "faq" else None

    async def related(self, entry_id: str) -> Sequence[Entry]:
        return await self._knowledge.related(entry_id, limit=4)


def _in(category: str, language: Language) -> str:
    """``配送 / Delivery`` is called ``配送`` in Chinese and ``Delivery`` in English."""
    parts = [part.strip() for part in category.split("/")]
    mine = [part for part in parts if has_han(part) is (language == "zh")]
    return mine[0] if len(parts) == 2 and len(mine) == 1 else category


def _has_all(entry: Entry, words: Sequence[Sequence[str]]) -> bool:
    """Whether the ways to ask for `entry` have every word."""
    text = plain("\n".join((*entry.questions, *entry.keywords)))
    return bool(words) and all(
        any(re.search(_pattern(form), text) for form in forms) for forms in words
    )


def _shown(hit: Hit, marks: re.Pattern[str] | None, language: Language) -> HelpHit:
    entry = hit.entry
    return HelpHit(
        entry_id=entry.id,
        category=entry.category,
        title=marked(entry.title(language), marks),
        excerpt=marked(_excerpt(entry.answer(language), marks), marks),
        score=round(hit.score, 4),
    )


def marks_of(words: Sequence[Sequence[str]]) -> re.Pattern[str] | None:
    """Matches the words of a query, as far as they are typed and as what they may become."""
    forms = sorted({form for forms in words for form in forms}, key=len, reverse=True)
    return re.compile("|".join(map(_pattern, forms)), re.IGNORECASE) if forms else None


def _pattern(form: str) -> str:
    """English words with their endings; a letter alone only as a word."""
    if not form.isascii():
        return re.escape(form)
    return rf"(?<![a-z0-9]){re.escape(form)}" + (r"[a-z]*" if len(form) > 1 else r"(?![a-z0-9])")


def marked(text: str, marks: re.Pattern[str] | None) -> list[Part]:
    return list(_parts(text, marks)) if marks else [Part(text=text)]


def _parts(text: str, marks: re.Pattern[str]) -> Iterator[Part]:
    end = 0
    for found in marks.finditer(text):
        if found.start() > end:
            yield Part(text=text[end : found.start()])
        yield Part(text=found.group(), match=True)
        end = found.end()
    if end < len(text):
        yield Part(text=text[end:])


def _excerpt(answer: str, marks: re.Pattern[str] | None) -> str:
    """The beginning of an answer, or the surroundings of the first match further down."""
    text = _BLANKS.sub(" ", answer).strip()
    first = marks.search(text) if marks else None
    start = 0 if first is None or first.end() < EXCERPT_CHARS else first.start() - 30
    cut = text[start : start + EXCERPT_CHARS]
    return ("…" if start else "") + cut + ("…" if start + EXCERPT_CHARS < len(text) else "")
