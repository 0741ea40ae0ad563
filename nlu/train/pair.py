"""Two heads that err differently, fitted and judged as one: the encoder's and that of n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from nlu.heads import FloatArray, LinearHead
from nlu.train.grams import GramFit, fit_grams
from nlu.train.linear import Labels, cross_entropy, fit_linear, fit_temperature, folds

SHARES = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 18.0)
"""Of the n-grams' decision values, to choose among by held-out loss."""


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


@dataclass(frozen=True, slots=True)
class CrossFit:
    """Logits of each example by heads that never saw it, (n, classes)."""

    logits: FloatArray
    l2: float
    share: float
    temperature: float
    accuracy: float
    folds: tuple[tuple[Labels, Labels, PairFit], ...]
    """Rows that a head was fitted on, rows held out, the head."""


def cross_fit(
    inputs: Inputs, labels: Labels, classes: int, *, grid: Sequence[float], count: int, seed: int
) -> CrossFit:
    """Choose `l2` and the n-grams' share by held-out loss, and the temperature of their sum."""
    splits = list(folds(labels, count, seed))
    logits = np.zeros((len(labels), classes), dtype=np.float32)

    def fitted(l2: float) -> tuple[float, FloatArray, list[LinearHead]]:
        found = logits.copy()
        heads = []
        for rows, held in splits:
            heads.append(fit_linear(inputs.features[rows], labels[rows], classes, l2=l2))
            found[held] = heads[-1].logits(inputs.features[held])
        return l2, found, heads

    l2, logits, heads = min(map(fitted, grid), key=lambda one: best_loss(one[1], labels))
    share, letters = 0.0, list[GramFit | None]()
    if inputs.grams is not None:
        grams = np.zeros_like(logits)
        for rows, held in splits:
            fit = fit_grams(inputs.grams[rows], labels[rows], classes, seed)
            grams[held] = fit.logits(inputs.grams[held])
            letters.append(fit)
        share = min(SHARES, key=lambda share: best_loss(logits + np.float32(share) * grams, labels))
        logits = logits + np.float32(share) * grams
    parts = tuple(
        (rows, held, PairFit(head, fit, share))
        for (rows, held), head, fit in zip(splits, heads, letters or [None] * count, strict=True)
    )
    accuracy = float((logits.argmax(axis=1) == labels).mean())
    return CrossFit(logits, l2, share, fit_temperature(logits, labels), accuracy, parts)


def best_loss(logits: FloatArray, labels: Labels) -> float:
    """Cross-entropy at the temperature where it is least."""
    return cross_entropy(logits / np.float32(fit_temperature(logits, labels)), labels)
