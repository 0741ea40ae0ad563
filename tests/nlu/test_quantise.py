"""8-bit layers: what they compute, split or not, and where sums may overflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.encoder import runtime
from nlu.encoder.quantise import FloatArray, Range, quantise, split_heavy

WIDTH, OUT, TALL = 32, 16, 48


def rows(rng: np.random.Generator, width: int) -> FloatArray:
    """Inputs of which one channel is many times larger than the others."""
    found = rng.normal(size=(400, width)).astype(np.float32)
    found[:, 3] *= 40
    return found


def matrix(rng: np.random.Generator, *shape: int) -> FloatArray:
    return rng.normal(size=shape).astype(np.float32)


def seen_in(rows: FloatArray) -> Range:
    return Range(rows.min(axis=0), rows.max(axis=0), rows.mean(axis=0))


def served(x: FloatArray, weight: FloatArray, bias: FloatArray, seen: Range) -> FloatArray:
    """What ONNX Runtime computes of a quantised layer, by hand."""
    found = quantise(weight, bias, seen)
    zero = int(found.zero)
    levels = np.clip(np.rint(x * found.factor) + zero, 0, 255) - zero
    product: FloatArray = levels @ found.levels.astype(np.float32)
    return product * found.scale * found.scales + found.bias


@given(st.integers(0, 1000))
def test_a_layer_in_integers_is_near_the_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, weight, bias = rows(rng, WIDTH), matrix(rng, OUT, WIDTH), matrix(rng, OUT)
    exact = x @ weight.T + bias
    error = np.linalg.norm(served(x, weight, bias, seen_in(x)) - exact) / np.linalg.norm(exact)
    assert error < 0.02


@given(st.integers(0, 1000))
def test_splitting_heavy_channels_changes_nothing_but_the_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rows(rng, WIDTH)
    inner, inner_bias, outer = matrix(rng, TALL, WIDTH), matrix(rng, TALL), matrix(rng, OUT, TALL)
    between = np.maximum(x @ inner.T + inner_bias, 0)
    split, split_bias, shares, seen = split_heavy(inner, inner_bias, outer, seen_in(between))
    wide = np.maximum(x @ split.T + split_bias, 0)
    np.testing.assert_allclose(wide @ shares.T, between @ outer.T, rtol=1e-3, atol=1e-2)
    assert len(seen.low) == len(split) > TALL
    np.testing.assert_allclose(seen.high, wide.max(axis=0), rtol=1e-4)


def test_a_channel_that_never_moved_does_no_harm() -> None:
    x = np.zeros((3, WIDTH), dtype=np.float32)
    weight, bias = np.ones((OUT, WIDTH), np.float32), np.ones(OUT, np.float32)
    np.testing.assert_allclose(served(x, weight, bias, seen_in(x)), 1, atol=1e-3)


@pytest.mark.parametrize(
    ("machine", "told", "exact"),
    [
        ("x86_64", "flags : fpu avx2 avx512_vnni", True),
        ("AMD64", "flags : fpu avx2", False),
        ("aarch64", None, True),
        ("x86_64", None, False),
    ],
)
def test_where_sums_of_bytes_may_overflow_the_slower_way_is_gone(
    machine: str, told: str | None, exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: Path, encoding: str) -> str:
        if told is None:
            raise FileNotFoundError(path)
        return told

    monkeypatch.setattr(runtime.platform, "machine", lambda: machine)
    monkeypatch.setattr(Path, "read_text", read)
    runtime.sums_exactly.cache_clear()
    try:
        assert runtime.sums_exactly() is exact
    finally:
        runtime.sums_exactly.cache_clear()
