"""What the public help centre shows: the knowledge that customers are answered from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel
from ruamel.yaml import YAML

from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.text import content_words, has_han, stop_words
from dialogue.knowledge.types import Entry, Hit
from nlu.types import Language

LEAST_SCORE = 0.02
"""Below this a hit has nothing to do with what is asked; words that match are shown all the same."""
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
        self.words: Mapping[str, Mapping[Language, str]] = YAML(typ="safe").load(
            Path(__file__).with_name("words.yml")
        )

    async def search(self, query: str, language: Language, limit: int) -> HelpAnswer:
        """As somebody types: the best entries, what matches marked."""
        if not query.strip():
            return HelpAnswer(query=query, items=[])
        found = await self._knowledge.search(query, language=language, limit=limit * 2)
        hits = [hit for hit in found.hits if hit.entry.kind == "faq" and _says_something(hit)]
        return HelpAnswer(query=query, items=[_shown(hit, query, language) for hit in hits[:limit]])

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


def _says_something(hit: Hit) -> bool:
    return hit.score >= LEAST_SCORE or hit.lexical > 0.5


def _shown(hit: Hit, query: str, language: Language) -> HelpHit:
    entry = hit.entry
    marks = marks_of(query)
    return HelpHit(
        entry_id=entry.id,
        category=entry.category,
        title=marked(entry.title(language), marks),
        excerpt=marked(_excerpt(entry.answer(language), marks), marks),
        score=round(hit.score, 4),
    )


def marks_of(query: str) -> re.Pattern[str] | None:
    """Matches the words of `query` that say something; English ones with their endings."""
    words = sorted({*content_words(query)} - stop_words(), key=len, reverse=True)
    words = [word for word in words if len(word) > 1 or not word.isascii()]
    if not words:
        return None
    forms = (rf"(?<![a-z0-9]){re.escape(w)}[a-z]*" if w.isascii() else re.escape(w) for w in words)
    return re.compile("|".join(forms), re.IGNORECASE)


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
