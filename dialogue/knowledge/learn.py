"""Learns the blend from a store by hiding phrasings, and chooses thresholds for a precision.

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
from sklearn.linear_model import LogisticRegression

from dialogue.knowledge.index import EntryVectors, KnowledgeIndex
from dialogue.knowledge.rows import Rows, answer_rows, question_rows, told_rows
from dialogue.knowledge.score import Blend, known_features
from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Entry, Thresholds
from dialogue.knowledge.vectors import Means
from nlu.types import Embedder, Vector

FloatArray = NDArray[np.float32]

ROUNDS = 4
MOST_QUERIES = 600
"""Of one store in one round."""
LEFT_OUT = 0.2
"""Share of entries that the second index of a round does not have."""
LEAST_ANSWERED = 0.1
"""A threshold that answers fewer than this is no threshold, however precise."""
PULL = 0.002
"""Strength of the pull towards the weights one starts from."""
STEPS = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's candidates as an index saw them; `right` is the place of its entry, or None."""

    features: FloatArray
    right: int | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    blend: Blend
    asked: int
    precision: float
    """Of those answered at the chosen threshold, on the last round, which was not learned from."""
    answered: float
    """Share of answerable queries that are answered there."""


class _Known(NamedTuple):
    """Vectors of a store's texts, as questions and as passages."""

    asked: Mapping[str, Vector]
    passages: Mapping[str, Vector]


async def learn_blend(
    stores: Sequence[Sequence[Entry]],
    embedder: Embedder,
    start: Blend,
    *,
    precision: float = 0.85,
    seed: int = 0,
) -> Learned:
    """Learn on all rounds but the last; choose thresholds on the last. Stores count alike."""
    rng = random.Random(seed)
    known = [await _embedded(entries, embedder) for entries in stores]
    start = replace(start, means=_means(known))
    rounds = [
        [
            item
            for entries, vectors in zip(stores, known, strict=True)
            for item in _weighted(_round(entries, vectors, start, rng))
        ]
        for _ in range(ROUNDS)
    ]
    learning = [item for part in rounds[:-1] for item in part]
    rank = _learn_rank([a for a in learning if a.right is not None], start)
    blend = replace(start, rank=tuple(rank.tolist()))
    blend = replace(blend, known=_learn_known(learning, blend))
    blend = replace(blend, sharpness=_learn_sharpness(learning, blend))
    return _with_thresholds(blend, rounds[-1], precision, len(learning))


async def _embedded(entries: Sequence[Entry], embedder: Embedder) -> _Known:
    questions = list(dict.fromkeys(question_rows(entries).texts))
    told = [
        text
        for entry in entries
        for title in entry.questions
        for text in told_rows([replace(entry, questions=(title,), titles={})]).texts
    ]
    passages = list(dict.fromkeys([*questions, *answer_rows(entries).texts, *told]))
    asked_rows = await _embed(questions, embedder, passages=False)
    passage_rows = await _embed(passages, embedder, passages=True)
    return _Known(
        dict(zip(questions, asked_rows, strict=True)),
        dict(zip(passages, passage_rows, strict=True)),
    )


async def _embed(texts: Sequence[str], embedder: Embedder, *, passages: bool) -> FloatArray:
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    rows = np.zeros((len(texts), embedder.width), dtype=np.float32)
    for at in range(0, len(order), 64):
        part = order[at : at + 64]
        rows[part] = await embedder.embed([texts[n] for n in part], passages=passages)
    return rows


def _means(known: Sequence[_Known]) -> Means:
    """Of the stores' questions, each store alike."""

    def mean(chinese: bool, passages: bool) -> FloatArray | None:
        middles = []
        for one in known:
            texts = [text for text in one.asked if has_han(text) is chinese]
            rows = one.passages if passages else one.asked
            if texts:
                middles.append(np.mean([rows[text] for text in texts], axis=0))
        return np.mean(middles, axis=0).astype(np.float32) if middles else None

    return Means(mean(True, False), mean(False, False), mean(True, True), mean(False, True))


def _weighted(asked: list[Asked]) -> list[Asked]:
    return [replace(item, weight=1 / len(asked)) for item in asked]


def _round(
    entries: Sequence[Entry], known: _Known, blend: Blend, rng: random.Random
) -> list[Asked]:
    kept: list[Entry] = []
    queries: list[tuple[str, str]] = []
    most = rng.choice((1, 1, 3, 100))  # stores differ in how many phrasings they have
    for entry in entries:
        left, hidden = hide_phrasings(entry.questions, rng)
        # Some of the entries keep their answer to themselves: stores differ in how much they say.
        answers = entry.answers if rng.random() < 0.7 else dict.fromkeys(entry.answers, "-")
        kept.append(replace(entry, questions=left[:most], titles={}, answers=answers))
        queries += [(question, entry.id) for question in hidden[:4]]
    rng.shuffle(queries)
    queries = queries[:MOST_QUERIES]
    some = [entry for entry in kept if rng.random() > LEFT_OUT]
    gone = {entry.id for entry in kept} - {entry.id for entry in some}
    asked = _ask(kept, queries, known, blend)
    return asked + _ask(some, [q for q in queries if q[1] in gone], known, blend)


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
    entries: Sequence[Entry], queries: Sequence[tuple[str, str]], known: _Known, blend: Blend
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
        number = index.by_id.get(entry_id, -1)
        places = np.flatnonzero(scored.entries == number)
        if number >= 0 and not len(places):
            continue  # lost before ranking: nothing to learn from
        found.append(Asked(scored.features, int(places[0]) if len(places) else None))
    return found


def _learn_rank(asked: Sequence[Asked], start: Blend) -> FloatArray:
    """Listwise softmax cross-entropy by Adam, pulled towards `start`."""
    prior = np.asarray(start.rank, dtype=np.float32)
    most = max(len(item.features) for item in asked)
    features = np.zeros((len(asked), most, len(prior)), dtype=np.float32)
    absent = np.ones((len(asked), most), dtype=np.bool_)
    for row, item in enumerate(asked):
        features[row, : len(item.features)], absent[row, : len(item.features)] = (
            item.features,
            False,
        )
    right = features[np.arange(len(asked)), [item.right or 0 for item in asked]]
    share = np.array([item.weight for item in asked], dtype=np.float32)
    share /= share.sum()
    weights = prior.copy()
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = np.where(absent, -np.inf, features @ weights)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        expected = np.einsum("qe,qef->qf", likely, features)
        slope = PULL * (weights - prior) + share @ (expected - right)
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        unbiased = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        # A match can only speak for an entry, never against it.
        weights = np.maximum(weights - 0.05 * unbiased, 0).astype(np.float32)
    return weights


def _known_inputs(asked: Sequence[Asked], blend: Blend) -> FloatArray:
    return np.stack([known_features(a.features, blend.logits(a.features)) for a in asked])


def _learn_known(asked: Sequence[Asked], blend: Blend) -> tuple[float, ...]:
    model = LogisticRegression(C=1.0, max_iter=2_000)
    weights = np.array([item.weight for item in asked])
    model.fit(
        _known_inputs(asked, blend),
        [item.right is not None for item in asked],
        sample_weight=weights * len(asked) / weights.sum(),
    )
    return (*model.coef_[0].tolist(), float(model.intercept_[0]))


def _learn_sharpness(asked: Sequence[Asked], blend: Blend) -> float:
    """The softmax temperature that makes the shares of answerable queries most likely."""
    answerable = [item for item in asked if item.right is not None]

    def surprise(sharpness: float) -> float:
        total = 0.0
        for item in answerable:
            logits = sharpness * blend.logits(item.features)
            top = logits.max()
            missed = float(top + np.log(np.exp(logits - top).sum()) - logits[item.right])
            total += item.weight * missed
        return total

    return float(min(np.arange(0.5, 2.01, 0.05), key=surprise))


def _with_thresholds(
    blend: Blend, asked: Sequence[Asked], precision: float, learned_on: int
) -> Learned:
    """The lowest threshold at which answers are right as often as asked for."""
    tops: list[tuple[float, bool]] = []
    offered: list[float] = []
    for item in asked:
        logits = blend.logits(item.features)
        probabilities = blend.probabilities(item.features, logits)
        best = int(np.argmax(logits))
        tops.append((float(probabilities[best]), best == item.right))
        if item.right is not None:
            offered.append(float(probabilities[item.right]))
    tops.sort(reverse=True)
    hits = np.cumsum([is_right for _, is_right in tops])
    precisions = hits / np.arange(1, len(tops) + 1)
    least = max(1, int(LEAST_ANSWERED * len(tops)))
    good = [place for place in range(least - 1, len(tops)) if precisions[place] >= precision]
    place = good[-1] if good else least - 1 + int(np.argmax(precisions[least - 1 :]))
    chosen = tops[place][0]
    # Offered from where nine in ten of the right entries lie, in the lower half of the scale.
    suggest = float(np.clip(np.quantile(offered, 0.1), 0.05, chosen / 2))
    thresholds = Thresholds(answer=round(chosen, 3), suggest=round(suggest, 3))
    return Learned(
        replace(blend, thresholds=thresholds),
        asked=learned_on,
        precision=float(precisions[place]),
        answered=float(hits[place]) / max(1, len(offered)),
    )
