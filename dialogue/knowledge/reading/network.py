"""The network that reads, on numpy: small enough that a handful of entries takes a millisecond.

A search compares two vectors, and a question on the same subject looks like an answered one. This
compares token by token (decomposable attention, Parikh et al. 2016, over the states of an encoder
that stays as it is): each token of the question looks for its like in the entry, what it found is
compared with it, and what was asked but not found speaks against the entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

FloatArray = NDArray[np.float32]
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Network:
    tensors: Mapping[str, FloatArray]
    """As `dialogue.knowledge.reading.learn` names them."""

    @classmethod
    def load(cls, path: Path) -> tuple[Self, ...]:
        """The networks of a file, which differ by the chance they began with and read as one."""
        by: dict[str, dict[str, FloatArray]] = {}
        for name, tensor in load_file(path).items():
            number, _, rest = name.partition(".")
            by.setdefault(number, {})[rest] = tensor.astype(np.float32)
        return tuple(cls(tensors) for tensors in by.values())

    def asked(self, states: FloatArray) -> FloatArray:
        """A question's tokens (n, width of the states) as they are compared, (n, size)."""
        return self._linear("q", states)

    def told(self, states: FloatArray) -> FloatArray:
        """The same of an entry's tokens."""
        return self._linear("p", states)

    def logit(self, q: FloatArray, p: FloatArray) -> float:
        """How surely the entry answers, from (n, size) and (m, size); at least a token each."""
        likeness = _unit(q) @ _unit(p).T  # (n, m)
        best = likeness.max(axis=1)
        looks = _softmax(likeness * self.tensors["scale"])
        found = looks @ p
        soft = (looks * likeness).sum(axis=1)
        beside = [q, found, q * found, np.abs(q - found), best[:, None], soft[:, None]]
        compared = np.hstack(beside).astype(np.float32)
        for layer in ("cmp.0", "cmp.2"):
            compared = np.maximum(self._linear(layer, compared), 0)
        weight = _softmax(self._linear("w", q)[:, 0])
        whole = float(_unit(q.sum(axis=0)) @ _unit(p.sum(axis=0)))
        seen = [weight @ best, best.mean(), best.min(), whole]
        pooled = np.concatenate([weight @ compared, compared.max(axis=0), seen])
        pooled = np.maximum(self._linear("out.0", pooled.astype(np.float32)), 0)
        return float(self._linear("out.2", pooled)[0])

    def _linear(self, name: str, x: FloatArray) -> FloatArray:
        found: FloatArray = x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]
        return found


def _unit(rows: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    found: NDArray[np.floating[Any]] = rows / np.maximum(
        np.linalg.norm(rows, axis=-1, keepdims=True), _TINY
    )
    return found


def _softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    likely = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: NDArray[np.floating[Any]] = likely / likely.sum(axis=-1, keepdims=True)
    return found
