"""Sentence vectors of the knowledge, compared in a space that is fitted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.text import has_han
from nlu.types import Vector

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]
Floats = NDArray[np.float32] | NDArray[np.float16]

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


def _mean(rows: Floats, prior: FloatArray | None, width: int) -> FloatArray:
    total = rows.sum(axis=0, dtype=np.float32) if len(rows) else np.zeros(width, dtype=np.float32)
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
        self, rows: Floats, texts: Sequence[str], prior: Means, *, passages: bool = False
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

    def _stretching(self, rows: Floats, han: NDArray[np.bool_]) -> FloatArray:
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
        return _unit(self.moved(rows, han_mask(texts)))

    def moved(self, rows: Floats, han: NDArray[np.bool_]) -> FloatArray:
        """The same, as long as it comes out; `han` says which of the texts are Chinese."""
        centred = rows.astype(np.float32, copy=False) - self._centres(han)
        moved: FloatArray = (centred @ self._stretch).astype(np.float32, copy=False)
        return moved

    def back(self, here: FloatArray) -> FloatArray:
        """What rows of the encoder's space are multiplied with for their product with `here`.

        ``moved(x) @ here == (x - centre) @ back(here)``: the rows need not be moved to be compared.
        """
        back: FloatArray = self._stretch @ here
        return back

    def centre(self, *, han: bool) -> FloatArray:
        """Of the texts in Chinese, or of the others: (width,), in the encoder's space."""
        return self._zh if han else self._en

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

    def at(self, query: FloatArray, rows: Rows) -> FloatArray:
        """Cosines of a projected query with the rows `rows`."""
        if self._coarse is None and 2 * len(rows) > len(self._rows):  # to copy them takes longer
            all_near: FloatArray = (self._rows @ query)[rows]
            return all_near
        near: FloatArray = self._rows[rows].astype(np.float32, copy=False) @ (query * self._step)
        return near

    def middle(self, rows: Rows) -> FloatArray:
        """The mean of some rows, (width,)."""
        mean: FloatArray = self._rows[rows].mean(axis=0, dtype=np.float32) * self._step
        return mean

    def best(self, query: FloatArray, count: int) -> Rows:
        """The nearest rows, at most `count`, nearest first."""
        if self._coarse is None:
            near, rows = self._rows @ query, np.arange(len(self._rows))
        else:
            rows = likely(self._coarse, query)
            near = self.at(query, rows)
        return nearest(rows, near, count)


def likely(coarse: FloatArray, query: FloatArray) -> Rows:
    """The rows among which the nearest are, by their main directions, (n, PREFILTER_WIDTH)."""
    if len(coarse) <= PREFILTER_KEEP:
        return np.arange(len(coarse))
    near = coarse @ query[:PREFILTER_WIDTH]
    rows: Rows = np.argpartition(-near, PREFILTER_KEEP)[:PREFILTER_KEEP]
    return rows


def nearest(rows: Rows, near: FloatArray, count: int) -> Rows:
    """At most `count` of `rows`, whose cosines are `near`, the nearest first."""
    if len(rows) > count:
        kept = np.argpartition(-near, count)[:count]
        rows, near = rows[kept], near[kept]
    ordered: Rows = rows[np.argsort(-near, kind="stable")]
    return ordered


class Compared(Protocol):
    """Rows to be compared with, as `VectorRows` are."""

    def __len__(self) -> int: ...

    def at(self, query: FloatArray, rows: Rows) -> FloatArray: ...

    def middle(self, rows: Rows) -> FloatArray: ...

    def best(self, query: FloatArray, count: int) -> Rows: ...


class Placed:
    """The texts of a knowledge's entries, ready to be compared with."""

    def __init__(
        self, space: VectorSpace, questions: Compared, answers: Compared, told: Compared
    ) -> None:
        self.space = space
        self.questions, self.answers, self.told = questions, answers, told

    def best(self, query: FloatArray, questions: int, told: int) -> tuple[Rows, Rows]:
        """The nearest rows of two kinds, at most so many, nearest first."""
        return self.questions.best(query, questions), self.told.best(query, told)

    def at(
        self, query: FloatArray, questions: Rows, answers: Rows, told: Rows
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Cosines of a projected query with rows of each kind."""
        return (
            self.questions.at(query, questions),
            self.answers.at(query, answers),
            self.told.at(query, told),
        )


class Texts(NamedTuple):
    """Those of a knowledge's entries, in the order of its rows."""

    questions: Sequence[str]
    answers: Sequence[str]
    told: Sequence[str]


class Placing(Protocol):
    """The vectors of a knowledge's texts, wherever they are."""

    def placed(self, texts: Texts, means: Means) -> Placed:
        """In the space of `texts`; not from an event loop."""
        ...


@dataclass(frozen=True, slots=True)
class EntryVectors:
    """The encoder's vectors of `Texts`, in memory; (0, width) for none."""

    questions: FloatArray
    answers: FloatArray
    told: FloatArray

    def placed(self, texts: Texts, means: Means) -> Placed:
        space = VectorSpace(self.questions, texts.questions, means, passages=True)
        return Placed(
            space,
            VectorRows(space.project(self.questions, texts.questions)),
            VectorRows(space.project(self.answers, texts.answers)),
            VectorRows(space.project(self.told, texts.told)),
        )
