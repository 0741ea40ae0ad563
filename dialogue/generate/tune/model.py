"""Gemma 3 in torch with a low-rank adapter, named and shaped as in the GGUF file.

The frozen weights are held once, in the computing type; nothing of the embedding is held: a
batch brings its few rows, as in serving. `dialogue.generate.gemma_graph` writes the same layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from dialogue.generate.adapter import SCALE
from dialogue.generate.gemma_graph import GLOBAL_EVERY, GLOBAL_THETA, LOCAL_THETA, Shape, Weights


class Product(nn.Module):
    """``x W' + s x A' B'``: W frozen (out, in), A (rank, in) and B (out, rank) learnt."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        self.weight = weight
        self.a = nn.Parameter(torch.empty(rank, weight.shape[1]))
        self.b = nn.Parameter(torch.zeros(weight.shape[0], rank))
        nn.init.kaiming_uniform_(self.a, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        low = functional.linear(x, self.a.to(x.dtype))
        return functional.linear(x, self.weight) + SCALE * functional.linear(
            low, self.b.to(x.dtype)
        )


class Norm(nn.Module):
    def __init__(self, gain: Tensor, eps: float) -> None:
        super().__init__()
        self.gain, self.eps = gain, eps

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.gain.shape, self.gain, self.eps)


class Layer(nn.Module):
    def __init__(self, shape: Shape, weights: Weights, index: int, rank: int, dtype: torch.dtype):
        super().__init__()
        self.shape = shape
        self.globally = (index + 1) % GLOBAL_EVERY == 0

        def tensor(name: str) -> Tensor:
            return torch.from_numpy(weights(f"blk.{index}.{name}.weight").copy()).to(dtype)

        self.products = nn.ModuleDict(
            {name: Product(tensor(name), rank) for name in PRODUCTS},
        )
        self.norms = nn.ModuleDict({name: Norm(tensor(name), shape.eps) for name in NORMS})

    def forward(self, x: Tensor, turns: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        """x (tokens, hidden), mask (tokens, tokens) added, turns cosine and sine (tokens, head)."""
        product, norm, head = self.products, self.norms, self.shape.head
        normed = norm["attn_norm"](x)
        query = norm["attn_q_norm"](product["attn_q"](normed).unflatten(-1, (-1, head)))
        key = norm["attn_k_norm"](product["attn_k"](normed).unflatten(-1, (-1, head)))
        value = product["attn_v"](normed).unflatten(-1, (-1, head))
        query, key = turned(query, *turns), turned(key, *turns)
        context = attention(query, key, value, mask)
        attended = product["attn_output"](context.flatten(1))
        x = x + norm["post_attention_norm"](attended)
        normed = norm["ffn_norm"](x)
        gate = functional.gelu(product["ffn_gate"](normed), approximate="tanh")
        outer = product["ffn_down"](gate * product["ffn_up"](normed))
        result: Tensor = x + norm["post_ffw_norm"](outer)
        return result


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """(tokens, heads, head) from as many queries and one head of keys and values.

    Two plain products: torch's fused kernel is slower than they are, here and backwards.
    """
    heads = query.shape[1]
    scores = query.transpose(0, 1).flatten(0, 1) @ key[:, 0].T  # (heads * tokens, tokens)
    scores = scores.view(heads, -1, len(key)) * query.shape[-1] ** -0.5 + mask
    context: Tensor = scores.softmax(-1).flatten(0, 1) @ value[:, 0]
    return context.view(heads, len(query), -1).transpose(0, 1)


PRODUCTS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
NORMS = (
    "attn_norm",
    "attn_q_norm",
    "attn_k_norm",
    "post_attention_norm",
    "ffn_norm",
    "post_ffw_norm",
)


class Gemma(nn.Module):
    def __init__(self, shape: Shape, weights: Weights, rank: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.shape, self.dtype = shape, dtype
        self.layers = nn.ModuleList(
            Layer(shape, weights, index, rank, dtype) for index in range(shape.layers)
        )
        gain = torch.from_numpy(weights("output_norm.weight").copy()).to(dtype)
        self.norm = Norm(gain, shape.eps)

    def forward(self, rows: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """States (tokens, hidden) after embeddings `rows`, unscaled, (tokens, hidden)."""
        x = (rows * self.shape.hidden**0.5).to(self.dtype)
        local, globally = (
            _turns(positions, theta, self.shape.head, self.dtype)
            for theta in (LOCAL_THETA, GLOBAL_THETA)
        )
        for layer in self.layers:
            x = layer(x, globally if layer.globally else local, mask)
        states: Tensor = self.norm(x)
        return states

    def adapter(self) -> dict[str, Tensor]:
        """The learnt tensors by the file's names: ``blk.0.attn_q.a``."""
        return {
            f"blk.{index}.{name}.{part}": parameter
            for index, layer in enumerate(self.layers)
            for name, product in layer.products.items()  # type: ignore[union-attr, operator]
            for part, parameter in product.named_parameters()
        }


def _turns(positions: Tensor, theta: float, head: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    half = head // 2
    angles = positions[:, None] * theta ** (-torch.arange(half) / half)  # (tokens, head / 2)
    angles = torch.cat([angles, angles], -1)[:, None]  # (tokens, 1, head)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """x (tokens, heads, head) rotated by its position."""
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine
