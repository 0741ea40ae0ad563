"""Whether a message is about anything that the model knows."""

from __future__ import annotations

import numpy as np

from nlu.scope import NeighbourIndex, signals
from nlu.train.scope import neighbour_index


def test_kinship_tells_an_unknown_wish_from_a_known_one_and_survives_the_file() -> None:
    """Five intents differ in a few directions alone; a sixth lies elsewhere, no farther away."""
    rng = np.random.default_rng(3)
    means = rng.normal(size=(6, 24)).astype(np.float32) * np.r_[np.ones(8) * 3, np.zeros(16)]
    loud = np.r_[np.ones(8) * 0.3, np.ones(16) * 3]  # what does not tell intents apart varies most

    def said(intent: int, count: int) -> np.ndarray:
        return (means[intent] + rng.normal(size=(count, 24)) * loud).astype(np.float32)

    labels = np.repeat(np.arange(5), 40)
    train = np.concatenate([said(intent, 40) for intent in range(5)])
    index = NeighbourIndex.of(neighbour_index(train, labels, seed=7).arrays())
    known = np.concatenate([said(intent, 20) for intent in range(5)])
    logits = np.zeros((100, 5), dtype=np.float32)
    inside = signals(logits, known, index)[:, -1]
    outside = signals(logits, said(5, 100), index)[:, -1]
    assert (inside[:, None] > outside[None, :]).mean() > 0.97
    assert abs(inside.mean()) < 1.5  # in deviations of what was trained on
