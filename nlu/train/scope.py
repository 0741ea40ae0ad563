"""Fits when to refuse: held-out messages on one side, held-out intents and other talk on the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu.artifact import ScopeCard
from nlu.heads import FloatArray
from nlu.scope import NeighbourIndex, in_scope, signals
from nlu.train.linear import Labels, folds
from nlu.train.pair import Inputs, fit_pair

MOST_NEIGHBOURS = 6000
HELD_OUT_INTENT_WEIGHT = 0.3
"""A held-out intent may be a near twin of one that stays: a weak example of out of scope."""
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
    return NeighbourIndex(placed, labels[rows].astype(np.float32), centre, scale)


@dataclass(frozen=True, slots=True)
class ScopeData:
    """Signals of messages: (n, SIGNALS), whether in scope, whether the top intent was right."""

    found: FloatArray
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    weight: FloatArray


def collect_scope_data(
    inputs: Inputs,
    labels: Labels,
    classes: int,
    outside: Inputs,
    *,
    l2: float,
    share: float,
    temperature: float,
    seed: int,
    count: int,
) -> ScopeData:
    """Signals by heads that saw neither the message nor, for out of scope, its intent.

    `outside` are messages of no intent: given, everyday, or nonsense.
    """
    parts: list[ScopeData] = []
    for rows, held in folds(labels, count, seed):
        part, away_part = inputs.take(rows), inputs.take(held)
        head = fit_pair(part, labels[rows], classes, l2=l2, share=share, seed=seed)
        index = neighbour_index(part.features, labels[rows], seed)
        logits = head.logits(away_part) / temperature
        right = logits.argmax(axis=1) == labels[held]
        parts.append(_part(signals(logits, away_part.features, index), True, right, 1.0))
        if len(outside):
            away = signals(head.logits(outside) / temperature, outside.features, index)
            wrong = np.zeros(len(outside), dtype=bool)
            parts.append(_part(away, False, wrong, 1.0 / count))
    if classes >= 6:
        parts += _held_out_intents(inputs, labels, classes, l2, share, temperature, seed)
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
    weight: float,
) -> ScopeData:
    size = len(found)
    return ScopeData(found, np.full(size, known), right, np.full(size, weight, np.float32))


def _held_out_intents(
    inputs: Inputs,
    labels: Labels,
    classes: int,
    l2: float,
    share: float,
    temperature: float,
    seed: int,
) -> list[ScopeData]:
    group = np.random.default_rng(seed).permutation(classes) % 4
    parts = []
    for held in range(4):
        rows, away = np.flatnonzero(group[labels] != held), np.flatnonzero(group[labels] == held)
        kept = np.unique(labels[rows])
        renamed = np.searchsorted(kept, labels[rows])
        part, others = inputs.take(rows), inputs.take(away)
        head = fit_pair(part, renamed, len(kept), l2=l2, share=share, seed=seed)
        index = neighbour_index(part.features, renamed, seed)
        found = signals(head.logits(others) / temperature, others.features, index)
        wrong = np.zeros(len(away), dtype=bool)
        parts.append(_part(found, False, wrong, HELD_OUT_INTENT_WEIGHT))
    return parts


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
