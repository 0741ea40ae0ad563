"""Two heads that err differently, fitted and judged as one: the encoder's and that of n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from nlu.heads import FloatArray, LinearHead
from nlu.train.grams import GramFit, fit_grams
from nlu.train.linear import Labels, cross_entropy, fit_linear, fit_temperature, folds

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0)
"""Of the n-grams' decision values, to choose among by held-out loss."""
MUCH = 6000
"""Of so many examples and more, one part tells what all of them would."""
TIE = 0.002
"""Two ways to fit that differ by less do equally well; of these the one with slips is taken."""
SLIPS = 0.2
"""Share of messages that are taken to have a slip."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Texts as both heads read them; without `grams` the encoder's head is alone."""

    features: FloatArray  # (n, features)
    grams: csr_matrix | None = None  # (n, grams)

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: Labels) -> Inputs:
        return Inputs(self.features[rows], None if self.grams is None else self.grams[rows])

    def __add__(self, other: Inputs) -> Inputs:
        both = self.grams is not None and other.grams is not None
        grams = csr_matrix(vstack([self.grams, other.grams])) if both else None
        return Inputs(np.concatenate([self.features, other.features]), grams)


@dataclass(frozen=True, slots=True)
class Copies:
    """Texts that say what others say, as the heads read them, and which text each is a copy of."""

    inputs: Inputs
    source: Labels

    def beside(self, inputs: Inputs, labels: Labels, rows: Labels) -> tuple[Inputs, Labels]:
        """Those rows and their own copies; `labels` are those of all rows."""
        mine = np.flatnonzero(np.isin(self.source, rows))
        more = labels[self.source[mine]]
        return inputs.take(rows) + self.inputs.take(mine), np.concatenate([labels[rows], more])


@dataclass(frozen=True, slots=True)
class PairFit:
    linear: LinearHead
    grams: GramFit | None
    share: float

    def logits(self, inputs: Inputs) -> FloatArray:
        """(n, classes)"""
        logits = self.linear.logits(inputs.features)
        if self.grams is not None and inputs.grams is not None:
            logits = logits + np.float32(self.share) * self.grams.logits(inputs.grams)
        return logits


def fit_pair(
    inputs: Inputs, labels: Labels, classes: int, *, l2: float, share: float, seed: int
) -> PairFit:
    linear = fit_linear(inputs.features, labels, classes, l2=l2)
    if inputs.grams is None or share == 0:
        return PairFit(linear, None, 0.0)
    return PairFit(linear, fit_grams(inputs.grams, labels, classes, seed), share)


Fold = tuple[Labels, Labels, PairFit]
"""Rows that a head was fitted on, rows held out, the head."""


@dataclass(frozen=True, slots=True)
class CrossFit:
    """Logits of each example by heads that never saw it, (n, classes)."""

    logits: FloatArray
    l2: float
    share: float
    temperature: float
    accuracy: float
    folds: tuple[Fold, ...]
    with_copies: bool
    """The heads have learnt from copies too."""


def cross_fit(
    inputs: Inputs,
    labels: Labels,
    classes: int,
    *,
    grid: Sequence[float],
    count: int,
    seed: int,
    more: Copies | None = None,
) -> CrossFit:
    """Choose `l2` and the n-grams' share by held-out loss, and the temperature of their sum.

    Of much data, one part held out is enough to choose `l2` by. `more` are copies that the heads
    which come back have learnt from too, each fold's from those of its own rows, if that does
    no harm where `SLIPS` of the messages are noised.
    """
    splits = list(folds(labels, count, seed))
    truths = [labels[held] for _, held in splits]
    letters: list[GramFit | None] = [None] * count
    spelt = [np.zeros((len(held), classes), np.float32) for _, held in splits]
    if (grams := inputs.grams) is not None:
        letters = [fit_grams(grams[rows], labels[rows], classes, seed) for rows, _ in splits]
        spelt = [f.logits(grams[held]) for f, (_, held) in zip(letters, splits, strict=True) if f]
    shares = SHARES if inputs.grams is not None else (0.0,)

    def heads_of(l2: float, parts: list[tuple[Labels, Labels]]) -> list[LinearHead]:
        return [
            fit_linear(inputs.features[rows], labels[rows], classes, l2=l2) for rows, _ in parts
        ]

    def judged(heads: list[LinearHead]) -> tuple[float, float]:
        """The least loss on the parts that these heads did not see, and the share it is with."""
        size = len(heads)
        asked = zip(heads, splits[:size], strict=True)
        own = np.concatenate([head.logits(inputs.features[held]) for head, (_, held) in asked])
        other, truth = np.concatenate(spelt[:size]), np.concatenate(truths[:size])
        return min((best_loss(own + np.float32(one) * other, truth), one) for one in shares)

    trial = splits[:1] if len(labels) > MUCH else splits
    tried = [(l2, heads_of(l2, trial)) for l2 in grid]
    l2, heads = min(tried, key=lambda one: judged(one[1])[0]) if len(tried) > 1 else tried[0]
    heads = heads + heads_of(l2, splits[len(trial) :])
    _, share = judged(heads)
    parts = tuple(
        (rows, held, PairFit(head, letter, share))
        for (rows, held), head, letter in zip(splits, heads, letters, strict=True)
    )
    alone = _crossed(parts, inputs, labels, classes, l2, share, with_copies=False)
    if more is not None and len(more.source):
        beside = [more.beside(inputs, labels, rows) for rows, _ in splits]
        wider = tuple(
            (rows, held, fit_pair(known, gold, classes, l2=l2, share=share, seed=seed))
            for (rows, held), (known, gold) in zip(splits, beside, strict=True)
        )
        both = _crossed(wider, inputs, labels, classes, l2, share, with_copies=True)
        if _with_slips(both, more, labels) + TIE >= _with_slips(alone, more, labels):
            return both
    return alone


def _with_slips(crossed: CrossFit, copies: Copies, labels: Labels) -> float:
    """Accuracy on what is held out, `SLIPS` of it read in copies."""
    right = np.zeros(len(copies.source), dtype=bool)
    for _, held, pair in crossed.folds:
        mine = np.flatnonzero(np.isin(copies.source, held))
        said = pair.logits(copies.inputs.take(mine)).argmax(axis=1)
        right[mine] = said == labels[copies.source[mine]]
    return float((1 - SLIPS) * crossed.accuracy + SLIPS * right.mean())


def _crossed(
    parts: tuple[Fold, ...],
    inputs: Inputs,
    labels: Labels,
    classes: int,
    l2: float,
    share: float,
    *,
    with_copies: bool,
) -> CrossFit:
    logits = np.zeros((len(labels), classes), dtype=np.float32)
    for _, held, pair in parts:
        logits[held] = pair.logits(inputs.take(held))
    accuracy = float((logits.argmax(axis=1) == labels).mean())
    warmth = fit_temperature(logits, labels)
    return CrossFit(logits, l2, share, warmth, accuracy, parts, with_copies)


def best_loss(logits: FloatArray, labels: Labels) -> float:
    """Cross-entropy at the temperature where it is least."""
    return cross_entropy(logits / np.float32(fit_temperature(logits, labels)), labels)
