"""BM25 over one kind of unit, with scores that can be compared between queries."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Rows = NDArray[np.int64]

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs every index at DEBUG

READ_POSTINGS = 40_000
"""Postings that are read to find the best texts, rarest units first: a unit that half of all texts
have finds none. What is found is then scored by all units."""


class Channel:
    """One BM25 index (Lucene's variant, by bm25s) over texts that are cut into units.

    A score is divided by the best the query could have reached, so that it lies in [0, 1] and a
    query of which half is unknown here reaches half of it.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.size = len(texts)
        self._columns: dict[str, tuple[int, int]] = {}
        self._ceiling: dict[str, float] = {}
        self._unknown = 1.0
        if any(texts):
            self._index(texts)

    def _index(self, texts: Sequence[Sequence[str]]) -> None:
        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        engine.index([list(text) for text in texts], show_progress=False)
        starts = engine.scores["indptr"]
        self._scores: FloatArray = engine.scores["data"]
        self._texts: NDArray[np.int32] = engine.scores["indices"]
        """By unit, each unit's texts in increasing order."""
        for unit, column in engine.vocab_dict.items():
            if column + 1 < len(starts):  # the engine lists an empty unit of its own
                start, end = int(starts[column]), int(starts[column + 1])
                self._columns[unit] = (start, end)
                self._ceiling[unit] = float(self._scores[start:end].max(initial=0.0))
        self._unknown = max(self._ceiling.values(), default=1.0)

    def best(self, query: Sequence[str], count: int) -> Rows:
        """The texts that score best, at most `count`, best first."""
        spans = sorted(
            (self._columns[unit] for unit in query if unit in self._columns),
            key=lambda span: span[1] - span[0],
        )
        read, texts, scores = 0, [], []
        for start, end in spans:
            if read and read + end - start > READ_POSTINGS:
                break
            read += end - start
            texts.append(self._texts[start:end])
            scores.append(self._scores[start:end])
        if not texts:
            return np.zeros(0, dtype=np.int64)
        total = np.bincount(np.concatenate(texts), np.concatenate(scores))
        found = np.flatnonzero(total)
        if len(found) > count:
            found = found[np.argpartition(-total[found], count)[:count]]
        best: Rows = found[np.argsort(-total[found], kind="stable")]
        return best

    def at(self, query: Sequence[str], rows: Rows) -> FloatArray:
        """Scores of the texts `rows`, (len(rows),)."""
        found = np.zeros(len(rows), dtype=np.float32)
        ceiling = sum(self._ceiling.get(unit, self._unknown) for unit in query)
        few: list[tuple[NDArray[np.int32], FloatArray]] = []
        for unit, times in Counter(query).items():
            start, end = self._columns.get(unit, (0, 0))
            if start == end:
                continue
            texts, scores = self._texts[start:end], self._scores[start:end]
            if len(texts) <= len(rows):
                few.append((texts, scores if times == 1 else times * scores))
            else:  # a unit that nearly all texts have is looked up from the rows' side
                places = np.minimum(np.searchsorted(texts, rows), len(texts) - 1)
                found += times * np.where(texts[places] == rows, scores[places], 0)
        if few:
            texts, scores = (np.concatenate(parts) for parts in zip(*few, strict=True))
            found += np.bincount(texts, scores, self.size)[rows]
        share: FloatArray = np.minimum(found / max(ceiling, 1e-6), 1.0).astype(np.float32)
        return share


class Keywords:
    """Which texts have a keyword that is said, wherever it stands in a sentence.

    What is said is cut into all pieces as long as some keyword: to look those up costs the same for
    a hundred texts and for a hundred thousand.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        """The keywords of each text; empty ones are none."""
        found: dict[str, list[int]] = {}
        for number, keywords in enumerate(texts):
            for word in filter(None, keywords):
                found.setdefault(word, []).append(number)
        self._texts = found
        self._lengths = sorted({len(word) for word in found})

    def said(self, said: str, texts: Rows) -> FloatArray:
        """1 for each of `texts` of which a keyword is in `said`, else 0; (len(texts),)."""
        having = {
            text
            for length in self._lengths
            for at in range(len(said) - length + 1)
            for text in self._texts.get(said[at : at + length], ())
        }
        hits: FloatArray = np.isin(texts, list(having)).astype(np.float32)
        return hits
