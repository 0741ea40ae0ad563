"""Is a message about anything the bot knows? Signals, and the score that blends them.

No signal alone is enough: a soft-max is sure of nonsense, distances alone miss a strange phrasing
of a known wish. The blend is a logistic regression over both kinds, fitted in training on held-out
messages against held-out intents and everyday talk (`nlu.train.scope`). Sources: energy score (Liu
et al. 2020), deep nearest neighbours (Sun et al. 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.artifact import ScopeCard
from nlu.heads import Arrays, FloatArray, softmax

NEIGHBOURS = 5
SIGNALS = 5


@dataclass(frozen=True, slots=True)
class NeighbourIndex:
    """Training messages: centred unit rows (n, features) and their intents (n,)."""

    vectors: FloatArray
    classes: FloatArray
    centre: FloatArray
    scale: FloatArray  # (features,) so that features of two encoders weigh alike

    def place(self, features: FloatArray) -> FloatArray:
        centred = (features - self.centre) * self.scale
        placed: FloatArray = centred / np.maximum(
            np.linalg.norm(centred, axis=1, keepdims=True), 1e-9
        )
        return placed

    def arrays(self) -> Arrays:
        return {
            "near.vectors": self.vectors,
            "near.classes": self.classes,
            "near.centre": self.centre,
            "near.scale": self.scale,
        }

    @classmethod
    def of(cls, arrays: Arrays) -> NeighbourIndex:
        centre = arrays["near.centre"]
        scale = arrays.get("near.scale", np.ones_like(centre))
        return cls(arrays["near.vectors"], arrays["near.classes"], centre, scale)


def signals(logits: FloatArray, features: FloatArray, index: NeighbourIndex) -> FloatArray:
    """(batch, classes) logits already divided by the temperature -> (batch, SIGNALS)."""
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
    blended: FloatArray = np.stack(
        [np.log(top / (1 - top)), top - second, energy / 10, own * 5, near * 5], axis=1
    ).astype(np.float32)
    return blended


def in_scope(card: ScopeCard, found: FloatArray) -> FloatArray:
    """(batch, SIGNALS) -> probability of being in scope, (batch,)."""
    score = found @ np.array(card.weights, dtype=np.float32) + card.bias
    probability: FloatArray = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
    return probability
