"""Linear heads over fixed features: fitting, folds, temperature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from nlu.heads import FloatArray, LinearHead

Labels = NDArray[np.int64]
STEPS = 60
"""L-BFGS iterations; on standardised features the loss is flat well before."""


def class_weights(labels: Labels, classes: int) -> FloatArray:
    """A weight for each example: rare classes count more, by the root of how rare they are."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    weights = np.sqrt(counts.mean() / counts)[labels]
    normal: FloatArray = (weights / weights.mean()).astype(np.float32)
    return normal


def fit_linear(
    features: FloatArray,
    labels: Labels,
    classes: int,
    *,
    l2: float,
    weights: FloatArray | None = None,
) -> LinearHead:
    """Multinomial logistic regression, (n, features) and (n,); `l2` is per example."""
    centre = features.mean(axis=0)
    # One scale for all columns keeps the encoder's own geometry, which cosine training shaped.
    scale = np.full(features.shape[1], 1 / max(float(features.std(axis=0).mean()), 1e-6))
    x = torch.from_numpy(((features - centre) * scale).astype(np.float32))
    y = torch.from_numpy(labels)
    w = torch.from_numpy(class_weights(labels, classes) if weights is None else weights)
    weight = torch.zeros(x.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, history_size=8, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        losses = torch.nn.functional.cross_entropy(x @ weight + bias, y, reduction="none")
        loss = (losses * w).mean() + l2 * (weight**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]
    return LinearHead(
        weight.detach().numpy(),
        bias.detach().numpy(),
        centre.astype(np.float32),
        scale.astype(np.float32),
    )


def folds(labels: Labels, count: int, seed: int) -> Iterator[tuple[Labels, Labels]]:
    """Stratified (train rows, held-out rows); every class keeps an example in train."""
    rng = np.random.default_rng(seed)
    part = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        part[rows] = (np.arange(len(rows)) + rng.integers(count)) % count
    for held in range(count):
        yield np.flatnonzero(part != held), np.flatnonzero(part == held)


def cross_entropy(logits: FloatArray, labels: Labels) -> float:
    high = logits.max(axis=1, keepdims=True)
    total = high[:, 0] + np.log(np.exp(logits - high).sum(axis=1))
    return float((total - logits[np.arange(len(labels)), labels]).mean())


def fit_temperature(logits: FloatArray, labels: Labels) -> float:
    """The temperature of least cross-entropy (Guo et al. 2017)."""

    def loss(cold: float) -> float:
        return cross_entropy(logits / np.float32(np.exp(cold)), labels)

    found = minimize_scalar(loss, bounds=np.log((0.05, 20.0)), options={"xatol": 1e-4})
    return float(np.exp(found.x))
