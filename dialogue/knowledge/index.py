"""An immutable index over entries: words, sounds and vectors, blended into one probability."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from dialogue.knowledge.cache import Cache, VectorCache
from dialogue.knowledge.lexical import Channel, Keywords
from dialogue.knowledge.rows import Numbers, Rows, answer_rows, question_rows, told_rows
from dialogue.knowledge.score import FEATURES, Blend, Phrasings, load_blend
from dialogue.knowledge.synonyms import Synonyms
from dialogue.knowledge.text import Units, expanded, plain, units, without_end
from dialogue.knowledge.types import Entry, Hit
from dialogue.knowledge.vectors import FloatArray, Placing, Texts
from nlu.types import Embedder, Vector

ALL_UP_TO = 200
"""Entries of which all get the whole set of features."""
CANDIDATES = 160
"""Entries of more that get it; the right one is among them or lost."""
ROWS_PER_SEAT = 3
"""Phrasings that are looked at for each entry that is wanted: its own may be among the best too."""
LEAN = 0.3
"""How much what a customer was told before counts beside the answer just given."""
FEW_WORDS, WHOLE_QUESTION_WORDS = 1.5, 6.0
"""Content words of titles such as ``托运行李`` and of questions that say all."""
EXACT = 0.99
"""Certainty of a question that is stored word for word."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One query's candidates: entry numbers, best first, and what was seen of them."""

    entries: Numbers
    features: FloatArray
    """(candidates, FEATURES)"""
    logits: FloatArray
    probabilities: FloatArray
    rows: Numbers
    """The row of each entry's best phrasing."""


class KnowledgeIndex:
    """Built once, never changed; `LiveKnowledge` swaps a new one in. Searching is thread-safe."""

    def __init__(
        self,
        entries: Sequence[Entry],
        vectors: Placing | None,
        blend: Blend,
        synonyms: Synonyms | None = None,
    ) -> None:
        """`vectors` are of the entries as `synonyms` fold them."""
        self.entries = tuple(entries)
        """As they were written; what follows compares them folded."""
        self.synonyms = synonyms or Synonyms()
        entries = [self.synonyms.folded(entry) for entry in entries]
        self.by_id = {entry.id: number for number, entry in enumerate(self.entries)}
        self._questions = question_rows(entries)
        self._bare: dict[str, list[int]] = {}
        for row, text in enumerate(self._questions.texts):
            self._bare.setdefault(without_end(text), []).append(row)
        self._answers, self._told = answer_rows(entries), told_rows(entries)
        self._vectors = _Compared(self, vectors, blend) if vectors and self.entries else None
        cut = [units(text) for text in self._questions.texts]
        self.phrasings = _phrasings(self._questions, cut)
        self.blend = blend.fitted(self.phrasings)
        self._words = Channel([expanded(unit.words) for unit in cut])
        self._grams = Channel([unit.grams for unit in cut])
        self._sounds = Channel([unit.sounds for unit in cut])
        answers = [plain(" ".join(dict.fromkeys(e.answers.values()))) for e in entries]
        cut_answers = [units(text) for text in answers]
        self._answer_words = Channel([unit.words for unit in cut_answers])
        self._answer_grams = Channel([unit.grams for unit in cut_answers])
        whole = [_together(cut, self._questions, n, a) for n, a in enumerate(cut_answers)]
        self._whole_words = Channel([unit.words for unit in whole])
        self._whole_grams = Channel([unit.grams for unit in whole])
        self._keywords = Keywords([[plain(word) for word in e.keywords] for e in entries])

    @classmethod
    async def build(
        cls,
        entries: Sequence[Entry],
        embedder: Embedder | None,
        *,
        blend: Blend | None = None,
        cache: Cache | None = None,
        progress: Callable[[float], None] | None = None,
        keep: bool = True,
        synonyms: Synonyms | None = None,
    ) -> KnowledgeIndex:
        """Embed what is new and index, off the event loop. Without `embedder`: words alone.

        `keep` the vectors of these entries for the next start, and no others.
        """
        blend = blend or load_blend()
        if embedder is None:
            return await asyncio.to_thread(cls, entries, None, blend, synonyms)
        cache = cache or VectorCache(None, "", embedder.width)
        compared = [synonyms.folded(entry) for entry in entries] if synonyms else entries
        texts = Texts(*(rows(compared).texts for rows in (question_rows, answer_rows, told_rows)))
        vectors = await cache.place(texts, embedder, progress)
        if keep:
            await cache.keep(texts)
        return await asyncio.to_thread(cls, entries, vectors, blend, synonyms)

    def search(
        self,
        query: str,
        vector: Vector | None,
        *,
        limit: int,
        among: Collection[str] | None = None,
    ) -> tuple[Hit, ...]:
        """The best `limit` entries, best first; only those whose ids are in `among`, if given."""
        scored = self.score(query, vector, among=among)
        if scored is None:
            return ()
        return tuple(self._hit(scored, place) for place in range(min(limit, len(scored.entries))))

    def _hit(self, scored: Scored, place: int) -> Hit:
        features = dict(zip(FEATURES, scored.features[place].tolist(), strict=True))
        return Hit(
            entry=self.entries[scored.entries[place]],
            question=self._as_written(scored.entries[place], scored.rows[place]),
            score=float(scored.probabilities[place]),
            lexical=max(features["words"], features["grams"]),
            semantic=features["near"],
            features=features,
        )

    def score(
        self, query: str, vector: Vector | None, *, among: Collection[str] | None = None
    ) -> Scored | None:
        """All that the blend knows of `query`; None when nothing can be compared.

        `vector` is that of the query as `synonyms` fold it.
        """
        text = plain(self.synonyms.fold(query))
        if not self.entries or not text:
            return None
        cut = units(text)
        asked = None
        if vector is not None and self._vectors is not None:
            asked = self._vectors.placed.space.ask(vector, text)
        chosen = self._candidates(cut, asked, among)
        if not len(chosen):
            return None
        features, best = self._features(text, cut, asked, chosen)
        logits = self.blend.logits(features)
        same = features[:, FEATURES.index("same")] == 1
        probabilities = _certain(self.blend.probabilities(features, logits), same)
        order = np.argsort(-probabilities, kind="stable")
        return Scored(
            entries=chosen[order],
            features=features[order],
            logits=logits[order],
            probabilities=probabilities[order],
            rows=best[order],
        )

    def _as_written(self, entry: int, row: int) -> str:
        question: str = self.entries[entry].questions[row - self._questions.starts[entry]]
        return question

    def _features(
        self, text: str, cut: Units, asked: FloatArray | None, chosen: Numbers
    ) -> tuple[FloatArray, Numbers]:
        """(chosen, FEATURES), and the row of each entry's best phrasing."""
        rows, begins = self._questions.of(chosen)
        words = self._words.at(cut.words, rows)
        grams = self._grams.at(cut.grams, rows)
        sounds = self._sounds.at(cut.sounds, rows)
        texts = [self._questions.texts[row] for row in rows.tolist()]
        same = process.cdist([text], texts, scorer=fuzz.ratio)[0] / 100
        same[np.isin(rows, self._bare.get(without_end(text), []))] = 1
        near = np.zeros(len(rows), dtype=np.float32)
        answer_near = told_near = np.zeros(len(chosen), dtype=np.float32)
        if asked is not None and self._vectors is not None:
            near, answer_near, told_near = self._vectors.near(asked, rows, chosen)
        counts = np.diff(np.append(begins, len(rows)))
        nearest = np.maximum.reduceat(near, begins)
        columns = {
            "near": nearest,
            "mean": np.add.reduceat(near, begins) / counts,
            "answer_near": answer_near,
            "told_near": told_near,
            "words": np.maximum.reduceat(words, begins),
            "grams": np.maximum.reduceat(grams, begins),
            "sounds": np.maximum.reduceat(sounds, begins),
            "answer_words": self._answer_words.at(cut.words, chosen),
            "answer_grams": self._answer_grams.at(cut.grams, chosen),
            "whole_words": self._whole_words.at(cut.words, chosen),
            "whole_grams": self._whole_grams.at(cut.grams, chosen),
            "keywords": self._keywords.said(text, chosen),
            "same": np.maximum.reduceat(same, begins),
            "either": np.maximum(nearest, answer_near),
        }
        features = np.zeros((len(chosen), len(FEATURES)), dtype=np.float32)
        for place, name in enumerate(FEATURES):
            features[:, place] = columns[name]
        # The phrasing to show: stored word for word, else the nearest by vectors and words.
        liking = (words + grams) / 2 + 2 * near + 10 * (same == 1)
        liked = np.flatnonzero(liking == np.repeat(np.maximum.reduceat(liking, begins), counts))
        best = liked[np.searchsorted(liked, begins)]
        return features, rows[best]

    def related(self, entry_id: str, limit: int, told: Sequence[str] = ()) -> tuple[Entry, ...]:
        """Entries nearest to `entry_id` and a little to those `told`, which are not among them."""
        number = self.by_id.get(entry_id)
        if number is None or self._vectors is None:
            return ()
        past = [self.by_id[name] for name in told if name in self.by_id and name != entry_id]
        seen = {number, *past}
        middle = self._middle(self._vectors, [number])
        if past:
            middle = middle + LEAN * self._middle(self._vectors, past)
        questions = self._vectors.placed.questions
        rows = questions.best(middle, (limit + len(seen)) * 12)
        near = questions.at(middle, rows)
        category = self.entries[number].category
        found: dict[int, float] = {}
        for row, likeness in zip(rows, near, strict=True):
            other = int(self._questions.owner[row])
            entry = self.entries[other]
            if other not in seen and entry.kind == "faq":
                likeness = float(likeness) + 0.1 * (entry.category == category)
                found[other] = max(found.get(other, -1.0), likeness)
        best = sorted(found, key=lambda other: -found[other])[:limit]
        return tuple(self.entries[other] for other in best)

    def _middle(self, vectors: _Compared, entries: Sequence[int]) -> FloatArray:
        """The mean of all phrasings of `entries`, of unit length."""
        rows, _ = self._questions.of(np.asarray(entries))
        middle = vectors.placed.questions.middle(rows)
        unit: FloatArray = middle / max(float(np.linalg.norm(middle)), 1e-9)
        return unit

    def _candidates(
        self, cut: Units, asked: FloatArray | None, among: Collection[str] | None
    ) -> Numbers:
        """Numbers of the entries that are best by any channel, at most about CANDIDATES."""
        if among is not None:
            allowed = [self.by_id[name] for name in among if name in self.by_id]
            return np.unique(np.asarray(allowed, dtype=np.int64))
        if len(self.entries) <= ALL_UP_TO:
            return np.arange(len(self.entries))
        seats = CANDIDATES // 8
        looked_at = seats * ROWS_PER_SEAT
        found = [
            self._owners(self._words.best(cut.words, looked_at), seats),
            self._owners(self._grams.best(cut.grams, looked_at), seats),
            self._owners(self._sounds.best(cut.sounds, looked_at), seats),
            self._whole_grams.best(cut.grams, seats),
        ]
        if asked is not None and self._vectors is not None:
            # Vectors are the best single judge: twice the seats.
            nearest, told = self._vectors.placed.best(asked, 2 * looked_at, 2 * seats)
            found.append(self._owners(nearest, 2 * seats))
            found.append(np.unique(self._told.owner[told]))
        return np.unique(np.concatenate(found))

    def _owners(self, rows: Numbers, seats: int) -> Numbers:
        """The entries of `rows`, which are best first; at most `seats`."""
        owners = self._questions.owner[rows]
        _, first = np.unique(owners, return_index=True)
        kept: Numbers = owners[np.sort(first)][:seats]
        return kept


class _Compared:
    """The texts' vectors in the space that this knowledge's own phrasings make."""

    def __init__(self, index: KnowledgeIndex, vectors: Placing, blend: Blend) -> None:
        self._answers, self._told = index._answers, index._told
        texts = Texts(index._questions.texts, self._answers.texts, self._told.texts)
        self.placed = vectors.placed(texts, blend.means)

    def near(
        self, asked: FloatArray, questions: Numbers, entries: Numbers
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Of these phrasings; and the best of each entry's texts of the two other kinds."""
        answers, told = _Having.of(self._answers, entries), _Having.of(self._told, entries)
        near, of_answers, of_told = self.placed.at(asked, questions, answers.rows, told.rows)
        return near, answers.best(of_answers), told.best(of_told)


class _Having(NamedTuple):
    """The texts of one kind of some entries, of which not all have one."""

    entries: int
    having: Numbers
    rows: Numbers
    begins: Numbers

    @classmethod
    def of(cls, texts: Rows, entries: Numbers) -> _Having:
        having = np.flatnonzero(texts.starts[entries + 1] > texts.starts[entries])
        return cls(len(entries), having, *texts.of(entries[having]))

    def best(self, near: FloatArray) -> FloatArray:
        """Of each entry; 0 for one that has none."""
        found = np.zeros(self.entries, dtype=np.float32)
        if len(self.having):
            found[self.having] = np.maximum.reduceat(near, self.begins)
        return found


def _together(cut: Sequence[Units], questions: Rows, entry: int, answer: Units) -> Units:
    """An entry as one text: all its phrasings and its answer."""
    start, end = questions.starts[entry], questions.starts[entry + 1]
    mine = [*cut[start:end], answer]
    words = [word for unit in mine for word in unit.words]
    return Units(words, [gram for unit in mine for gram in unit.grams], [])


def _phrasings(questions: Rows, cut: Sequence[Units]) -> Phrasings:
    if not cut:
        return Phrasings(0.0, 0.0)
    words = float(np.mean([len(unit.words) for unit in cut]))
    full = (words - FEW_WORDS) / (WHOLE_QUESTION_WORDS - FEW_WORDS)
    return Phrasings(
        single=float(np.mean(1 / np.diff(questions.starts))), full=float(np.clip(full, 0, 1))
    )


def _certain(probabilities: FloatArray, same: NDArray[np.bool_]) -> FloatArray:
    """A question that is stored word for word is known; entries that share it share the rest."""
    if not same.any():
        return probabilities
    rest = probabilities[~same].sum()
    scale = min(1.0, (1 - EXACT) / rest) if rest > 0 else 1.0
    found: FloatArray = np.where(same, EXACT / same.sum(), probabilities * scale)
    return found.astype(np.float32)
