"""BM25 over one kind of unit, with scores that can be compared between queries."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import bm25s
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

logging.getLogger("bm25s").setLevel(logging.WARNING)  # it logs every index at DEBUG


class Channel:
    """One BM25 index (Lucene's variant, by bm25s) over texts that are cut into units.

    A score is divided by the best the query could have reached, so that it lies in [0, 1] and a
    query of which half is unknown here reaches half of it.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.size = len(texts)
        self._engine: bm25s.BM25 | None = None
        self._ceiling: dict[str, float] = {}
        self._unknown = 1.0
        if any(texts):
            self._index(texts)

    def _index(self, texts: Sequence[Sequence[str]]) -> None:
        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        engine.index([list(text) for text in texts], show_progress=False)
        data, starts = engine.scores["data"], engine.scores["indptr"]
        for unit, column in engine.vocab_dict.items():
            if column + 1 < len(starts):  # the engine lists an empty unit of its own
                scores = data[starts[column] : starts[column + 1]]
                self._ceiling[unit] = float(scores.max(initial=0.0))
        self._unknown = max(self._ceiling.values(), default=1.0)
        self._engine = engine

    def scores(self, query: Sequence[str], weigh: Sequence[str] | None = None) -> FloatArray:
        """Scores of all texts, (size,), for `query`; `weigh` sets the ceiling, if not `query`."""
        known = [unit for unit in query if unit in self._ceiling]
        if self._engine is None or not known:
            return np.zeros(self.size, dtype=np.float32)
        ceiling = sum(self._ceiling.get(unit, self._unknown) for unit in weigh or query)
        raw: FloatArray = self._engine.get_scores(known)
        share: FloatArray = np.minimum(raw / max(ceiling, 1e-6), 1.0).astype(np.float32)
        return share
