"""Fits the head of n-grams: a linear support vector machine on unit vectors."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from nlu.grams import GramHead, GramTable, gram_keys
from nlu.heads import FloatArray
from nlu.train.linear import Labels

MOST_GRAMS = 40_000
MUCH = 2000
"""Of so many texts, n-grams that stand in only one are left out."""
HARDNESS = 0.5
"""The machine's C."""


@dataclass(frozen=True, slots=True)
class Grams:
    """Texts as rows over a table of n-grams."""

    table: GramTable
    rows: csr_matrix

    @classmethod
    def of(cls, texts: Sequence[str]) -> Grams:
        counts = Counter(key for text in texts for key in gram_keys(text).tolist())
        least = 2 if len(texts) >= MUCH else 1
        common = [key for key, count in counts.most_common(MOST_GRAMS) if count >= least]
        keys = np.array(sorted(common), dtype=np.uint32)
        seen = np.array([counts[key] for key in keys.tolist()], dtype=np.float32)
        rarity = np.log((1 + len(texts)) / (1 + seen)).astype(np.float32) + 1
        table = GramTable(keys, rarity)
        return cls(table, matrix(table, texts))

    def more(self, texts: Sequence[str]) -> csr_matrix:
        return matrix(self.table, texts)


def matrix(table: GramTable, texts: Sequence[str]) -> csr_matrix:
    placed = [table.place(text) for text in texts]
    ends = np.cumsum([0, *(len(rows) for rows, _ in placed)])
    empty: list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = [np.zeros(0)]
    columns = np.concatenate([*(rows for rows, _ in placed), *empty]).astype(np.int64)
    values = np.concatenate([*(values for _, values in placed), *empty]).astype(np.float32)
    return csr_matrix((values, columns, ends), shape=(len(placed), len(table.keys)))


@dataclass(frozen=True, slots=True)
class GramFit:
    """Decision values: positive for the class, negative against it."""

    weight: FloatArray  # (grams, classes)
    bias: FloatArray  # (classes,)

    def logits(self, rows: csr_matrix) -> FloatArray:
        return np.asarray(rows @ self.weight + self.bias, dtype=np.float32)

    def head(self, table: GramTable, share: float) -> GramHead:
        """As it serves, its say multiplied by `share`."""
        return GramHead(table, (share * self.weight).astype(np.float16), share * self.bias)


def fit_grams(rows: csr_matrix, labels: Labels, classes: int, seed: int) -> GramFit:
    """One against the rest; a class without examples is never said."""
    machine = LinearSVC(C=HARDNESS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(rows, labels)
    weight = np.zeros((rows.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -1, dtype=np.float32)
    found, offset = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        found, offset = np.stack([-found[0], found[0]]), np.array([-offset[0], offset[0]])
    weight[:, machine.classes_], bias[machine.classes_] = found.T, offset
    return GramFit(weight, bias)
