"""Turns a linear layer into 8-bit integers, by the ranges that its inputs have been seen to keep.

Weights have one scale for each number that comes out; inputs one for all, fixed beforehand, so that
nothing is measured while a message waits and no token's levels depend on another's: a message is
understood alike whatever stands beside it in a batch. A few channels are many times larger than the
others, and in one scale they would take the levels away from them: each channel is first divided by
(almost) its own range, and its weights multiplied by it (SmoothQuant, Xiao et al. 2023). Columns that
this makes too heavy for their rows' scale are split in two or more (Zhao et al. 2019), which costs
nothing but a few more rows of the matrix before. What rounding the weights shifts on the average is
put right in the bias (Nagel et al. 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

EVEN = 0.9
"""How far channels are made equally large: at 0 none is touched, at 1 the weights take all of it."""
SPLIT = 64
"""Columns added by splitting the heaviest."""
MARGIN = 1.1
"""What has not been seen may go a little beyond what has."""
LEAST = 1e-3
"""A channel that hardly moved when it was measured may move so much."""
LIMIT = 127
LEVELS = 255


@dataclass(frozen=True, slots=True)
class Range:
    """What a linear layer's input was seen to be, for each channel: (channels,) each."""

    low: FloatArray
    high: FloatArray
    mean: FloatArray

    def take(self, channels: NDArray[np.int64]) -> Range:
        return Range(self.low[channels], self.high[channels], self.mean[channels])


@dataclass(frozen=True, slots=True)
class Quantised:
    """``round(x * factor) @ levels * scale * scales + bias`` is near to what the layer makes of x."""

    factor: FloatArray
    """(in,): input channels times these are whole numbers' range."""
    zero: np.uint8
    """The level of an input of 0."""
    levels: NDArray[np.int8]
    """(in, out)"""
    scale: np.float32
    """Of the inputs' levels."""
    scales: FloatArray
    """(out,), of the weights' levels."""
    bias: FloatArray

    def cut(self, parts: int) -> list[Quantised]:
        """As many layers of the same input, each with its part of what comes out."""
        cuts = (np.split(one, parts, axis=-1) for one in (self.levels, self.scales, self.bias))
        return [replace(self, levels=w, scales=s, bias=b) for w, s, b in zip(*cuts, strict=True)]

    def times(self, factor: FloatArray) -> Quantised:
        """What comes out, (out,), is so many times as large."""
        return replace(self, scales=self.scales * factor, bias=self.bias * factor)


def quantise(weight: FloatArray, bias: FloatArray, seen: Range) -> Quantised:
    """weight (out, in), bias (out,)."""
    divisor = _divisors(weight, seen)
    evened = weight * divisor
    scales = np.abs(evened).max(axis=1) / LIMIT
    scales = np.where(scales > 0, scales, 1.0).astype(np.float32)
    levels = np.clip(np.rint(evened / scales[:, None]), -LIMIT, LIMIT)
    low = min(float((seen.low / divisor).min()), 0.0) * MARGIN
    high = max(float((seen.high / divisor).max()), LEAST) * MARGIN
    scale = (high - low) / LEVELS
    shift = (levels * scales[:, None] - evened) @ (seen.mean / divisor)
    return Quantised(
        factor=(1 / (divisor * scale)).astype(np.float32),
        zero=np.uint8(np.rint(-low / scale)),
        levels=np.ascontiguousarray(levels.T.astype(np.int8)),
        scale=np.float32(scale),
        scales=scales,
        bias=(bias - shift).astype(np.float32),
    )


def split_heavy(
    inner: FloatArray, inner_bias: FloatArray, outer: FloatArray, seen: Range
) -> tuple[FloatArray, FloatArray, FloatArray, Range]:
    """Split the heaviest channels between two linear layers; what they compute stays the same.

    inner (channels, in) and its bias make the channels, outer (out, channels) reads them, `seen` are
    their ranges. A channel of n parts is made n times, and each is read with an n-th of its weight.
    """
    heaviest = np.abs(outer * _divisors(outer, seen)).max(axis=0)
    parts = np.ones(len(heaviest), dtype=np.int64)
    for _ in range(SPLIT):
        parts[np.argmax(heaviest / parts)] += 1
    channels = np.repeat(np.arange(len(parts)), parts)
    shares = np.asarray(outer[:, channels] / parts[channels], dtype=np.float32)
    return inner[channels], inner_bias[channels], shares, seen.take(channels)


def _divisors(weight: FloatArray, seen: Range) -> FloatArray:
    """(in,): how much larger than an even one each channel is."""
    largest = np.maximum(np.maximum(seen.high, -seen.low), LEAST)
    heaviest = np.maximum(np.abs(weight).max(axis=0), 1e-5)
    divisor: FloatArray = (largest**EVEN / heaviest ** (1 - EVEN)).astype(np.float32)
    return divisor
