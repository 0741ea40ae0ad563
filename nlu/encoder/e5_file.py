"""Reads the ``E5S1`` file of the multilingual-e5-small package (weights, vocabulary).

Layout, little endian: magic, version, sizes, SentencePiece Unigram vocabulary with scores, the
normalisation map, then a table of tensors. Matrices are 4-bit blocks of 32 weights: an f16
scale and 16 bytes, low nibbles first; value = (nibble - 8) * scale.
"""

from __future__ import annotations

import itertools
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
MAGIC = b"E5S1"
BLOCK_BYTES = 18
Q4 = 1


class EncoderFileError(ValueError):
    """The file is not what it should be; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class E5Sizes:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    eps: float
    block: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a tensor lies in the file: `count` weights, `size` bytes from `offset`."""

    count: int
    offset: int
    size: int


class E5File:
    """A mapped ``E5S1`` file: sizes, pieces and tensors, each read when asked for."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[:4] != MAGIC:
            raise EncoderFileError(f"{path}: expected a file of {MAGIC!r}, got {self._map[:4]!r}")
        self._at = 4
        (version,) = self._take("<I")
        if version != 1:
            raise EncoderFileError(f"{path}: expected version 1, got {version}")
        h, nl, nh, ff, voc, maxp, tvs = self._take("<7i")
        eps, block = self._take("<fi")
        self.sizes = E5Sizes(h, nl, nh, ff, voc, maxp, tvs, eps, block)
        self.pieces, self.scores = self._read_pieces()
        (norm_pieces,) = self._take("<i")
        (norm_bytes,) = self._take("<I")
        self._at += norm_bytes
        self.tensors = dict(self._read_table())
        del norm_pieces

    def _take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from(layout, self._map, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _array(self, dtype: str, count: int) -> NDArray[np.generic]:
        found = np.frombuffer(self._map, dtype=dtype, count=count, offset=self._at)
        self._at += found.nbytes
        return found

    def _read_pieces(self) -> tuple[list[str], list[float]]:
        n, *_specials = self._take("<5i")
        (blob_length,) = self._take("<Q")
        offsets = self._array("<u4", n + 1).tolist()
        scores = self._array("<f4", n).tolist()
        blob = self._map[self._at : self._at + blob_length]
        self._at += blob_length
        pairs = itertools.pairwise(offsets)
        return [blob[a:b].decode("utf-8") for a, b in pairs], scores

    def _read_table(self) -> Iterator[tuple[str, Stored]]:
        (count,) = self._take("<i")
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._map[self._at : self._at + length].decode("ascii")
            self._at += length
            _dtype, weights, offset, size = self._take("<BIQQ")
            yield name, Stored(weights, offset, size)

    def tensor(self, name: str) -> FloatArray:
        """Return a tensor's weights, flat, as float32. Raises `EncoderFileError`."""
        if name not in self.tensors:
            raise EncoderFileError(f"expected a tensor {name!r}, got {len(self.tensors)} others")
        stored = self.tensors[name]
        if stored.size == stored.count * 4:
            return np.frombuffer(
                self._map, dtype="<f4", count=stored.count, offset=stored.offset
            ).astype(np.float32)
        raw = np.frombuffer(self._map, dtype=np.uint8, count=stored.size, offset=stored.offset)
        return dequantise(raw)[: stored.count]

    def rows(self, name: str, width: int, chunk: int = 16384) -> Iterator[FloatArray]:
        """Yield a matrix's rows in chunks, (rows, width), so that a big one is never held."""
        stored = self.tensors[name]
        row_bytes = width // 32 * BLOCK_BYTES
        for start in range(0, stored.size, row_bytes * chunk):
            size = min(row_bytes * chunk, stored.size - start)
            raw = np.frombuffer(self._map, dtype=np.uint8, count=size, offset=stored.offset + start)
            yield dequantise(raw).reshape(-1, width)


def dequantise(raw: NDArray[np.uint8]) -> FloatArray:
    """4-bit blocks, (n * 18,) bytes, to (n * 32,) float32."""
    blocks = raw.reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)  # (n, 1)
    packed = blocks[:, 2:]
    nibbles = np.concatenate([packed & 0x0F, packed >> 4], axis=1)  # (n, 32)
    weights: FloatArray = (nibbles.astype(np.float32) - 8.0) * scale
    return weights.reshape(-1)
