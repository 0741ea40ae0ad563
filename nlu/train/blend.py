"""Joins a head on the tuned layers with one on the untuned encoder: the two err differently.

The mix is a single linear head over both features side by side, so serving knows nothing of it.
"""

from __future__ import annotations

import numpy as np

from nlu.heads import FloatArray, LinearHead
from nlu.train.linear import Labels, cross_entropy, fit_linear, fit_temperature

TUNED_L2 = 3e-5
BASE_L2 = 3e-5
SHARES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75)
"""Of the untuned encoder's say, to choose among by held-out loss."""
UNJUDGED_SHARE = 0.3
FEWEST_HELD = 20


def side_by_side(tuned: FloatArray, base: FloatArray) -> FloatArray:
    """(n, width) and (n, width) -> (n, 2 * width)"""
    return np.concatenate([tuned, base], axis=1)


def fit_blend(
    tuned: FloatArray, base: FloatArray, labels: Labels, size: int, classes: int
) -> tuple[LinearHead, float, float | None]:
    """A head from the first `size` rows; its temperature and accuracy on the others, if any.

    Rows whose label is below zero are left out.
    """
    rows = np.flatnonzero(labels[:size] >= 0)
    held = size + np.flatnonzero(labels[size:] >= 0)
    upper = fit_linear(tuned[rows], labels[rows], classes, l2=TUNED_L2)
    lower = fit_linear(base[rows], labels[rows], classes, l2=BASE_L2)
    if len(held) < FEWEST_HELD:
        head = _joined(upper, lower, 1 - UNJUDGED_SHARE, UNJUDGED_SHARE)
        if not len(held):
            return head, 1.0, None
        return head, 1.0, _accuracy(head.logits(side_by_side(tuned, base)[held]), labels[held])
    gold = labels[held]
    says = [upper.logits(tuned[held]), lower.logits(base[held])]
    warmth = [fit_temperature(logits, gold) for logits in says]
    mixes = [((1 - share) / warmth[0], share / warmth[1]) for share in SHARES]

    def loss(mix: tuple[float, float]) -> float:
        logits = np.asarray(mix[0] * says[0] + mix[1] * says[1], dtype=np.float32)
        cooled = np.asarray(logits / fit_temperature(logits, gold), dtype=np.float32)
        return cross_entropy(cooled, gold)

    head = _joined(upper, lower, *min(mixes, key=loss))
    logits = head.logits(side_by_side(tuned, base)[held])
    return head, fit_temperature(logits, gold), _accuracy(logits, gold)


def _joined(upper: LinearHead, lower: LinearHead, much: float, less: float) -> LinearHead:
    return LinearHead(
        np.concatenate([much * upper.weight, less * lower.weight]).astype(np.float32),
        (much * upper.bias + less * lower.bias).astype(np.float32),
        np.concatenate([upper.centre, lower.centre]),
        np.concatenate([upper.scale, lower.scale]),
    )


def _accuracy(logits: FloatArray, labels: Labels) -> float:
    return float((logits.argmax(axis=1) == labels).mean())
