"""A second look at what a search found, before it is quoted: the language model reads it.

A search compares; near-topic entries look like answers to it. The model reads question and
entries together and says how likely each of them answers. Both are weighed into one probability.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from dialogue.knowledge.types import Hit, SearchResult, verdict_of

SURE = 0.98
"""From here on nothing is read again: a look takes a third of a second. Of the hard questions that have
no answer one in twenty reaches it; one in eight reaches 0.95."""
SEARCHED, READ, BIAS = 0.58, 0.37, 0.84
"""A logistic of both log odds, fitted on 200 questions that neither had learned from: the shop's
test questions and the dialogues that tuning holds out."""
CERTAIN = 0.92
"""What is answered by the probability of both, whatever the search would have answered alone."""
LEAST = 1e-3


def needs_look(found: SearchResult) -> bool:
    return found.verdict != "nothing" and found.hits[0].score < SURE


def weighed(found: SearchResult, chances: Sequence[float]) -> SearchResult:
    """`found` with the model's `chances` of its first hits weighed in, and a verdict anew."""
    read = [
        replace(
            hit,
            score=_probability(hit.score, chance),
            features={**hit.features, "searched": hit.score, "read": chance},
        )
        for hit, chance in zip(found.hits, chances, strict=False)
    ]
    read.sort(key=lambda hit: -hit.score)
    hits: tuple[Hit, ...] = (*read, *found.hits[len(read) :])
    at = replace(found.thresholds, answer=max(found.thresholds.answer, CERTAIN))
    return replace(found, hits=hits, thresholds=at, verdict=verdict_of(hits, at))


def _probability(searched: float, read: float) -> float:
    return 1 / (1 + math.exp(-(SEARCHED * _log_odds(searched) + READ * _log_odds(read) + BIAS)))


def _log_odds(probability: float) -> float:
    held = min(max(probability, LEAST), 1 - LEAST)
    return math.log(held / (1 - held))
