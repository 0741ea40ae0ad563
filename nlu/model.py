"""One trained model as it serves: hidden states of a batch in, labels out. No loop, no queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlu.artifact import (
    UPPER_GRAPH,
    UPPER_WEIGHTS,
    ModelCard,
    ModelError,
    read_arrays,
    read_card,
    read_near_texts,
)
from nlu.encoder.folder import MappedWeights
from nlu.encoder.runtime import Batch, Encoder, Runtime, mean_pool
from nlu.grams import GramHead
from nlu.heads import (
    FloatArray,
    LinearHead,
    TagHead,
    UnitPlan,
    marginals,
    softmax,
    tag_spans,
    viterbi,
)
from nlu.scope import NeighbourIndex, in_scope, signals
from nlu.types import FALLBACK_INTENT, IntentScore, Polarity, Sentiment

RANKED = 10
_POLARITIES: dict[str, Polarity] = {
    "negative": "negative",
    "neutral": "neutral",
    "positive": "positive",
}


@dataclass(frozen=True, slots=True)
class Span:
    """An entity over the text that the encoder saw."""

    label: int
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the heads say of one text."""

    intent: IntentScore
    ranking: tuple[IntentScore, ...]
    in_scope: float
    sentiment: Sentiment
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class States:
    """Hidden states of a batch; `base` by layer, `tuned` when the model tunes layers."""

    mask: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
    base: dict[int, FloatArray]
    tuned: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class TextPlan:
    """A text's units: spans in characters, and how they lie over its tokens."""

    spans: list[tuple[int, int]]
    plan: UnitPlan
    text: str
    """In its plain form."""


class Model:
    """Heads, and the tuned layers if there are any, over a shared `Encoder`."""

    def __init__(self, folder: Path, encoder: Encoder, *, threads: int = 1) -> None:
        """Raises `ModelError` when the folder is no model or was trained on another encoder."""
        self.card: ModelCard = read_card(folder)
        if self.card.encoder_sha256 != encoder.card.source_sha256:
            raise ModelError(
                f"{folder}: expected a model of encoder {encoder.card.encoder_id} "
                f"({encoder.card.source_sha256[:12]}), got one of {self.card.encoder_id} "
                f"({self.card.encoder_sha256[:12]}); train it again"
            )
        arrays = read_arrays(folder)
        self._encoder = encoder
        self._intent = LinearHead.of(arrays, "intent") if self.card.intents else None
        self._sentiment = LinearHead.of(arrays, "sentiment") if self.card.sentiments else None
        self._intent_grams = GramHead.of(arrays, "intent")
        self._sentiment_grams = GramHead.of(arrays, "sentiment")
        self._tags = TagHead.of(arrays) if self.card.entity_labels else None
        self._near = NeighbourIndex.of(arrays) if "near.vectors" in arrays else None
        self._near_texts = read_near_texts(folder)
        self._upper: Runtime | None = None
        if self.card.tuned_from is not None:
            weights = MappedWeights(folder / UPPER_WEIGHTS)
            self._upper = encoder.upper(
                folder / UPPER_GRAPH, weights, self.card.tuned_from, threads
            )

    @property
    def base_layers(self) -> list[int]:
        """The layers of the shared encoder that this model reads."""
        wanted = {self._encoder.card.layers}
        if self.card.tuned_from is not None:
            wanted.add(self.card.tuned_from)
        if self.card.tuned_from is None or self.card.with_base:
            wanted.update(self.card.layers, self.card.tag_layers)
        return sorted(wanted)

    def states(self, batch: Batch, base: dict[int, FloatArray]) -> States:
        """Run the tuned layers, if any, over what the shared encoder found."""
        if self._upper is None or self.card.tuned_from is None:
            return States(batch.mask, base)
        layers = [self._encoder.card.layers]
        tuned = self._upper.run(base[self.card.tuned_from], batch.mask, layers)[0]
        return States(batch.mask, base, tuned)

    def pooled(self, states: States) -> FloatArray:
        """The features of the intent head, (batch, features)."""
        read = [] if states.tuned is None else [states.tuned]
        if states.tuned is None or self.card.with_base:
            read += [states.base[layer] for layer in self.card.layers]
        return np.concatenate([mean_pool(one, states.mask) for one in read], axis=1)

    def token_states(self, states: States) -> FloatArray:
        """(batch, tokens, features) for the tag head."""
        read = [] if states.tuned is None else [states.tuned]
        if states.tuned is None or self.card.with_base:
            read += [states.base[layer] for layer in self.card.tag_layers]
        return np.concatenate(read, axis=2)

    def intent_probabilities(self, states: States, texts: Sequence[str]) -> FloatArray:
        """Calibrated, refused or not, (batch, intents); `texts` in their plain form."""
        return softmax(self._intent_logits(self.pooled(states), texts))

    def _intent_logits(self, pooled: FloatArray, texts: Sequence[str]) -> FloatArray:
        if self._intent is None:
            return np.zeros((len(texts), 0), dtype=np.float32)
        logits = self._intent.logits(pooled)
        if self._intent_grams is not None:
            logits = logits + self._intent_grams.logits(texts)
        return logits / np.float32(self.card.intent_temperature)

    def nearest(self, states: States, count: int) -> list[tuple[str, str, float]]:
        """Training examples nearest to the first text: text, intent, cosine."""
        if self._near is None or not self._near_texts:
            return []
        alike = self._near.vectors @ self._near.place(self.pooled(states))[0]
        return [
            (
                self._near_texts[at],
                self.card.intents[int(self._near.classes[at])],
                round(float(alike[at]), 4),
            )
            for at in np.argsort(-alike)[:count].tolist()
        ]

    def judge(self, states: States, plans: Sequence[TextPlan]) -> list[Verdict]:
        """Labels of each row of the batch, in order."""
        pooled = self.pooled(states)
        texts = [plan.text for plan in plans]
        known = np.ones(len(plans), dtype=np.float32)
        logits = self._intent_logits(pooled, texts)
        if self._intent is not None and self.card.scope is not None and self._near is not None:
            known = in_scope(self.card.scope, signals(logits, pooled, self._near))
        feelings = self._feelings(states, pooled, texts)
        for row, plan in enumerate(plans):
            if not plan.spans:  # nothing was said
                known[row] = 0.0
        rankings = self._rankings(logits)
        spans = self._spans(states, plans)
        return [
            Verdict(self._best(ranking, sure), ranking, sure, feeling, found)
            for ranking, sure, feeling, found in zip(
                rankings, known.tolist(), feelings, spans, strict=True
            )
        ]

    def _rankings(self, logits: FloatArray) -> list[tuple[IntentScore, ...]]:
        if not logits.shape[1]:
            return [()] * len(logits)
        probabilities = softmax(logits)
        order = np.argsort(-probabilities, axis=1)[:, :RANKED]
        ranked = np.take_along_axis(probabilities, order, axis=1)
        names = self.card.intents
        return [
            tuple(IntentScore(names[i], round(p, 6)) for i, p in zip(best, row, strict=True))
            for best, row in zip(order.tolist(), ranked.tolist(), strict=True)
        ]

    def _best(self, ranking: tuple[IntentScore, ...], known: float) -> IntentScore:
        if not ranking:
            return IntentScore(FALLBACK_INTENT, 0.0)
        threshold = self.card.scope.threshold if self.card.scope is not None else 0.5
        if known < threshold:
            return IntentScore(FALLBACK_INTENT, round(1 - known, 6))
        return ranking[0]

    def _feelings(
        self, states: States, pooled: FloatArray, texts: Sequence[str]
    ) -> list[Sentiment]:
        if self._sentiment is None:
            return [Sentiment("neutral", 0.0)] * len(texts)
        if self.card.sentiment_on_base:
            pooled = mean_pool(states.base[self._encoder.card.layers], states.mask)
        logits = self._sentiment.logits(pooled)
        if self._sentiment_grams is not None:
            logits = logits + self._sentiment_grams.logits(texts)
        warm = np.float32(self.card.sentiment_temperature)
        return [self._feeling(row) for row in softmax(logits / warm)]

    def _feeling(self, probabilities: FloatArray) -> Sentiment:
        """The label, and as strength how far its probability leads the opposite's."""
        share = {"negative": 0.0, "neutral": 0.0, "positive": 0.0}
        for name, probability in zip(self.card.sentiments, probabilities, strict=True):
            share[name.partition(":")[0]] += float(probability)
        label = max(share, key=lambda name: share[name])
        if label == "neutral":
            return Sentiment("neutral", 0.0)
        strength = share[label]
        graded = [
            (float(name.partition(":")[2]), float(p))
            for name, p in zip(self.card.sentiments, probabilities, strict=True)
            if name.startswith(f"{label}:")
        ]
        if graded:
            strength = sum(grade * p for grade, p in graded) / max(sum(p for _, p in graded), 1e-9)
        return Sentiment(_POLARITIES[label], round(min(strength, 1.0), 4))

    def _spans(self, states: States, plans: Sequence[TextPlan]) -> list[tuple[Span, ...]]:
        if self._tags is None:
            return [()] * len(plans)
        hidden = self.token_states(states)
        emissions = self._tags.emissions(list(hidden), [plan.plan for plan in plans])
        moves = self._tags.moves
        return [_decoded(*one, moves) for one in zip(emissions, plans, strict=True)]


def _decoded(emissions: FloatArray, text_plan: TextPlan, moves: FloatArray) -> tuple[Span, ...]:
    path = viterbi(emissions, moves)
    found = tag_spans(path)
    if not found:
        return ()
    sure = marginals(emissions, moves)[np.arange(len(path)), path]
    return tuple(
        Span(
            kind,
            text_plan.spans[first][0],
            text_plan.spans[last - 1][1],
            round(float(sure[first:last].min()), 4),
        )
        for kind, first, last in found
    )
