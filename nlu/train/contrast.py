"""Draws a batch's texts of one label together, away from the others: for few examples a label."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn.functional import normalize

from nlu.train.linear import Labels

WARMTH = 0.05
"""Of the cosines: the lower, the more the nearest of the others count."""


def contrast(vectors: torch.Tensor, labels: torch.Tensor, warmth: float = WARMTH) -> torch.Tensor:
    """Supervised contrastive loss (Khosla et al. 2020) of (n, width), (n,)."""
    unit = normalize(vectors, dim=-1)
    itself = torch.eye(len(unit), dtype=torch.bool)
    alike = (labels[:, None] == labels[None]) & ~itself
    cosines = (unit @ unit.T / warmth).masked_fill(itself, -1e4)
    shares = torch.log_softmax(cosines, dim=1) * alike
    counts = alike.sum(dim=1)
    if not counts.any():
        return unit.new_zeros(())
    losses: torch.Tensor = -shares.sum(dim=1)[counts > 0] / counts[counts > 0]
    return losses.mean()


def alike_batches(
    labels: Labels, classes: int, each: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Batches without end, of `each` rows of so many classes; rare ones come nearly as often."""
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    likely = np.array([len(one) for one in rows]) ** 0.5
    size = min(classes, len(rows))
    while True:
        drawn = rng.choice(len(rows), size=size, replace=False, p=likely / likely.sum())
        yield [
            int(row)
            for at in drawn
            for row in rng.choice(rows[at], size=each, replace=len(rows[at]) < each)
        ]
