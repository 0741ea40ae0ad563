"""Questions to learn a blend from: customers' own where a store has them, else hidden phrasings.

Each round leaves every entry one to three phrasings and asks with some of the hidden ones: what
the blend must rank. A second index leaves out some entries whole: what it must refuse.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.index import KnowledgeIndex
from dialogue.knowledge.rows import Rows, answer_rows, question_rows, told_rows
from dialogue.knowledge.score import Blend, Phrasings
from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Entry
from dialogue.knowledge.vectors import EntryVectors, Means
from nlu.types import Embedder, Vector

FloatArray = NDArray[np.float32]
Query = tuple[str, str | None]
"""What is asked, and the id of the entry that answers; None where none does."""

MOST_QUERIES = 400
"""Of one store in one round."""
SILENT = 0.15
"""Share of rounds in which no entry has an answer to compare with."""
LEFT_OUT = 0.2
"""Share of entries that the second index of a round does not have."""


@dataclass(frozen=True, slots=True)
class Store:
    name: str
    entries: Sequence[Entry]
    queries: Sequence[Query] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's candidates as an index saw them; `right` is the place of its entry, or None."""

    features: FloatArray
    right: int | None
    phrasings: Phrasings
    """Of the index."""
    lost: bool = False
    """The right entry is not among the candidates: nothing to learn from, but a mistake."""
    weight: float = 1.0


class Known(NamedTuple):
    """Vectors of a store's texts, as questions and as passages."""

    asked: Mapping[str, Vector]
    passages: Mapping[str, Vector]


async def embedded(store: Store, embedder: Embedder) -> Known:
    questions = list(dict.fromkeys(question_rows(store.entries).texts))
    told = [
        text
        for entry in store.entries
        for title in entry.questions
        for text in told_rows([replace(entry, questions=(title,), titles={})]).texts
    ]
    passages = list(dict.fromkeys([*questions, *answer_rows(store.entries).texts, *told]))
    asked = list(dict.fromkeys([*questions, *(plain(text) for text, _ in store.queries)]))
    asked_rows = await _embed(asked, embedder, passages=False)
    passage_rows = await _embed(passages, embedder, passages=True)
    return Known(
        dict(zip(asked, asked_rows, strict=True)), dict(zip(passages, passage_rows, strict=True))
    )


async def _embed(texts: Sequence[str], embedder: Embedder, *, passages: bool) -> FloatArray:
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    rows = np.zeros((len(texts), embedder.width), dtype=np.float32)
    for at in range(0, len(order), 64):
        part = order[at : at + 64]
        rows[part] = await embedder.embed([texts[n] for n in part], passages=passages)
    return rows


def means_of(stores: Sequence[Store], known: Sequence[Known]) -> Means:
    """Of the stores' phrasings, each store alike."""
    phrasings = [question_rows(store.entries).texts for store in stores]

    def mean(chinese: bool, passages: bool) -> FloatArray | None:
        middles = []
        for one, texts in zip(known, phrasings, strict=True):
            mine = [text for text in texts if has_han(text) is chinese]
            rows = one.passages if passages else one.asked
            if mine:
                middles.append(np.mean([rows[text] for text in mine], axis=0))
        return np.mean(middles, axis=0).astype(np.float32) if middles else None

    return Means(mean(True, False), mean(False, False), mean(True, True), mean(False, True))


def rounds_of(
    store: Store, known: Known, blend: Blend, rng: random.Random, count: int
) -> list[list[Asked]]:
    """`count` rounds over a store; its own queries are shared out among them."""
    if not store.queries:
        return [_hidden_round(store.entries, known, blend, rng) for _ in range(count)]
    queries = list(store.queries)
    rng.shuffle(queries)
    return [
        _asked_of_both(store.entries, queries[at::count][:MOST_QUERIES], known, blend, rng)
        for at in range(count)
    ]


def _hidden_round(
    entries: Sequence[Entry], known: Known, blend: Blend, rng: random.Random
) -> list[Asked]:
    kept: list[Entry] = []
    queries: list[Query] = []
    most = rng.choice((1, 1, 3, 100))  # stores differ in how many phrasings they have
    silent = rng.random() < SILENT  # ... and in how much their answers say
    for entry in entries:
        left, hidden = hide_phrasings(entry.questions, rng)
        answers = {} if silent else entry.answers
        kept.append(replace(entry, questions=left[:most], titles={}, answers=answers))
        queries += [(question, entry.id) for question in hidden[:4]]
    rng.shuffle(queries)
    return _asked_of_both(kept, queries[:MOST_QUERIES], known, blend, rng)


def _asked_of_both(
    entries: Sequence[Entry],
    queries: Sequence[Query],
    known: Known,
    blend: Blend,
    rng: random.Random,
) -> list[Asked]:
    some = [entry for entry in entries if rng.random() > LEFT_OUT]
    gone = {entry.id for entry in entries} - {entry.id for entry in some}
    asked = _ask(entries, queries, known, blend)
    return asked + _ask(some, [query for query in queries if query[1] in gone], known, blend)


def hide_phrasings(
    questions: Sequence[str], rng: random.Random
) -> tuple[tuple[str, ...], list[str]]:
    """Hide a third of each language's phrasings, at least one of two."""
    left: list[str] = []
    hidden: list[str] = []
    for chinese in (True, False):
        mine = [question for question in questions if has_han(question) is chinese]
        rng.shuffle(mine)
        keep = max(1, round(len(mine) * 2 / 3) if len(mine) > 2 else 1)
        left += mine[:keep]
        hidden += mine[keep:]
    rng.shuffle(hidden)
    return tuple(left), hidden


def _ask(
    entries: Sequence[Entry], queries: Sequence[Query], known: Known, blend: Blend
) -> list[Asked]:
    width = len(next(iter(known.passages.values())))
    nothing = np.zeros(width, dtype=np.float32)

    def vectors(rows: Rows) -> FloatArray:
        found = [known.passages.get(text, nothing) for text in rows.texts]
        return np.stack(found) if found else np.zeros((0, width), dtype=np.float32)

    kinds = (question_rows(entries), answer_rows(entries), told_rows(entries))
    index = KnowledgeIndex(entries, EntryVectors(*(vectors(rows) for rows in kinds)), blend)
    found: list[Asked] = []
    for query, entry_id in queries:
        scored = index.score(query, known.asked[plain(query)])
        if scored is None:
            continue
        number = index.by_id.get(entry_id or "", -1)
        places = np.flatnonzero(scored.entries == number)
        right = int(places[0]) if len(places) else None
        lost = number >= 0 and right is None
        found.append(Asked(scored.features, right, index.phrasings, lost))
    return found
