"""The encoder's layers as they are tuned: packed, and in bfloat16 where the processor multiplies it.

transformers' own layers under autocast convert between two precisions at every step and mask
attention at random by a slow path: on two cores these take half their time a step (measured).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import gelu, softmax

from nlu.encoder.graph import FloatArray, GraphShape

Weights = Callable[[str], FloatArray]
_PARTS = ("query", "key", "value")
_MATRICES = {
    "out": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "last": "output.LayerNorm",
}


class TunedLayer(nn.Module):
    """One transformer layer; hidden (b, t, width) -> the same."""

    def __init__(self, weights: Weights, prefix: str, shape: GraphShape, dropout: float) -> None:
        super().__init__()
        self.prefix, self.heads, self.rate = prefix, shape.heads, dropout
        packed = [
            np.concatenate([weights(f"{prefix}attention.self.{part}.{kind}") for part in _PARTS])
            for kind in ("weight", "bias")
        ]
        self.packed = _linear(*packed)
        self.out, self.inner, self.outer = (
            _linear(*(weights(f"{prefix}{_MATRICES[name]}.{kind}") for kind in ("weight", "bias")))
            for name in ("out", "inner", "outer")
        )
        self.norm, self.last = (
            _norm(weights, f"{prefix}{_MATRICES[n]}", shape.eps) for n in ("norm", "last")
        )

    def forward(self, x: torch.Tensor, away: torch.Tensor | None) -> torch.Tensor:
        """`away` (b, 1, 1, t) is added to the scores of attention: far below zero for padding."""
        x = self.norm(x + self._dropped(self.out(self._attend(x, away))))
        found: torch.Tensor = self.last(x + self._dropped(self.outer(gelu(self.inner(x)))))
        return found

    def _attend(self, x: torch.Tensor, away: torch.Tensor | None) -> torch.Tensor:
        b, t, width = x.shape
        size = width // self.heads
        parts = self.packed(x).view(b, t, 3, self.heads, size).permute(2, 0, 3, 1, 4)
        query, key, value = parts.reshape(3, b * self.heads, t, size)
        scores = torch.bmm(query * size**-0.5, key.transpose(1, 2))
        if away is not None:
            scores = (scores.view(b, self.heads, t, t) + away).view(b * self.heads, t, t)
        context = torch.bmm(softmax(scores, dim=-1), value)
        return context.view(b, self.heads, t, size).transpose(1, 2).reshape(b, t, width)

    def _dropped(self, x: torch.Tensor) -> torch.Tensor:
        """Dropout by bytes: torch draws one in float for each number, which takes longer."""
        if not self.training or not self.rate:
            return x
        kept = torch.empty(x.shape, dtype=torch.uint8).random_(0, 256) >= int(self.rate * 256)
        return x * (kept.to(x.dtype) * (1 / (1 - self.rate)))

    def named_rows(self, name: str, rows: torch.Tensor) -> list[tuple[str, torch.Tensor]]:
        """What one of the matrices gives, (out, ...), by transformers' names of its parts."""
        if name != "packed":
            return [(f"{self.prefix}{_MATRICES[name]}.weight", rows)]
        parts = zip(_PARTS, rows.chunk(3), strict=True)
        return [(f"{self.prefix}attention.self.{part}.weight", value) for part, value in parts]

    def named(self) -> dict[str, torch.Tensor]:
        """Tensors by their transformers names."""
        found: dict[str, torch.Tensor] = {}
        for kind in ("weight", "bias"):
            for part, value in zip(_PARTS, getattr(self.packed, kind).chunk(3), strict=True):
                found[f"{self.prefix}attention.self.{part}.{kind}"] = value
            for name, long in _MATRICES.items():
                found[f"{self.prefix}{long}.{kind}"] = getattr(getattr(self, name), kind)
        return {name: value.detach() for name, value in found.items()}


def _linear(weight: FloatArray, bias: FloatArray) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.array(weight)))
        layer.bias.copy_(torch.from_numpy(np.array(bias)))
    return layer


def _norm(weights: Weights, name: str, eps: float) -> nn.LayerNorm:
    gamma, beta = weights(f"{name}.weight"), weights(f"{name}.bias")
    layer = nn.LayerNorm(len(gamma), eps=eps)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.array(gamma)))
        layer.bias.copy_(torch.from_numpy(np.array(beta)))
    return layer
