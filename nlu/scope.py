"""Is a message about anything the bot knows? Signals, and the score that blends them.

No signal alone is enough: a soft-max is sure of nonsense, distances alone miss a strange phrasing
of a known wish. The blend is a logistic regression over both kinds, fitted in training on held-out
messages against held-out intents and everyday talk (`nlu.train.scope`). Sources: energy score (Liu
et al. 2020), deep nearest neighbours (Sun et al. 2022), relative Mahalanobis distance (Ren et al.
2021), the most telling of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.artifact import ScopeCard
from nlu.heads import Arrays, FloatArray, softmax

NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Kinship:
    """How much likelier a message is of its best intent than of any text at all.

    Two kinds of Gaussians over one encoder's features: one for each intent, around its own mean
    with the spread that intents share, and one for all. The logarithm of their ratio is quadratic,
    and is scaled to a mean of 0 and a deviation of 1 over the training messages.
    """

    first: int
    """The column of the features where this encoder's begin."""
    centre: FloatArray  # (width,)
    quadratic: FloatArray  # (width, width)
    linear: FloatArray  # (width, intents)
    bias: FloatArray  # (intents,)

    def best(self, features: FloatArray) -> FloatArray:
        """(batch, features) -> (batch,)"""
        placed = features[:, self.first : self.first + len(self.centre)] - self.centre
        common = ((placed @ self.quadratic) * placed).sum(axis=1)
        best: FloatArray = common + (placed @ self.linear + self.bias).max(axis=1)
        return best


@dataclass(frozen=True, slots=True)
class NeighbourIndex:
    """Training messages: centred unit rows (n, features) and their intents (n,)."""

    vectors: FloatArray
    classes: FloatArray
    centre: FloatArray
    scale: FloatArray  # (features,) so that features of two encoders weigh alike
    kinships: tuple[Kinship, ...] = ()
    """One for each encoder; none in a model of an earlier version."""

    def place(self, features: FloatArray) -> FloatArray:
        centred = (features - self.centre) * self.scale
        placed: FloatArray = centred / np.maximum(
            np.linalg.norm(centred, axis=1, keepdims=True), 1e-9
        )
        return placed

    def arrays(self) -> Arrays:
        found = {
            "near.vectors": self.vectors,
            "near.classes": self.classes,
            "near.centre": self.centre,
            "near.scale": self.scale,
        }
        for at, kin in enumerate(self.kinships):
            found[f"kin{at}.centre"] = kin.centre
            found[f"kin{at}.quadratic"] = kin.quadratic
            found[f"kin{at}.linear"] = kin.linear
            found[f"kin{at}.bias"] = kin.bias
        return found

    @classmethod
    def of(cls, arrays: Arrays) -> NeighbourIndex:
        centre = arrays["near.centre"]
        scale = arrays.get("near.scale", np.ones_like(centre))
        kinships: tuple[Kinship, ...] = ()
        first = 0
        while f"kin{len(kinships)}.centre" in arrays:
            name = f"kin{len(kinships)}"
            parts = (arrays[f"{name}.{k}"] for k in ("centre", "quadratic", "linear", "bias"))
            kinships += (Kinship(first, *parts),)
            first += len(kinships[-1].centre)
        return cls(arrays["near.vectors"], arrays["near.classes"], centre, scale, kinships)


def signals(logits: FloatArray, features: FloatArray, index: NeighbourIndex) -> FloatArray:
    """(batch, classes) logits already divided by the temperature -> (batch, signals)."""
    probabilities = softmax(logits)
    ordered = np.sort(probabilities, axis=1)
    top = np.clip(ordered[:, -1], 1e-4, 1 - 1e-4)
    second = ordered[:, -2] if ordered.shape[1] > 1 else np.zeros_like(top)
    highest = logits.max(axis=1)
    energy = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    similarity = index.place(features) @ index.vectors.T  # (batch, n)
    same = index.classes[None, :] == logits.argmax(axis=1)[:, None]
    own = np.where(same, similarity, -1).max(axis=1)
    count = min(NEIGHBOURS, similarity.shape[1])
    near = np.partition(similarity, -count, axis=1)[:, -count:].mean(axis=1)
    kin = [one.best(features) for one in index.kinships]
    blended: FloatArray = np.stack(
        [np.log(top / (1 - top)), top - second, energy / 10, own * 5, near * 5, *kin], axis=1
    ).astype(np.float32)
    return blended


def in_scope(card: ScopeCard, found: FloatArray) -> FloatArray:
    """(batch, signals) -> probability of being in scope, (batch,)."""
    score = found @ np.array(card.weights, dtype=np.float32) + card.bias
    probability: FloatArray = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    return probability
