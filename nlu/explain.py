"""Why a text was understood as it was: each word's share, the nearest examples, the thresholds.

A word's share is its Shapley value: how much the intent's probability rises when the word joins the
others, averaged over the orders in which they could have come. The shares of an intent add up to
its probability with all words less that with none, which gradients promise only for a smooth
model; here the very int8 graph that serves is asked. Source: Štrumbelj and Kononenko 2014.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise, permutations

from nlu.engine.reader import ENTITY_CONFIDENCE, Reader, Reading, Stopwatch
from nlu.heads import FloatArray
from nlu.text.segment import Segmenter
from nlu.types import Explanation, NearExample, WordShare

MOST_WORDS = 20
"""Of a longer text, neighbouring words are weighed together."""
EXACT_WORDS = 6
"""So few words are weighed in every order."""
ORDERS = 8
"""Each is walked forwards and backwards."""
NEAREST = 5

Words = tuple[tuple[int, int], ...]


def explain(reader: Reader, text: str) -> Explanation:
    """Blocking: some hundred readings of the text's parts in batches."""
    with Stopwatch() as watch:
        reading = reader.read_all([text])[0]
        intents = tuple(one.name for one in reading.understanding.intent_ranking[:2])
        words = _words(reader.segmenter, text)
        shares, empty = _shares(reader, text, words, reading, intents)
    scope = reader.model.card.scope
    return Explanation(
        understanding=reading.understanding,
        intents=intents,
        without_words=empty,
        words=tuple(
            WordShare(text[start:end], start, end, {i: round(shares[i][at], 4) for i in intents})
            for at, (start, end) in enumerate(words)
        ),
        nearest=tuple(NearExample(*one) for one in reader.nearest(text, NEAREST)),
        in_scope=round(reading.in_scope, 4),
        scope_threshold=round(scope.threshold, 4) if scope else None,
        scope_precision=scope.target_precision if scope else None,
        entity_threshold=ENTITY_CONFIDENCE,
        explain_ms=round(watch.ms, 1),
    )


def _words(segmenter: Segmenter, text: str) -> Words:
    """jieba's words, neighbours joined where there are more than `MOST_WORDS`."""
    spans = [(token.start, token.end) for token in segmenter.segment(text)]
    together = max(1, math.ceil(len(spans) / MOST_WORDS))
    parts = (spans[at : at + together] for at in range(0, len(spans), together))
    return tuple((part[0][0], part[-1][1]) for part in parts)


def _shares(
    reader: Reader, text: str, words: Words, whole: Reading, intents: Sequence[str]
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Shapley values of `words`, and the worth of no words, by intent."""
    if not intents or not words:
        return {intent: [0.0] * len(words) for intent in intents}, {}
    chains = [list(pairwise(_growing(order))) for order in _orders(len(words))]
    sets = sorted({part for chain in chains for step in chain for part in step}, key=sorted)
    texts = [_only(text, words, part) for part in sets]
    worth = dict(zip(sets, reader.probabilities(texts, intents), strict=True))
    shares = {intent: [0.0] * len(words) for intent in intents}
    for chain in chains:
        for before, after in chain:
            (word,) = after - before
            for at, intent in enumerate(intents):
                gained = float(worth[after][at] - worth[before][at])
                shares[intent][word] += gained / len(chains)
    nothing: FloatArray = worth[frozenset()]
    return shares, {i: round(float(nothing[at]), 4) for at, i in enumerate(intents)}


def _orders(count: int) -> list[list[int]]:
    if count <= EXACT_WORDS:
        return [list(order) for order in permutations(range(count))]
    rng = random.Random(0)  # the same text is explained the same way
    orders = []
    for _ in range(ORDERS):
        order = rng.sample(range(count), count)
        orders += [order, order[::-1]]
    return orders


def _growing(order: Sequence[int]) -> list[frozenset[int]]:
    return [frozenset(order[:size]) for size in range(len(order) + 1)]


def _only(text: str, words: Words, kept: frozenset[int]) -> str:
    """The text with only some of its words; what stands between words stays."""
    out, at = "", 0
    for number, (start, end) in enumerate(words):
        out += text[at:start] + (text[start:end] if number in kept else "")
        at = end
    return out + text[at:]
