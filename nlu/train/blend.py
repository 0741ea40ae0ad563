"""Joins heads on the tuned layers, the untuned encoder and n-grams: they err differently.

The encoders' mix is a single linear head over both features side by side: serving knows no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from nlu.heads import FloatArray, LinearHead
from nlu.train.grams import fit_grams
from nlu.train.linear import Labels, fit_linear, fit_temperature
from nlu.train.pair import Inputs, PairFit, best_loss

GRID = (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
"""Strengths of regularisation to choose among by held-out loss."""
UNJUDGED_L2 = 3e-3
SHARES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75)
"""Of the untuned encoder's say, to choose among by held-out loss."""
LETTERS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Of the n-grams' say, beside the encoders' one."""
UNJUDGED_SHARE = 0.3
UNJUDGED_LETTERS = 1.0
FEWEST_HELD = 20


def side_by_side(tuned: FloatArray, base: FloatArray) -> FloatArray:
    """(n, width) and (n, width) -> (n, 2 * width)"""
    return np.concatenate([tuned, base], axis=1)


@dataclass(frozen=True, slots=True)
class Blend:
    """A head over both features side by side, and what n-grams add to it."""

    pair: PairFit
    temperature: float
    accuracy: float | None
    """On the held-out rows, if any."""


def fit_blend(
    tuned_head: LinearHead,
    tuned: FloatArray,
    base: FloatArray,
    grams: csr_matrix,
    labels: Labels,
    size: int,
    seed: int,
) -> Blend:
    """Fit on the first `size` rows, mix by the loss on the others.

    Of the tuned layers there are two heads: the one tuned with them, and one fitted on what serves.
    Rows whose label is below zero are left out.
    """
    classes = len(tuned_head.bias)
    rows = np.flatnonzero(labels[:size] >= 0)
    held = size + np.flatnonzero(labels[size:] >= 0)
    gold = labels[held]
    letters = fit_grams(grams[rows], labels[rows], classes, seed)
    inputs = Inputs(side_by_side(tuned, base), grams)
    if len(held) < FEWEST_HELD:
        lower = fit_linear(base[rows], labels[rows], classes, l2=UNJUDGED_L2)
        head = _joined(tuned_head, lower, 1 - UNJUDGED_SHARE, UNJUDGED_SHARE)
        pair = PairFit(head, letters, UNJUDGED_LETTERS)
        if not len(held):
            return Blend(pair, 1.0, None)
        return Blend(pair, 1.0, _accuracy(pair.logits(inputs.take(held)), gold))

    def fitted(features: FloatArray) -> LinearHead:
        heads = (fit_linear(features[rows], labels[rows], classes, l2=l2) for l2 in GRID)
        return min(heads, key=lambda head: best_loss(head.logits(features[held]), gold))

    def warmed(head: LinearHead, features: FloatArray) -> tuple[LinearHead, FloatArray, float]:
        logits = head.logits(features[held])
        warmth = fit_temperature(logits, gold)
        return head, logits / np.float32(warmth), warmth

    uppers = [warmed(head, tuned) for head in (tuned_head, fitted(tuned))]
    lower, below, less_warm = warmed(fitted(base), base)
    spelt = letters.logits(grams[held])
    mixes = [
        (at, share, letter) for at in range(len(uppers)) for share in SHARES for letter in LETTERS
    ]

    def loss(mix: tuple[int, float, float]) -> float:
        at, share, letter = mix
        mixed = (1 - share) * uppers[at][1] + share * below + letter * spelt
        return best_loss(np.asarray(mixed, dtype=np.float32), gold)

    at, share, letter = min(mixes, key=loss)
    upper, _, warmth = uppers[at]
    head = _joined(upper, lower, (1 - share) / warmth, share / less_warm)
    pair = PairFit(head, letters if letter else None, letter)
    logits = pair.logits(inputs.take(held))
    return Blend(pair, fit_temperature(logits, gold), _accuracy(logits, gold))


def _joined(upper: LinearHead, lower: LinearHead, much: float, less: float) -> LinearHead:
    return LinearHead(
        np.concatenate([much * upper.weight, less * lower.weight]).astype(np.float32),
        (much * upper.bias + less * lower.bias).astype(np.float32),
        np.concatenate([upper.centre, lower.centre]),
        np.concatenate([upper.scale, lower.scale]),
    )


def _accuracy(logits: FloatArray, labels: Labels) -> float:
    return float((logits.argmax(axis=1) == labels).mean())
