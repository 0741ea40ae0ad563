"""The three heads as they serve: small arrays over the encoder's hidden states, plain NumPy.

Training builds the same arrays with torch (`nlu.train.heads`); nothing here needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Arrays = dict[str, FloatArray]
HASH_ROWS = 4096
"""Rows of the table of character embeddings; a unit's text is hashed into it."""


def softmax(logits: FloatArray) -> FloatArray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Standardise, then one matrix: the head of intents and of sentiment."""

    weight: FloatArray  # (features, classes)
    bias: FloatArray  # (classes,)
    centre: FloatArray  # (features,)
    scale: FloatArray  # (features,)

    def logits(self, features: FloatArray) -> FloatArray:
        """(batch, features) -> (batch, classes)"""
        standard = (features - self.centre) * self.scale
        return np.asarray(standard @ self.weight + self.bias, dtype=np.float32)

    def arrays(self, name: str) -> Arrays:
        parts = {
            "weight": self.weight,
            "bias": self.bias,
            "centre": self.centre,
            "scale": self.scale,
        }
        return {f"{name}.{key}": np.ascontiguousarray(v, np.float32) for key, v in parts.items()}

    @classmethod
    def of(cls, arrays: Arrays, name: str) -> LinearHead:
        keys = ("weight", "bias", "centre", "scale")
        return cls(*(arrays[f"{name}.{key}"] for key in keys))


def tag_names(entity_types: Sequence[str]) -> list[str]:
    """``O``, then ``B-x`` and ``I-x`` of each type."""
    return ["O", *(f"{mark}-{kind}" for kind in entity_types for mark in "BI")]


@lru_cache(maxsize=64)
def allowed_moves(tags: int) -> NDArray[np.bool_]:
    """(tags + 1, tags): may tag j follow tag i; the last row is the start of the text."""
    allowed = np.ones((tags + 1, tags), dtype=bool)
    for inside in range(2, tags, 2):
        allowed[:, inside] = False
        allowed[[inside - 1, inside], inside] = True
    allowed.flags.writeable = False
    return allowed


def unit_hash(text: str) -> int:
    """Row of the character table; digits of one length share a row, letters fold case."""
    shape = "0" * min(len(text), 12) if text.isdigit() else text.lower()
    value = 2166136261
    for byte in shape.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value % HASH_ROWS


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """How the units of a text lie over the encoder's tokens."""

    tokens: NDArray[np.int64]  # (units,) the token that covers the unit
    hashes: NDArray[np.int64]  # (units,) row of the character table
    shapes: FloatArray  # (units, SHAPES)


SHAPES = 8


def plan_units(
    text: str, spans: Sequence[tuple[int, int]], token_spans: NDArray[np.int32]
) -> UnitPlan:
    """Assign each unit of `text` its token; one beyond the encoder's length takes the last.

    A ``▁`` piece carries the span of the character after it, so the last cover wins.
    """
    covers = token_spans.tolist()
    cover = [-1] * len(text)
    for token, (start, end) in enumerate(covers):
        cover[start:end] = [token] * (end - start)
    tokens: list[int] = []
    hashes: list[int] = []
    shapes: list[list[float]] = []
    for start, end in spans:
        token = max(cover[start:end], default=-1)
        if token < 0:
            token = tokens[-1] if tokens else 0
        word = text[start:end]
        tokens.append(token)
        hashes.append(unit_hash(word))
        shapes.append(_shape(word, start, end, covers[token], text))
    return UnitPlan(
        np.array(tokens, dtype=np.int64),
        np.array(hashes, dtype=np.int64),
        np.array(shapes, dtype=np.float32).reshape(-1, SHAPES),
    )


def _shape(word: str, start: int, end: int, token_span: Sequence[int], text: str) -> list[float]:
    return [
        float(start <= token_span[0]),  # first of its token
        float(end >= token_span[1]),  # last of its token
        float(word.isdigit()),
        float(word.isalpha() and word.isascii()),
        float(word[:1].isupper()),
        float(not word[:1].isalnum()),
        min(len(word), 12) / 12,
        float(start > 0 and text[start - 1].isspace()),
    ]


@dataclass(frozen=True, slots=True)
class TagHead:
    """Tags of units: token state + character row + shape, two windows of three, then tags."""

    table: FloatArray  # (HASH_ROWS, chars)
    project: FloatArray  # (width + chars + SHAPES, inner)
    project_bias: FloatArray
    windows: tuple[FloatArray, ...]  # each (3 * inner, inner)
    window_biases: tuple[FloatArray, ...]
    output: FloatArray  # (inner, tags)
    output_bias: FloatArray
    moves: FloatArray  # (tags + 1, tags) scores; the last row is the start
    centre: FloatArray  # (width,)
    scale: FloatArray  # (width,)

    def emissions(
        self, hidden: Sequence[FloatArray], plans: Sequence[UnitPlan]
    ) -> list[FloatArray]:
        """hidden (tokens, width) of each text -> (units, tags) of each"""
        sizes = [len(plan.tokens) for plan in plans]
        states = np.concatenate([h[plan.tokens] for h, plan in zip(hidden, plans, strict=True)])
        states = (states - self.centre) * self.scale
        hashes = np.concatenate([plan.hashes for plan in plans])
        shapes = np.concatenate([plan.shapes for plan in plans])
        features = np.concatenate([states, self.table[hashes], shapes], axis=1)
        x = np.maximum(features @ self.project + self.project_bias, 0)  # (all units, inner)
        # One text after the other, an empty row before, between and after them.
        places = np.arange(len(x)) + np.repeat(np.arange(len(sizes)), sizes) + 1
        parted = np.zeros((len(x) + len(sizes) + 1, x.shape[1]), dtype=x.dtype)
        for weight, bias in zip(self.windows, self.window_biases, strict=True):
            parted[places] = x
            around = np.concatenate([parted[places - 1], x, parted[places + 1]], axis=1)
            x = x + np.maximum(around @ weight + bias, 0)
        return np.split(x @ self.output + self.output_bias, np.cumsum(sizes)[:-1])

    def arrays(self) -> Arrays:
        named: Arrays = {
            "tags.table": self.table,
            "tags.project": self.project,
            "tags.project_bias": self.project_bias,
            "tags.output": self.output,
            "tags.output_bias": self.output_bias,
            "tags.moves": self.moves,
            "tags.centre": self.centre,
            "tags.scale": self.scale,
        }
        for i, (weight, bias) in enumerate(zip(self.windows, self.window_biases, strict=True)):
            named[f"tags.window{i}"] = weight
            named[f"tags.window{i}_bias"] = bias
        return {name: np.ascontiguousarray(v, np.float32) for name, v in named.items()}

    @classmethod
    def of(cls, arrays: Arrays) -> TagHead:
        count = sum(f"tags.window{i}" in arrays for i in range(9))
        return cls(
            arrays["tags.table"],
            arrays["tags.project"],
            arrays["tags.project_bias"],
            tuple(arrays[f"tags.window{i}"] for i in range(count)),
            tuple(arrays[f"tags.window{i}_bias"] for i in range(count)),
            arrays["tags.output"],
            arrays["tags.output_bias"],
            arrays["tags.moves"],
            arrays["tags.centre"],
            arrays["tags.scale"],
        )


def viterbi(emissions: FloatArray, moves: FloatArray) -> list[int]:
    """The best valid tag sequence, (units, tags) -> units tags; ``I-x`` only inside ``x``."""
    if not len(emissions):
        return []
    tags = emissions.shape[1]
    scores = np.where(allowed_moves(tags), moves, -1e4)
    best = scores[-1] + emissions[0]
    back = np.zeros(emissions.shape, dtype=np.int64)
    for at in range(1, len(emissions)):
        candidates = best[:, None] + scores[:-1]  # (from, to)
        back[at] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + emissions[at]
    path = [int(best.argmax())]
    for at in range(len(emissions) - 1, 0, -1):
        path.append(int(back[at, path[-1]]))
    return path[::-1]


def marginals(emissions: FloatArray, moves: FloatArray) -> FloatArray:
    """How probable each tag of each unit is over all valid sequences, (units, tags).

    The scores of a CRF are no probabilities by themselves: what a unit's own score leaves open, the
    moves decide. Forward and backward passes in float64, each step scaled to sum to 1.
    """
    tags = emissions.shape[1]
    scores = np.where(allowed_moves(tags), moves, -np.inf).astype(np.float64)
    step = np.exp(scores[:-1] - scores[:-1].max())  # (from, to)
    wide = emissions.astype(np.float64)
    own = np.exp(wide - wide.max(axis=1, keepdims=True))
    before = np.empty(own.shape)  # of what stands before, the unit itself counted
    after = np.ones(own.shape)
    weight = np.exp(scores[-1] - scores[-1].max())
    for at in range(len(own)):
        reached = weight * own[at]
        before[at] = reached / reached.sum()
        weight = before[at] @ step
    for at in range(len(own) - 2, -1, -1):
        reached = step @ (after[at + 1] * own[at + 1])
        after[at] = reached / reached.sum()
    both = before * after
    return np.asarray(both / both.sum(axis=1, keepdims=True), dtype=np.float32)


def tag_spans(path: Sequence[int]) -> list[tuple[int, int, int]]:
    """Tags to (type index, first unit, last unit exclusive)."""
    spans: list[tuple[int, int, int]] = []
    for at, tag in enumerate(path):
        if tag == 0:
            continue
        kind = (tag - 1) // 2
        if tag % 2 == 1 or not spans or spans[-1][2] != at:
            spans.append((kind, at, at + 1))
        else:
            spans[-1] = (kind, spans[-1][1], at + 1)
    return spans
