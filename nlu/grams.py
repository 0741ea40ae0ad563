"""What the letters alone say: a linear head on character n-grams and words, beside the encoder's.

Pieces of a sentence encoder are made for meaning; whether 关灯 or 开灯 was said, a few characters
tell better. Each text is a unit vector over the n-grams known from training, weighted by rarity.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlu.heads import Arrays, FloatArray

LENGTHS = (1, 2, 3, 4)
MOST_CHARACTERS = 1000
_WORD = re.compile(r"[a-z0-9']+")

Keys = NDArray[np.uint32]


def gram_keys(text: str) -> Keys:
    """The n-grams of a text, each once, as sorted hashes."""
    plain = f" {text[:MOST_CHARACTERS].lower()} "
    found = {plain[at : at + n] for n in LENGTHS for at in range(len(plain) - n + 1)}
    words = _WORD.findall(plain)
    found.update(f"{one}\0{two}" for one, two in pairwise(["", *words, ""]))
    found.update(f"\0{word}" for word in words)
    hashes = {zlib.crc32(gram.encode("utf-8", "surrogatepass")) for gram in found}
    return np.array(sorted(hashes), dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class GramTable:
    """The n-grams that count: sorted hashes and how rare each is, both (grams,)."""

    keys: Keys
    rarity: FloatArray

    def place(self, text: str) -> tuple[NDArray[np.int64], FloatArray]:
        """Rows of the text's known n-grams, and their share in its unit vector."""
        found = gram_keys(text)
        if not len(self.keys):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        at = np.minimum(np.searchsorted(self.keys, found), len(self.keys) - 1)
        rows = at[self.keys[at] == found]
        values = self.rarity[rows]
        return rows, values / max(float(np.linalg.norm(values)), 1e-9)


@dataclass(frozen=True, slots=True)
class GramHead:
    table: GramTable
    weight: NDArray[np.float16]  # (grams, classes)
    bias: FloatArray  # (classes,)

    def logits(self, texts: Sequence[str]) -> FloatArray:
        """(texts, classes), to be added to the encoder's."""
        found = np.tile(self.bias, (len(texts), 1))
        for row, text in enumerate(texts):
            rows, values = self.table.place(text)
            found[row] += values @ self.weight[rows].astype(np.float32)
        return found

    def arrays(self, name: str) -> Arrays:
        kept = {
            "keys": self.table.keys,
            "rarity": self.table.rarity,
            "weight": self.weight,
            "bias": self.bias,
        }
        return {f"{name}.grams.{key}": value for key, value in kept.items()}  # type: ignore[misc]

    @classmethod
    def of(cls, arrays: Arrays, name: str) -> GramHead | None:
        if f"{name}.grams.keys" not in arrays:
            return None
        keys, rarity, weight, bias = (
            arrays[f"{name}.grams.{key}"] for key in ("keys", "rarity", "weight", "bias")
        )
        table = GramTable(keys.astype(np.uint32), rarity)
        return cls(table, weight.astype(np.float16), bias)
