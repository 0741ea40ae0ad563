"""Sentence vectors of the knowledge: computed once, kept on disk, compared in a tuned space."""

from __future__ import annotations

import hashlib
import logging
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.text import has_han
from nlu.types import Embedder, Vector

FloatArray = NDArray[np.float32]

log = logging.getLogger(__name__)

PREFILTER_FROM = 5_000
"""More rows than this are first ranked by their main directions, then exactly."""
PREFILTER_WIDTH = 64
PREFILTER_KEEP = 800
LEVELS = 32_767
"""Of a component of a unit vector, on either side of zero."""
SHARPNESS = 0.2
"""How far the directions are evened out: 0 leaves them, 1 whitens. 0 to 0.4 did about as well on
development pairs (Chinese and English), 1.0 worse than nothing."""
SHIFT = 0.5
"""How far questions are taken to move with the passages that they are asked of."""
MEAN_PRIOR_ROWS = 30
BATCH = 64


@dataclass(frozen=True, slots=True)
class Means:
    """Mean vectors of everyday questions by language: a prior where a store is small."""

    zh: FloatArray | None = None
    en: FloatArray | None = None
    zh_passages: FloatArray | None = None
    """Of the same, embedded as passages: the encoder gives the two kinds places of their own."""
    en_passages: FloatArray | None = None


def han_mask(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which of `texts` are Chinese, (n,)."""
    return np.fromiter((has_han(text) for text in texts), dtype=np.bool_, count=len(texts))


def _mean(rows: FloatArray, prior: FloatArray | None, width: int) -> FloatArray:
    total = rows.sum(axis=0) if len(rows) else np.zeros(width, dtype=np.float32)
    if prior is None or prior.shape != (width,):
        return (total / max(1, len(rows))).astype(np.float32)
    mean = (total + MEAN_PRIOR_ROWS * prior) / (len(rows) + MEAN_PRIOR_ROWS)
    return np.asarray(mean, dtype=np.float32)


class VectorSpace:
    """The encoder's space, moved and stretched to tell this knowledge's texts apart.

    Sentence encoders put all texts of one trade, and of one language, into a narrow cone.
    Subtracting the language's mean and evening out the main directions is adaptation without
    labels (Mu and Viswanath 2018, All-but-the-Top; Su et al. 2021, Whitening Sentence
    Representations; Libovicky et al. 2020, language centroids).
    """

    def __init__(
        self, rows: FloatArray, texts: Sequence[str], prior: Means, *, passages: bool = False
    ) -> None:
        """rows: (n, width) of unit length, the vectors of `texts`; n may be 0."""
        _, self.width = rows.shape
        han = han_mask(texts)
        zh, en = (prior.zh_passages, prior.en_passages) if passages else (prior.zh, prior.en)
        self._zh = _mean(rows[han], zh, self.width)
        self._en = _mean(rows[~han], en, self.width)
        self._asked_zh = self._zh if not passages else _shifted(prior.zh, zh, self._zh)
        self._asked_en = self._en if not passages else _shifted(prior.en, en, self._en)
        self._stretch = self._stretching(rows, han)

    def _stretching(self, rows: FloatArray, han: NDArray[np.bool_]) -> FloatArray:
        """(width, width): onto the main directions, largest first, evened out."""
        n = len(rows)
        if n < 2:
            return np.eye(self.width, dtype=np.float32)
        step = max(1, n // 20_000)
        sample = rows[::step] - self._centres(han[::step])  # (m, width)
        spread, directions = np.linalg.eigh(sample.T @ sample / len(sample))
        # Few rows say little about the spread: hold it close to even.
        spread = np.maximum(spread, 0) + spread.mean() * (0.3 + 100 / n)
        stretch = directions * spread ** (-SHARPNESS / 2)
        ordered: FloatArray = np.ascontiguousarray(stretch[:, ::-1]).astype(np.float32)
        return ordered

    def _centres(self, han: NDArray[np.bool_]) -> FloatArray:
        centres: FloatArray = np.where(han[:, None], self._zh, self._en).astype(np.float32)
        return centres

    def project(self, rows: FloatArray, texts: Sequence[str]) -> FloatArray:
        """(n, width) in the encoder's space, of `texts` -> (n, width) here, unit length."""
        return _unit((rows - self._centres(han_mask(texts))) @ self._stretch)

    def ask(self, row: Vector, text: str) -> FloatArray:
        """A question's vector, (width,), here."""
        centre = self._asked_zh if has_han(text) else self._asked_en
        return _unit((row - centre) @ self._stretch)


def _unit(rows: NDArray[np.floating[Any]]) -> FloatArray:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    scaled: FloatArray = (rows / np.maximum(length, 1e-9)).astype(np.float32)
    return scaled


def _shifted(asked: FloatArray | None, usual: FloatArray | None, here: FloatArray) -> FloatArray:
    """Where questions of this store lie, from where they usually do and how its passages differ."""
    if asked is None or usual is None or asked.shape != here.shape or usual.shape != here.shape:
        return here
    shifted: FloatArray = (asked + SHIFT * (here - usual)).astype(np.float32)
    return shifted


class VectorRows:
    """Projected rows to be compared with; many of them by their main directions first."""

    def __init__(self, rows: FloatArray) -> None:
        """rows: (n, width), as `VectorSpace.project` gives them."""
        self._coarse: FloatArray | None = None
        self._step = np.float32(1 if len(rows) <= PREFILTER_FROM else 1 / LEVELS)
        self._rows: NDArray[np.float32] | NDArray[np.int16] = rows
        if len(rows) > PREFILTER_FROM:
            self._coarse = np.ascontiguousarray(rows[:, :PREFILTER_WIDTH])
            # Half the memory, finer than half floats here and four times as fast to widen.
            self._rows = np.rint(rows * LEVELS).astype(np.int16)

    def __len__(self) -> int:
        return len(self._rows)

    def at(self, query: FloatArray, rows: NDArray[np.int64]) -> FloatArray:
        """Cosines of a projected query with the rows `rows`."""
        near: FloatArray = self._rows[rows].astype(np.float32, copy=False) @ (query * self._step)
        return near

    def middle(self, rows: NDArray[np.int64]) -> FloatArray:
        """The mean of some rows, (width,)."""
        mean: FloatArray = self._rows[rows].mean(axis=0, dtype=np.float32) * self._step
        return mean

    def best(self, query: FloatArray, count: int) -> NDArray[np.int64]:
        """The nearest rows, at most `count`, nearest first."""
        if self._coarse is None:
            near, rows = self._rows @ query, np.arange(len(self._rows))
        else:
            coarse = self._coarse @ query[:PREFILTER_WIDTH]
            rows = np.argpartition(-coarse, PREFILTER_KEEP)[:PREFILTER_KEEP]
            near = self.at(query, rows)
        if len(rows) > count:
            kept = np.argpartition(-near, count)[:count]
            rows, near = rows[kept], near[kept]
        nearest: NDArray[np.int64] = rows[np.argsort(-near, kind="stable")]
        return nearest


class VectorCache:
    """Vectors by text, on disk where there is a path, so that a second start embeds nothing."""

    def __init__(self, path: Path | None, model_id: str, width: int) -> None:
        self._path = path
        self._model_id = model_id
        self._width = width
        self._known: dict[bytes, NDArray[np.float16]] = {}
        if path is not None and path.is_file():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                model_id, keys, rows = str(stored["model_id"]), stored["keys"], stored["rows"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as wrong:
            log.warning("vector cache %s cannot be read, made anew: %s", path, wrong)
            return
        if model_id != self._model_id or rows.shape[1:] != (self._width,):
            return
        self._known = {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}

    async def embed(
        self,
        texts: Sequence[str],
        embedder: Embedder,
        progress: Callable[[float], None] | None = None,
        *,
        passages: bool = True,
    ) -> FloatArray:
        """(len(texts), width), asking `embedder` only for texts that are new.

        `progress` is told the share that is done, in [0, 1].
        """
        keys = [self._key(text, passages=passages) for text in texts]
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Texts of one length make full batches without padding.
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for at in range(0, len(todo), BATCH):
            part = todo[at : at + BATCH]
            rows = await embedder.embed([text for _, text in part], passages=passages)
            for (key, _), row in zip(part, rows, strict=True):
                found[key] = self._known[key] = row.astype(np.float16)
            if progress is not None:
                progress(min(1.0, (at + BATCH) / len(todo)))
        if not keys:
            return np.zeros((0, self._width), dtype=np.float32)
        # Not from what is known: `save` may have forgotten it since.
        return np.stack([found[key] for key in keys]).astype(np.float32)

    def save(self, texts: Sequence[str]) -> None:
        """Write the vectors of `texts`, all that the next start will ask for."""
        if self._path is None or not texts:
            return
        keys = list(dict.fromkeys(self._key(text) for text in texts))
        self._known = {key: self._known[key] for key in keys}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(".tmp.npz")
        np.savez(
            scratch,
            model_id=np.array(self._model_id),
            keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1),
            rows=np.stack([self._known[key] for key in keys]),
        )
        scratch.rename(self._path)

    def _key(self, text: str, *, passages: bool = True) -> bytes:
        kind = b"passage: " if passages else b""
        return hashlib.sha256(kind + text.encode("utf-8", "surrogatepass")).digest()[:16]
