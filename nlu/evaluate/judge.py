"""Judges a trained model on labelled data: one object of figures, and what each example got.

``accuracy`` is the share of in-scope examples whose best intent is right, refused or not; what
refusing costs is told apart (``accuracy_with_refusal``, ``coverage``). Data without intents is
judged by its sentiment labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from nlu.data.examples import DataSet, Example
from nlu.encoder.runtime import Encoder
from nlu.engine.reader import Reader, Reading
from nlu.text.segment import Segmenter
from nlu.types import FALLBACK_INTENT, RuntimeName

CALIBRATION_BINS = 15
CHANCE_DRAWS = 100
Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """All from 0 to 1; None where the data has no such label."""

    accuracy: float | None
    macro_f1: float | None
    oos_recall: float | None
    oos_auroc: float | None
    entity_f1: float | None
    joint_accuracy: float | None
    ece: float | None
    examples: int
    ece_by_chance: float | None = None
    """What so few examples would show of a perfectly calibrated model: `ece` means what is above."""
    accuracy_with_refusal: float | None = None
    coverage: float | None = None
    """Share of in-scope examples that were not refused."""
    oos_precision: float | None = None
    sentiment_accuracy: float | None = None

    def to_json(self) -> dict[str, float | int | None]:
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """An example, and what the model made of it."""

    example: Example
    reading: Reading

    @property
    def best_intent(self) -> str:
        ranking = self.reading.understanding.intent_ranking
        return ranking[0].name if ranking else FALLBACK_INTENT

    @property
    def best_confidence(self) -> float:
        ranking = self.reading.understanding.intent_ranking
        return ranking[0].confidence if ranking else 0.0

    @property
    def gold(self) -> str | None:
        """The label to judge by: the intent, else the sentiment."""
        return self.example.intent or self.example.sentiment

    @property
    def said(self) -> str:
        return self.best_intent if self.example.intent else _feeling(self)

    @property
    def said_confidence(self) -> float:
        """A sentiment has a strength only, which is no probability but near one."""
        feeling = self.reading.understanding.sentiment
        return self.best_confidence if self.example.intent else feeling.strength

    @property
    def is_refused(self) -> bool:
        return self.reading.understanding.intent.name == FALLBACK_INTENT


@dataclass(frozen=True, slots=True)
class Judgement:
    figures: Figures
    judged: tuple[Judged, ...]
    outside: tuple[Judged, ...]


def open_reader(
    model: Path, encoder_dir: Path, threads: int = 2, runtime: RuntimeName = "onnx"
) -> Reader:
    encoder = Encoder(encoder_dir, threads=threads, runtime=runtime)
    return Reader(model, encoder, Segmenter(), threads=threads)


def judge(
    reader: Reader,
    data: DataSet,
    oos: DataSet | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> Judgement:
    """Read every example and compare; every example of `oos` counts as out of scope."""
    outside = [*(e for e in data.examples if e.is_out_of_scope), *(oos.examples if oos else ())]
    inside = [e for e in data.examples if not e.is_out_of_scope]
    readings = reader.read_all([e.text for e in [*inside, *outside]], tick)
    pairs = [Judged(e, r) for e, r in zip([*inside, *outside], readings, strict=True)]
    judged, away = tuple(pairs[: len(inside)]), tuple(pairs[len(inside) :])
    return Judgement(figures_of(judged, away), judged, away)


def figures_of(judged: Sequence[Judged], outside: Sequence[Judged]) -> Figures:
    intents = [one for one in judged if one.example.intent is not None]
    feelings = [one for one in judged if one.example.sentiment is not None]
    entities = [one for one in judged if one.example.entities is not None]
    labelled = [one for one in entities if one.example.entities]
    gold, mine = _labels(intents, feelings)
    right = np.array([g == m for g, m in zip(gold, mine, strict=True)])
    refused = np.array([one.is_refused for one in intents])
    away = np.array([one.is_refused for one in outside])
    kinds = {span.entity for one in entities for span in one.example.entities or ()}
    joint = [one for one in intents if one.example.entities is not None] if labelled else []
    sure = np.array([one.best_confidence for one in intents])
    return Figures(
        accuracy=_mean(right),
        macro_f1=float(f1_score(gold, mine, average="macro", labels=sorted(set(gold))))
        if gold
        else None,
        oos_recall=_mean(away),
        oos_auroc=_auroc(intents, outside),
        entity_f1=_entity_f1(entities, kinds) if labelled else None,
        joint_accuracy=_mean(
            np.array([o.best_intent == o.example.intent and _spans_agree(o, kinds) for o in joint])
        ),
        ece=calibration_error(sure, right) if intents else None,
        examples=len(judged) + len(outside),
        accuracy_with_refusal=_mean(right & ~refused) if intents else None,
        coverage=_mean(~refused) if intents else None,
        oos_precision=float(away.sum() / max(away.sum() + refused.sum(), 1))
        if len(away) and len(refused)
        else None,
        sentiment_accuracy=_mean(
            np.array([_feeling(one) == one.example.sentiment for one in feelings])
        ),
        ece_by_chance=chance_error(sure) if intents else None,
    )


def _feeling(one: Judged) -> str:
    return one.reading.understanding.sentiment.label


def _labels(intents: Sequence[Judged], feelings: Sequence[Judged]) -> tuple[list[str], list[str]]:
    if intents:
        return [str(o.example.intent) for o in intents], [o.best_intent for o in intents]
    return [str(o.example.sentiment) for o in feelings], [_feeling(o) for o in feelings]


def _mean(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float | None:
    return float(flags.mean()) if len(flags) else None


def _auroc(inside: Sequence[Judged], outside: Sequence[Judged]) -> float | None:
    if not inside or not outside:
        return None
    scores = [one.reading.in_scope for one in [*inside, *outside]]
    return float(roc_auc_score([1] * len(inside) + [0] * len(outside), scores))


def _spans(one: Judged, kinds: set[str]) -> tuple[set[Span], set[Span]]:
    """Gold and found, of the types that the data labels."""
    gold = {(span.entity, span.start, span.end) for span in one.example.entities or ()}
    found = {(e.entity, e.start, e.end) for e in one.reading.understanding.entities}
    return gold, {span for span in found if span[0] in kinds}


def _spans_agree(one: Judged, kinds: set[str]) -> bool:
    gold, found = _spans(one, kinds)
    return gold == found


def _entity_f1(entities: Sequence[Judged], kinds: set[str]) -> float:
    pairs = [_spans(one, kinds) for one in entities]
    hits = sum(len(gold & found) for gold, found in pairs)
    return 2 * hits / max(sum(len(gold) + len(found) for gold, found in pairs), 1)


def calibration_error(
    confidence: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> float:
    """Expected calibration error over equal-width bins (Guo et al. 2017)."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(confidence[bins == at].mean() - right[bins == at].mean()) * (bins == at).mean()
        for at in np.unique(bins)
    ]
    return float(np.sum(gaps))


def chance_error(confidence: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """The mean `calibration_error` where each answer is right just as often as it claims."""
    rng = np.random.default_rng(0)
    draws = [rng.random(len(confidence)) < confidence for _ in range(CHANCE_DRAWS)]
    return float(np.mean([calibration_error(confidence, right) for right in draws]))
