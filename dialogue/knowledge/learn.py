"""Learns the blend from several stores, and chooses thresholds for a stated precision."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.practice import Asked, Store, embedded, means_of, rounds_of
from dialogue.knowledge.score import KNOWNS, Blend, known_features
from dialogue.knowledge.types import Thresholds
from nlu.types import Embedder

FloatArray = NDArray[np.float32]

ROUNDS = 4
LEAST_ANSWERED = 0.1
"""A threshold that answers fewer than this is no threshold, however precise."""
PULL = 0.0002
"""Strength of the pull towards the weights one starts from."""
STEPS = 400
RATE = 0.15
NOTHING = 0.15
"""Weight of a question that nothing here is like, beside all others together."""


@dataclass(frozen=True, slots=True)
class Learned:
    blend: Blend
    asked: int
    precision: float
    """Of those answered at the chosen threshold, on the last round, which was not learned from."""
    answered: float
    """Share of answerable queries that are answered there."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a blend does on a store's questions."""

    asked: int
    p_at_1: float
    answered: float
    """Share of answerable queries that are answered rightly, by the blend's own threshold."""
    precision: float
    calibration: float
    """Expected calibration error of the best entry's score, in ten equal parts of the queries."""


class Lessons:
    """All rounds of all stores, seen once; blends are then learned from any of the stores."""

    def __init__(self, rounds: dict[str, list[list[Asked]]], start: Blend) -> None:
        self._rounds = rounds
        self._start = start

    @classmethod
    async def prepare(
        cls, stores: Sequence[Store], embedder: Embedder, start: Blend, *, seed: int = 0
    ) -> Lessons:
        rng = random.Random(seed)
        known = [await embedded(store, embedder) for store in stores]
        start = replace(start, means=means_of(stores, known))
        rounds = {
            store.name: [_weighted(r) for r in rounds_of(store, vectors, start, rng, ROUNDS)]
            for store, vectors in zip(stores, known, strict=True)
        }
        return cls(rounds, start)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._rounds)

    def learn(self, precision: float, without: str | None = None) -> Learned:
        """Learn on all rounds but the last; choose thresholds on the last. Stores count alike."""
        chosen = [rounds for name, rounds in self._rounds.items() if name != without]
        learning = [item for rounds in chosen for part in rounds[:-1] for item in part]
        learning = [item for item in learning if not item.lost]
        blend = _learn_rank([a for a in learning if a.right is not None], self._start)
        blend = _learn_known(learning, blend)
        blend = replace(blend, sharpness=_learn_sharpness(learning, blend))
        judged = [item for rounds in chosen for item in rounds[-1]]
        return _with_thresholds(blend, judged, precision, len(learning))

    def judge(self, blend: Blend, name: str) -> Figures:
        """What `blend` does on all rounds of a store."""
        asked = [item for part in self._rounds[name] for item in part]
        tops = [_top(item, blend) for item in asked]
        answerable = [
            ok for (_, ok), a in zip(tops, asked, strict=True) if a.right is not None or a.lost
        ]
        given = [ok for score, ok in tops if score >= blend.thresholds.answer]
        return Figures(
            len(asked),
            _mean(answerable),
            sum(given) / max(1, len(answerable)),
            _mean(given),
            _calibration(tops),
        )


def _mean(values: Sequence[bool]) -> float:
    return float(np.mean(values)) if values else 0.0


def _calibration(tops: Sequence[tuple[float, bool]]) -> float:
    parts = np.array_split(np.array(sorted(tops), dtype=np.float64), 10)
    return float(
        sum(len(p) * abs(p[:, 0].mean() - p[:, 1].mean()) for p in parts if len(p)) / len(tops)
    )


def _weighted(asked: list[Asked]) -> list[Asked]:
    return [replace(item, weight=1 / len(asked)) for item in asked]


def _top(item: Asked, blend: Blend) -> tuple[float, bool]:
    """The best entry's score, and whether it is the right one."""
    fitted = blend.fitted(item.phrasings)
    logits = fitted.logits(item.features)
    best = int(np.argmax(logits))
    return float(fitted.probabilities(item.features, logits)[best]), best == item.right


def _learn_rank(asked: Sequence[Asked], start: Blend) -> Blend:
    """Listwise softmax cross-entropy by Adam, pulled towards `start`; all corners at once."""
    lists = (start.rank, start.rank_short, start.rank_full)
    prior = np.concatenate(lists).astype(np.float32)
    most = max(len(item.features) for item in asked)
    features = np.zeros((len(asked), most, len(prior)), dtype=np.float32)
    absent = np.ones((len(asked), most), dtype=np.bool_)
    for row, item in enumerate(asked):
        parts = np.hstack([share * item.features for share in item.phrasings.corners])
        features[row, : len(parts)], absent[row, : len(parts)] = parts, False
    right = features[np.arange(len(asked)), [item.right or 0 for item in asked]]
    share = np.array([item.weight for item in asked], dtype=np.float32)
    share /= share.sum()

    def slope(weights: FloatArray) -> FloatArray:
        logits = np.where(absent, -np.inf, features @ weights)
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        likely *= (share / likely.sum(axis=1))[:, None]
        expected = likely.reshape(-1) @ features.reshape(-1, len(prior))
        found: FloatArray = PULL * (weights - prior) + expected - share @ right
        return found

    # A match can only speak for an entry, never against it.
    weights = _descend(slope, prior, 0.0, STEPS)
    many, short, full = (tuple(part.tolist()) for part in np.split(weights, len(lists)))
    return start.with_ranks(many, short, full)


def _learn_known(asked: Sequence[Asked], blend: Blend) -> Blend:
    """A logistic: is there an answer? No match speaks against it, and where nothing matches, none."""
    logits = [blend.fitted(a.phrasings).logits(a.features) for a in asked]
    seen = [known_features(a.features, one) for a, one in zip(asked, logits, strict=True)]
    scale = np.append(np.std(seen, axis=0) + 1e-6, 1.0)
    rows = np.column_stack([np.array(seen), np.ones(len(seen))]) / scale  # (asked, KNOWN_INPUTS)
    corners = np.array([item.phrasings.corners for item in asked])  # (asked, 3)
    nothing = np.kron(np.eye(len(KNOWNS)), np.eye(len(scale))[-1])  # only a bias, in each corner
    inputs = np.vstack([(corners[:, :, None] * rows[:, None, :]).reshape(len(rows), -1), nothing])
    answerable = np.array([*(item.right is not None for item in asked), *[False] * len(nothing)])
    share = np.array([item.weight for item in asked])
    share = np.append(share / share.sum(), np.full(len(nothing), NOTHING / len(nothing)))
    share /= 1 + NOTHING
    least = np.tile(np.append(np.zeros(len(scale) - 1), -np.inf), len(KNOWNS))

    def slope(weights: FloatArray) -> FloatArray:
        known = 1 / (1 + np.exp(-(inputs @ weights)))
        found: FloatArray = inputs.T @ (share * (known - answerable)) + PULL * weights
        return found

    weights = _descend(slope, np.zeros(inputs.shape[1]), least, 1_500)
    many, short, full = (tuple((p / scale).tolist()) for p in np.split(weights, len(KNOWNS)))
    return blend.with_knowns(many, short, full)


def _descend(
    slope: Callable[[NDArray[np.floating[Any]]], FloatArray],
    start: NDArray[np.floating[Any]],
    least: NDArray[np.floating[Any]] | float,
    steps: int,
) -> FloatArray:
    """Adam, held above `least`."""
    weights = start.copy()
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        here = slope(weights)
        first = 0.9 * first + 0.1 * here
        second = 0.99 * second + 0.01 * here**2
        unbiased = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        rate = RATE * (1 - step / (steps + 1))
        weights = np.maximum(weights - rate * unbiased, least).astype(start.dtype)
    return weights


def _learn_sharpness(asked: Sequence[Asked], blend: Blend) -> float:
    """The softmax temperature that makes the shares of answerable queries most likely."""
    answerable = [
        (item, blend.fitted(item.phrasings).logits(item.features))
        for item in asked
        if item.right is not None
    ]

    def surprise(sharpness: float) -> float:
        total = 0.0
        for item, plain in answerable:
            logits = sharpness * plain
            top = logits.max()
            missed = float(top + np.log(np.exp(logits - top).sum()) - logits[item.right])
            total += item.weight * missed
        return total

    return float(min(np.arange(0.5, 2.01, 0.05), key=surprise))


def _with_thresholds(
    blend: Blend, asked: Sequence[Asked], precision: float, learned_on: int
) -> Learned:
    """The lowest threshold at which answers are right as often as asked for."""
    tops = sorted((_top(item, blend) for item in asked), reverse=True)
    offered = []
    for item in asked:
        if item.right is not None:
            fitted = blend.fitted(item.phrasings)
            found = fitted.probabilities(item.features, fitted.logits(item.features))
            offered.append(float(found[item.right]))
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
