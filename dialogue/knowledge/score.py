"""From what a match looks like to the probability that it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.types import Thresholds
from dialogue.knowledge.vectors import Means

FloatArray = NDArray[np.float32]
Weights = tuple[float, ...]

FEATURES = (
    "near",  # the nearest phrasing, in the tuned space
    "mean",  # all phrasings, on average
    "answer_near",  # the nearest piece of the answer
    "told_near",  # the question with the beginning of its answer
    "words",  # BM25 over words of the phrasings, synonyms included
    "grams",  # BM25 over characters and letter runs of the phrasings
    "sounds",  # BM25 over pinyin of the phrasings
    "answer_words",  # BM25 over words of the answer
    "answer_grams",
    "whole_words",  # BM25 over words of the entry: its phrasings and its answer in one
    "whole_grams",
    "keywords",  # whether the query has one of the entry's keywords
    "same",  # edit similarity of query and phrasing
    "either",  # the nearer of phrasing and answer: a query may be about either
)
SEEN = ("near", "told_near", "answer_near", "words", "whole_words", "whole_grams")
KNOWN_FEATURES = ("logit", "margin", "lead", *SEEN)
"""Of the best entry; the lead is how far the ten best lie behind it."""
KNOWN_INPUTS = (*KNOWN_FEATURES, "bias")
RANKS = ("rank", "rank_short", "rank_full")
KNOWNS = ("known", "known_short", "known_full")


RIVALS = 15
"""Entries that share the certainty, the best; a long tail of unlikely ones takes none of it."""


class Phrasings(NamedTuple):
    """How the entries of a store are asked for, from which a blend takes its weights."""

    single: float
    """Mean of 1 / phrasings, (0, 1]."""
    full: float
    """From titles of a word or two, 0, to whole questions, 1."""

    @property
    def corners(self) -> tuple[float, float, float]:
        """Shares of a blend's three lists of weights."""
        one = self.single
        return 1 - one, one * (1 - self.full), one * self.full


@dataclass(frozen=True, slots=True)
class Blend:
    """A learned blend: which entry (softmax of `rank`), and whether any (logistic of `known`).

    The probability of an entry is the product of both. Learned by `dialogue.knowledge.learn`.
    """

    rank: Weights
    """One weight for each of FEATURES, where entries have many phrasings."""
    rank_short: Weights
    """The same where each entry has one, of a word or two: its answer says more than that."""
    rank_full: Weights
    """The same where each entry has one whole question: that says more than the answer."""
    known: Weights
    """One weight for each of KNOWN_FEATURES, then the bias; of the same three kinds of stores."""
    known_short: Weights
    known_full: Weights
    sharpness: float
    """Multiplies the logits before the softmax over entries."""
    thresholds: Thresholds
    means: Means = field(default_factory=Means)

    def fitted(self, phrasings: Phrasings) -> Blend:
        """The blend of a store whose entries are asked for so."""
        shares = np.array(phrasings.corners)
        ranks = np.array([self.rank, self.rank_short, self.rank_full])
        knowns = np.array([self.known, self.known_short, self.known_full])
        rank, known = tuple((shares @ ranks).tolist()), tuple((shares @ knowns).tolist())
        return self.with_ranks(rank, rank, rank).with_knowns(known, known, known)

    def with_ranks(self, many: Weights, short: Weights, full: Weights) -> Blend:
        return replace(self, rank=many, rank_short=short, rank_full=full)

    def with_knowns(self, many: Weights, short: Weights, full: Weights) -> Blend:
        return replace(self, known=many, known_short=short, known_full=full)

    def logits(self, features: FloatArray) -> FloatArray:
        """features (entries, FEATURES) -> (entries,)."""
        scores: FloatArray = features @ np.asarray(self.rank, dtype=np.float32)
        return scores

    def probabilities(self, features: FloatArray, logits: FloatArray) -> FloatArray:
        """(entries,) calibrated probabilities; the best sum to that of there being an answer."""
        if not len(logits):
            return logits
        shares = np.exp(self.sharpness * (logits - logits.max()))
        shares /= np.sort(shares)[-RIVALS:].sum()
        inputs = known_features(features, logits)
        weights = np.asarray(self.known, dtype=np.float32)
        known = 1 / (1 + np.exp(-float(inputs @ weights[:-1] + weights[-1])))
        found: FloatArray = (known * shares).astype(np.float32)
        return found


def known_features(features: FloatArray, logits: FloatArray) -> FloatArray:
    """What tells an answered query from an unanswered one, (KNOWN_FEATURES,)."""
    order = np.argsort(-logits)[:10]
    best = order[0]
    second = logits[order[1]] if len(order) > 1 else logits[best] - 5
    return np.array(
        [
            logits[best],
            logits[best] - second,
            float(logits[best] - np.mean(logits[order])),
            *(features[best, FEATURES.index(name)] for name in SEEN),
        ],
        dtype=np.float32,
    )


def save_blend(blend: Blend, path: Path) -> None:
    means = asdict(blend.means)
    document = {
        **{name: dict(zip(FEATURES, getattr(blend, name), strict=True)) for name in RANKS},
        **{name: dict(zip(KNOWN_INPUTS, getattr(blend, name), strict=True)) for name in KNOWNS},
        "sharpness": blend.sharpness,
        "thresholds": asdict(blend.thresholds),
        "means": {k: [round(float(x), 4) for x in v] for k, v in means.items() if v is not None},
    }
    lines = [f" {json.dumps(name)}: {json.dumps(part)}" for name, part in document.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load_blend(path: Path | None = None) -> Blend:
    """The blend of a file, or the one that ships. Raises `ValueError` when features differ."""
    source = path or files(__package__) / "blend.json"
    document = json.loads(source.read_text(encoding="utf-8"))
    return Blend(
        **{name: _ordered(document[name], FEATURES) for name in RANKS},
        **{name: _ordered(document[name], KNOWN_INPUTS) for name in KNOWNS},
        sharpness=document["sharpness"],
        thresholds=Thresholds(**document["thresholds"]),
        means=Means(**{k: np.array(v, np.float32) for k, v in document["means"].items()}),
    )


def _ordered(weights: Mapping[str, float], names: Sequence[str]) -> tuple[float, ...]:
    if set(weights) != set(names):
        raise ValueError(f"expected weights for {sorted(names)}, got {sorted(weights)}")
    return tuple(float(weights[name]) for name in names)
