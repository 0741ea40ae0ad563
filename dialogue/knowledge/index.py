"""An immutable index over entries: words, sounds and vectors, blended into one probability."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from dialogue.knowledge.lexical import Channel
from dialogue.knowledge.score import FEATURES, Blend, load_blend
from dialogue.knowledge.text import Units, expanded, has_han, plain, units
from dialogue.knowledge.types import Entry, Hit
from dialogue.knowledge.vectors import VectorCache, VectorSpace
from nlu.types import Embedder, Vector

FloatArray = NDArray[np.float32]

CANDIDATES = 60
"""Entries that get the whole set of features; the right one is among them or lost."""
EXACT = 0.99
"""Certainty of a question that is stored word for word."""
ANSWER_PIECES = 3
ANSWER_PIECE_CHARS = 120
_SENTENCE_END = re.compile(r"(?<=[。！？；\n])|(?<=[.!?]\s)")
_COSINE_CENTRE, _COSINE_SCALE = 0.85, 0.1
"""E5 puts any two questions at about .85; the scale makes the feature of order one."""


class _Rows(NamedTuple):
    """Texts of all entries in one list, entry by entry."""

    texts: list[str]
    owner: NDArray[np.int64]
    """(rows,) the entry that a text belongs to."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One query's candidates: entry numbers, best first, and what was seen of them."""

    entries: NDArray[np.int64]
    features: FloatArray
    """(candidates, FEATURES)"""
    logits: FloatArray
    probabilities: FloatArray
    phrasings: tuple[str, ...]
    cosines: FloatArray


class KnowledgeIndex:
    """Built once, never changed; `LiveKnowledge` swaps a new one in. Searching is thread-safe."""

    def __init__(
        self,
        entries: Sequence[Entry],
        question_vectors: FloatArray,
        answer_vectors: FloatArray,
        blend: Blend,
    ) -> None:
        """Vectors in the order of `question_rows` and `answer_rows`; (0, width) when there are none."""
        self.entries = tuple(entries)
        self.by_id = {entry.id: number for number, entry in enumerate(self.entries)}
        self.blend = blend
        self._questions = question_rows(self.entries)
        self._answers = answer_rows(self.entries)
        self._raw = question_vectors
        embedded = self._questions.texts if len(question_vectors) else []
        self._space = VectorSpace(question_vectors, embedded, blend.means)
        self._answer_rows = (
            self._space.project(answer_vectors, self._answers.texts)
            if len(answer_vectors)
            else answer_vectors
        )
        self._answers_of = _spans(self._answers.owner, len(self.entries))
        self._questions_of = _spans(self._questions.owner, len(self.entries))
        cut = [units(text) for text in self._questions.texts]
        self._words = Channel([expanded(unit.words) for unit in cut])
        self._grams = Channel([unit.grams for unit in cut])
        self._sounds = Channel([unit.sounds for unit in cut])
        answers = [plain(" ".join(dict.fromkeys(e.answers.values()))) for e in self.entries]
        cut_answers = [units(text) for text in answers]
        self._answer_words = Channel([unit.words for unit in cut_answers])
        self._answer_grams = Channel([unit.grams for unit in cut_answers])
        self._keywords = [tuple(plain(word) for word in e.keywords) for e in self.entries]

    @classmethod
    async def build(
        cls,
        entries: Sequence[Entry],
        embedder: Embedder | None,
        *,
        blend: Blend | None = None,
        cache: VectorCache | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> KnowledgeIndex:
        """Embed what is new and index, off the event loop. Without `embedder`: words alone."""
        blend = blend or load_blend()
        questions = question_rows(entries).texts
        answers = answer_rows(entries).texts
        if embedder is None:
            empty = np.zeros((0, 0), dtype=np.float32)
            return await asyncio.to_thread(cls, entries, empty, empty, blend)
        cache = cache or VectorCache(None, "", embedder.width)
        texts = [*questions, *answers]
        rows = await cache.embed(texts, embedder, progress)
        await asyncio.to_thread(cache.save, texts)
        split = len(questions)
        return await asyncio.to_thread(cls, entries, rows[:split], rows[split:], blend)

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
            question=scored.phrasings[place],
            score=float(scored.probabilities[place]),
            lexical=max(features["words"], features["grams"]),
            semantic=float(scored.cosines[place]),
            features=features,
        )

    def score(
        self, query: str, vector: Vector | None, *, among: Collection[str] | None = None
    ) -> Scored | None:
        """All that the blend knows of `query`; None when nothing can be compared."""
        text = plain(query)
        if not self.entries or not text:
            return None
        if not len(self._raw):
            vector = None  # built without an embedder
        cut = units(text)
        channels = self._question_channels(cut)
        query_near = None if vector is None else self._space.project(vector[None, :], [text])[0]
        near = None if query_near is None else self._space.similarity(query_near)
        chosen = self._candidates(channels, near, among)
        if not len(chosen):
            return None
        features = np.zeros((len(chosen), len(FEATURES)), dtype=np.float32)
        phrasings: list[str] = []
        cosines = np.zeros(len(chosen), dtype=np.float32)
        answers = (
            self._answer_words.scores(cut.words),
            self._answer_grams.scores(cut.grams),
        )
        for place, number in enumerate(chosen):
            start, end = self._questions_of[number]
            best = start + int(np.argmax(self._row_score(channels, near, start, end)))
            phrasings.append(self.entries[number].questions[best - start])
            cosine = self._cosine(vector, start, end)
            cosines[place] = cosine or 0.0
            features[place] = (
                0.0 if cosine is None else (cosine - _COSINE_CENTRE) / _COSINE_SCALE,
                0.0 if near is None else float(near[start:end].max()),
                self._answer_near(query_near, number),
                *(float(channel[start:end].max()) for channel in channels),
                float(answers[0][number]),
                float(answers[1][number]),
                self._keyword_hit(text, number),
                fuzz.ratio(text, self._questions.texts[best]) / 100,
            )
        logits = self.blend.logits(features)
        same = features[:, FEATURES.index("same")] == 1
        probabilities = _certain(self.blend.probabilities(features, logits), same)
        order = np.argsort(-probabilities, kind="stable")
        return Scored(
            entries=np.asarray(chosen)[order],
            features=features[order],
            logits=logits[order],
            probabilities=probabilities[order],
            phrasings=tuple(phrasings[place] for place in order),
            cosines=cosines[order],
        )

    def related(self, entry_id: str, limit: int) -> tuple[Entry, ...]:
        """Entries whose phrasings are nearest to those of `entry_id`; same category first."""
        number = self.by_id.get(entry_id)
        if number is None or not len(self._space.rows):
            return ()
        start, end = self._questions_of[number]
        middle = self._space.rows[start:end].mean(axis=0)
        near = self._space.rows @ middle
        firsts = [first for first, _ in self._questions_of]
        best: FloatArray = np.maximum.reduceat(near, firsts).astype(np.float32)
        category = self.entries[number].category
        same = np.array([entry.category == category for entry in self.entries])
        shown = np.array([entry.kind == "faq" for entry in self.entries])
        best = np.where(shown, best + 0.1 * same, -1).astype(np.float32)
        best[number] = -np.inf
        order = np.argsort(-best)[:limit]
        return tuple(self.entries[other] for other in order if best[other] > 0)

    def _question_channels(self, cut: Units) -> tuple[FloatArray, FloatArray, FloatArray]:
        return (
            self._words.scores(cut.words),
            self._grams.scores(cut.grams),
            self._sounds.scores(cut.sounds),
        )

    def _row_score(
        self, channels: Sequence[FloatArray], near: FloatArray | None, start: int, end: int
    ) -> FloatArray:
        words, grams, _ = channels
        lexical: FloatArray = (words[start:end] + grams[start:end]) * np.float32(0.5)
        return lexical if near is None else lexical + 2 * near[start:end]

    def _candidates(
        self,
        channels: Sequence[FloatArray],
        near: FloatArray | None,
        among: Collection[str] | None,
    ) -> NDArray[np.int64]:
        """Numbers of the entries that are best by any channel, at most about CANDIDATES."""
        if among is not None:
            allowed = [self.by_id[name] for name in among if name in self.by_id]
            return np.unique(np.asarray(allowed, dtype=np.int64))
        if len(self.entries) <= CANDIDATES:
            return np.arange(len(self.entries))
        kinds = [channel for channel in channels if channel.any()]
        if near is not None:
            kinds += [near, near]  # vectors are the best single judge: twice the seats
        if not kinds:
            return np.zeros(0, dtype=np.int64)
        seats = CANDIDATES // len(kinds)
        found = [self._best_owners(kind, seats) for kind in kinds[:-1]]
        found.append(self._best_owners(kinds[-1], seats * (2 if near is not None else 1)))
        return np.unique(np.concatenate(found))

    def _best_owners(self, scores: FloatArray, seats: int) -> NDArray[np.int64]:
        rows = min(len(scores), seats * 4)
        top = np.argpartition(-scores, rows - 1)[:rows]
        top = top[np.argsort(-scores[top])]
        owners = self._questions.owner[top]
        _, first = np.unique(owners, return_index=True)
        kept: NDArray[np.int64] = owners[np.sort(first)][:seats]
        return kept

    def _cosine(self, vector: Vector | None, start: int, end: int) -> float | None:
        if vector is None or not len(self._raw):
            return None
        return float((self._raw[start:end] @ vector).max())

    def _answer_near(self, query: FloatArray | None, number: int) -> float:
        start, end = self._answers_of[number]
        if query is None or start == end or not len(self._answer_rows):
            return 0.0
        return float((self._answer_rows[start:end] @ query).max())

    def _keyword_hit(self, text: str, number: int) -> float:
        return float(any(word in text for word in self._keywords[number] if word))


def _certain(probabilities: FloatArray, same: NDArray[np.bool_]) -> FloatArray:
    """A question that is stored word for word is known; entries that share it share the rest."""
    if not same.any():
        return probabilities
    rest = probabilities[~same].sum()
    scale = min(1.0, (1 - EXACT) / rest) if rest > 0 else 1.0
    found: FloatArray = np.where(same, EXACT / same.sum(), probabilities * scale)
    return found.astype(np.float32)


def question_rows(entries: Sequence[Entry]) -> _Rows:
    texts = [plain(question) for entry in entries for question in entry.questions]
    owner = [number for number, entry in enumerate(entries) for _ in entry.questions]
    return _Rows(texts, np.asarray(owner, dtype=np.int64))


def answer_rows(entries: Sequence[Entry]) -> _Rows:
    texts: list[str] = []
    owner: list[int] = []
    for number, entry in enumerate(entries):
        for answer in dict.fromkeys(entry.answers.values()):
            pieces = answer_pieces(answer)
            texts += pieces
            owner += [number] * len(pieces)
    return _Rows(texts, np.asarray(owner, dtype=np.int64))


def answer_pieces(answer: str) -> list[str]:
    """The first sentences of an answer, packed into pieces short enough to have one meaning."""
    pieces: list[str] = []
    longest = ANSWER_PIECE_CHARS if has_han(answer) else 3 * ANSWER_PIECE_CHARS
    for sentence in _SENTENCE_END.split(plain(answer)):
        if pieces and len(pieces[-1]) + len(sentence) <= longest:
            pieces[-1] += sentence
        elif sentence.strip():
            pieces.append(sentence[:longest])
        if len(pieces) > ANSWER_PIECES:
            break
    return pieces[:ANSWER_PIECES]


def _spans(owner: NDArray[np.int64], entries: int) -> list[tuple[int, int]]:
    bounds = np.searchsorted(owner, np.arange(entries + 1))
    return [(int(a), int(b)) for a, b in itertools.pairwise(bounds)]
