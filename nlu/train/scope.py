"""Fits when to refuse: held-out messages on one side, held-out intents and other talk on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.artifact import ScopeCard
from nlu.heads import FloatArray
from nlu.scope import Kinship, NeighbourIndex, in_scope, signals
from nlu.train.linear import Labels
from nlu.train.pair import CrossFit, Inputs, fit_pair

MOST_NEIGHBOURS = 6000
KINSHIP_RIDGE = 1.0
"""Share of the mean variance: from .3 to 3 it hardly matters (measured on CLINC150's dev part, and
on intents held out of it and of Banking77 with 2, 4 and 10 examples)."""
SHARES = {"given": 0.6, "talk": 0.2, "held": 0.2}
SHARES_UNTOLD = {"talk": 0.7, "held": 0.3}
"""What messages out of scope weigh together, by where they come from: the data's own tell most. A
held-out intent may be a near twin of one that stays: a weak example."""
HELD_GROUPS = 4
MOST_IN_TRIAL = 4000
"""Of examples that such a trial is fitted on: it is about refusing, not about the last percent."""
OUT_OF_SCOPE_SHARE = 0.2
"""The share of messages out of scope that the precision is stated for."""
LEAST_ACCEPTED = 0.93
"""Refusing more than 7 % of what the bot knows would annoy more than it helps."""


def neighbour_rows(count: int, seed: int) -> Labels:
    """Which of `count` examples the index keeps."""
    rows = np.arange(count)
    if count > MOST_NEIGHBOURS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_NEIGHBOURS, replace=False))
    return rows


def neighbour_index(
    features: FloatArray, labels: Labels, seed: int, width: int | None = None
) -> NeighbourIndex:
    """Of features that are made of parts `width` wide, each part weighs alike."""
    width = width or features.shape[1]
    rows = neighbour_rows(len(labels), seed)
    centre = features.mean(axis=0)
    scale = np.ones_like(centre)
    for part in np.split(np.arange(len(centre)), max(1, len(centre) // width)):
        scale[part] = 1 / max(float(features[:, part].std()), 1e-6)
    index = NeighbourIndex(features[:0], labels[:0].astype(np.float32), centre, scale)
    placed = index.place(features[rows])
    kinships = tuple(
        fit_kinship(features, labels, first, width) for first in range(0, len(centre), width)
    )
    return NeighbourIndex(placed, labels[rows].astype(np.float32), centre, scale, kinships)


def fit_kinship(features: FloatArray, labels: Labels, first: int, width: int) -> Kinship:
    own = features[:, first : first + width].astype(np.float64)
    centre = own.mean(axis=0)
    kept, at = np.unique(labels, return_inverse=True)
    sizes = np.bincount(at)[:, None]
    means = np.zeros((len(kept), width))
    np.add.at(means, at, own - centre)
    means /= sizes
    apart = own - centre - means[at]
    within = _precision(apart.T @ apart / max(len(own) - len(kept), 1))
    overall = _precision((own - centre).T @ (own - centre) / max(len(own) - 1, 1))
    toward = means @ within  # (intents, width)
    parts = (centre, overall - within, 2 * toward.T, -np.einsum("ij,ij->i", toward, means))
    raw = Kinship(first, *(part.astype(np.float32) for part in parts))
    found = raw.best(features)
    deviation = np.float32(max(float(found.std()), 1e-6))
    return replace(
        raw,
        quadratic=raw.quadratic / deviation,
        linear=raw.linear / deviation,
        bias=(raw.bias - found.mean()) / deviation,
    )


def _precision(covariance: FloatArray) -> FloatArray:
    """The inverse, with a ridge: messages are fewer than a covariance has numbers."""
    ridge = KINSHIP_RIDGE * max(float(np.trace(covariance)) / len(covariance), 1e-9)
    inverse: FloatArray = np.linalg.inv(covariance + ridge * np.eye(len(covariance)))
    return inverse


def far_rows(inside: FloatArray, others: FloatArray, seed: int) -> Labels:
    """Rows of `others` that are farther from every message of `inside` than those from each other.

    Everyday talk that a bot does handle (weather, say) is out of none of its intents.
    """
    index = neighbour_index(inside, np.zeros(len(inside), dtype=np.int64), seed)
    own = index.vectors @ index.vectors.T
    np.fill_diagonal(own, -1)
    usual = float(np.median(own.max(axis=1)))
    return np.flatnonzero((index.place(others) @ index.vectors.T).max(axis=1) < usual)


@dataclass(frozen=True, slots=True)
class Outside:
    """Messages of no intent: first those that the data gives, then everyday talk and nonsense."""

    inputs: Inputs
    given: int

    @property
    def shares(self) -> dict[str, float]:
        return SHARES if self.given else SHARES_UNTOLD

    def weights(self) -> FloatArray:
        """(n,), each kind's share among its messages."""
        talk = len(self.inputs) - self.given
        given = np.full(self.given, self.shares.get("given", 0.0) / max(self.given, 1))
        other = np.full(talk, self.shares["talk"] / max(talk, 1))
        weights: FloatArray = np.concatenate([given, other]).astype(np.float32)
        return weights


@dataclass(frozen=True, slots=True)
class ScopeData:
    """Signals of messages: (n, signals), whether in scope, whether the top intent was right."""

    found: FloatArray
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    weight: FloatArray


def collect_scope_data(
    inputs: Inputs,
    labels: Labels,
    classes: int,
    outside: Outside,
    crossed: CrossFit,
    seed: int,
) -> ScopeData:
    """Signals by heads that saw neither the message nor, for out of scope, its intent."""
    parts: list[ScopeData] = []
    others, warm = outside.inputs, np.float32(crossed.temperature)
    for rows, held, head in crossed.folds:
        away_part = inputs.take(held)
        index = neighbour_index(inputs.features[rows], labels[rows], seed)
        logits = crossed.logits[held] / warm
        right = logits.argmax(axis=1) == labels[held]
        parts.append(_part(signals(logits, away_part.features, index), True, right))
        if len(others):
            away = signals(head.logits(others) / warm, others.features, index)
            parts.append(_part(away, False, np.zeros(len(others), dtype=bool), outside.weights()))
    if classes >= 6:
        parts += _held_out_intents(inputs, labels, classes, outside, crossed, seed)
    return ScopeData(
        np.concatenate([p.found for p in parts]),
        np.concatenate([p.known for p in parts]),
        np.concatenate([p.right for p in parts]),
        np.concatenate([p.weight for p in parts]),
    )


def _part(
    found: FloatArray,
    known: bool,
    right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    weight: FloatArray | None = None,
) -> ScopeData:
    size = len(found)
    weight = np.ones(size, np.float32) if weight is None else weight
    return ScopeData(found, np.full(size, known), right, weight)


def _held_out_intents(
    inputs: Inputs, labels: Labels, classes: int, outside: Outside, crossed: CrossFit, seed: int
) -> list[ScopeData]:
    group = np.random.default_rng(seed).permutation(classes) % HELD_GROUPS
    parts = []
    for held in range(HELD_GROUPS):
        rows = _thinned(np.flatnonzero(group[labels] != held), seed)
        away = _thinned(np.flatnonzero(group[labels] == held), seed)
        kept = np.unique(labels[rows])
        renamed = np.searchsorted(kept, labels[rows])
        part, others = inputs.take(rows), inputs.take(away)
        head = fit_pair(part, renamed, len(kept), l2=crossed.l2, share=crossed.share, seed=seed)
        index = neighbour_index(part.features, renamed, seed)
        found = signals(
            head.logits(others) / np.float32(crossed.temperature), others.features, index
        )
        weight = np.full(len(away), outside.shares["held"] / len(away) / HELD_GROUPS, np.float32)
        # Weighed as the others are: those come once with each fold.
        weight *= len(crossed.folds)
        parts.append(_part(found, False, np.zeros(len(away), dtype=bool), weight))
    return parts


def _thinned(rows: Labels, seed: int) -> Labels:
    kept = np.random.default_rng(seed).permutation(rows)[:MOST_IN_TRIAL]
    return np.asarray(np.sort(kept), dtype=np.int64)


_NO_DOUBT = 4.0
"""Log-odds of being in scope where no message out of scope is known: 98 %."""


def fit_scope(data: ScopeData, target_precision: float) -> ScopeCard:
    """Fit the blend, then take the lowest threshold whose answers are right often enough.

    Precision is stated for `OUT_OF_SCOPE_SHARE` of messages out of scope.
    """
    if data.known.all():  # a bot of small talk alone: nothing was far from every intent
        return ScopeCard((0.0,) * data.found.shape[1], _NO_DOUBT, 0.0, target_precision)
    known_mass = data.weight[data.known].sum()
    away_mass = max(float(data.weight[~data.known].sum()), 1e-9)
    balance = np.where(data.known, 1 / known_mass, 1 / away_mass) * data.weight
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit(data.found, data.known, sample_weight=balance * len(balance) / balance.sum())
    card = ScopeCard(
        tuple(float(w) for w in model.coef_[0]), float(model.intercept_[0]), 0.0, target_precision
    )
    threshold = choose_threshold(in_scope(card, data.found), data, target_precision)
    return ScopeCard(card.weights, card.bias, threshold, target_precision)


def choose_threshold(scores: FloatArray, data: ScopeData, target_precision: float) -> float:
    mass = np.where(
        data.known,
        (1 - OUT_OF_SCOPE_SHARE) * data.weight / data.weight[data.known].sum(),
        OUT_OF_SCOPE_SHARE * data.weight / max(float(data.weight[~data.known].sum()), 1e-9),
    )
    limit = float(np.quantile(scores[data.known], 1 - LEAST_ACCEPTED))
    candidates: Sequence[float] = np.unique(np.quantile(scores, np.linspace(0, 1, 400))).tolist()
    for threshold in candidates:
        kept = scores >= threshold
        if threshold >= limit:
            break
        if mass[kept & data.right].sum() >= target_precision * mass[kept].sum():
            return float(threshold)
    return limit
