"""One model's reading of a text: what happens before the encoder, and after the heads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nlu.artifact import read_words
from nlu.encoder.runtime import Encoder, mean_pool, unit
from nlu.encoder.tokenizer import Encoding
from nlu.engine.judged import LatelyJudged
from nlu.extract.tables import Extractor, LookupExtractor, RegexExtractor, Synonyms, merge
from nlu.extract.values import ValueExtractor, Values
from nlu.heads import FloatArray, UnitPlan, plan_units
from nlu.model import Model, States, TextPlan, Verdict
from nlu.text.language import detect_language, has_han
from nlu.text.mend import Mender
from nlu.text.normalise import Normalised, normalise
from nlu.text.segment import Segmenter
from nlu.text.units import units
from nlu.types import Entity, Language, Understanding, Vector

READ_CHARACTERS = 4000
"""More than the encoder's 512 pieces ever hold; the rest of a longer text is not read."""
READ_TOGETHER = 32
ENTITY_CONFIDENCE = 0.5
"""Below it the encoder's entity is more often wrong than right."""


class Stopwatch:
    """``with Stopwatch() as watch: ...`` leaves the milliseconds in ``watch.ms``."""

    def __init__(self) -> None:
        self.ms = 0.0

    def __enter__(self) -> Stopwatch:
        self._from = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.ms = (time.perf_counter() - self._from) * 1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text on its way to the encoder."""

    text: str
    plain: Normalised
    mended: Normalised
    """What the heads read: the plain text without slips; its places are those of the plain text."""
    encoding: Encoding
    units: list[tuple[int, int]]
    plan: UnitPlan
    normalise_ms: float


@dataclass(frozen=True, slots=True)
class Reading:
    """An understanding, and how surely the message is about anything the model knows."""

    understanding: Understanding
    in_scope: float


class Reader:
    """A model with its bot's extractors and words."""

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        segmenter: Segmenter,
        *,
        threads: int = 1,
        remembered: int = 0,
    ) -> None:
        self.lately = LatelyJudged(remembered)
        self.model = Model(folder, encoder, threads=threads)
        self.segmenter = segmenter
        self._encoder = encoder
        tables = self.model.card.tables
        self._values = Values()
        declared = {label.entity for label in self.model.card.entity_labels}
        self._extractors: list[Extractor] = [
            RegexExtractor(tables.regexes),
            LookupExtractor(tables.lookups),
            ValueExtractor(sorted(declared | set(tables.regexes)), self._values),
        ]
        self._synonyms = Synonyms(tables.synonyms)
        self._mender = Mender(read_words(folder))

    @staticmethod
    def encode(encoder: Encoder, texts: Sequence[str], *, passages: bool = False) -> list[Encoding]:
        """Texts as the encoder sees them, for vectors."""
        plain = [normalise(text[:READ_CHARACTERS]).text for text in texts]
        return encoder.tokenizer.encode(plain, passages=passages)

    def prepare(self, text: str) -> Prepared:
        with Stopwatch() as watch:
            plain = normalise(text[:READ_CHARACTERS])
            mended = self._mender.mend(plain)
            encoding = self._encoder.tokenizer.encode([mended.text])[0]
            spans = units(mended.text)
            plan = plan_units(mended.text, spans, encoding.spans)
        return Prepared(text, plain, mended, encoding, spans, plan, watch.ms)

    def understanding(
        self, item: Prepared, verdict: Verdict, vector: Vector, timings: Mapping[str, float]
    ) -> Understanding:
        with Stopwatch() as segmenting:
            tokens = self.segmenter.segment(item.plain)
            keywords = self.segmenter.keywords(tokens)
        with Stopwatch() as extracting:
            language = detect_language(item.plain.text)
            entities = self._entities(item, verdict, language)
        total = dict(timings) | {
            "segment": segmenting.ms,
            "decode": timings["decode"] + extracting.ms,
        }
        return Understanding(
            text=item.text,
            language=language,
            intent=verdict.intent,
            intent_ranking=verdict.ranking,
            entities=entities,
            sentiment=verdict.sentiment,
            tokens=tokens,
            keywords=keywords,
            vector=vector,
            timings_ms={stage: round(ms, 3) for stage, ms in total.items()},
            model_id=self.model.card.model_id,
            read_as=_in_characters(item),
        )

    def read_all(
        self, texts: Sequence[str], tick: Callable[[int, int], None] = lambda done, total: None
    ) -> list[Reading]:
        """Read many texts at once, in order, without an engine: for evaluation."""
        prepared = [self.prepare(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda row: len(prepared[row].encoding))
        readings: dict[int, Reading] = {}
        for at in range(0, len(order), READ_TOGETHER):
            rows = order[at : at + READ_TOGETHER]
            items = [prepared[row] for row in rows]
            for row, reading in zip(rows, self._read_batch(items), strict=True):
                readings[row] = reading
            tick(len(readings), len(texts))
        return [readings[row] for row in range(len(texts))]

    def probabilities(self, texts: Sequence[str], intents: Sequence[str]) -> FloatArray:
        """How probable each of `intents` is of each text, refused or not, (texts, intents)."""
        columns = [self.model.card.intents.index(intent) for intent in intents]
        found = [
            self.model.intent_probabilities(states, plain)
            for states, plain in self._states_of(texts)
        ]
        return np.concatenate(found)[:, columns]

    def nearest(self, text: str, count: int) -> list[tuple[str, str, float]]:
        """The most similar training examples: text, intent, cosine. None where none are kept."""
        ((states, _),) = self._states_of([text])
        return self.model.nearest(states, count)

    def _states_of(self, texts: Sequence[str]) -> Iterator[tuple[States, list[str]]]:
        """States of a batch, and its texts in their plain form, mended."""
        for at in range(0, len(texts), READ_TOGETHER):
            some = texts[at : at + READ_TOGETHER]
            plain = [self._mender.mend(normalise(text[:READ_CHARACTERS])).text for text in some]
            batch = self._encoder.pad(self._encoder.tokenizer.encode(plain))
            layers = self.model.base_layers
            base = dict(zip(layers, self._encoder.hidden(batch, layers), strict=True))
            yield self.model.states(batch, base), plain

    def _read_batch(self, items: Sequence[Prepared]) -> list[Reading]:
        batch = self._encoder.pad([item.encoding for item in items])
        layers = self.model.base_layers
        base = dict(zip(layers, self._encoder.hidden(batch, layers), strict=True))
        vectors = unit(mean_pool(base[self._encoder.card.layers], batch.mask))
        plans = [TextPlan(item.units, item.plan, item.mended.text) for item in items]
        verdicts = self.model.judge(self.model.states(batch, base), plans)
        return [
            Reading(self.understanding(item, verdict, vector, {"decode": 0.0}), verdict.in_scope)
            for item, verdict, vector in zip(items, verdicts, vectors, strict=True)
        ]

    def _entities(self, item: Prepared, verdict: Verdict, language: Language) -> tuple[Entity, ...]:
        """Rules and heads over the plain text, merged, then moved to the original's offsets."""
        plain = item.plain.text
        found = [entity for ex in self._extractors for entity in ex.extract(plain, language)]
        labels = self.model.card.entity_labels
        for span in verdict.spans:
            start, end = item.mended.original_span(span.start, span.end)
            label, text = labels[span.label], plain[start:end]
            found.append(
                Entity(
                    label.entity,
                    start,
                    end,
                    text,
                    text,
                    span.confidence,
                    "encoder",
                    label.role,
                    label.group,
                )
            )
        merged = merge(found, ENTITY_CONFIDENCE)
        valued = (self._values.apply(entity, language) for entity in merged)
        return tuple(self._synonyms.apply(_to_original(entity, item.plain)) for entity in valued)


def _in_characters(item: Prepared) -> str | None:
    """The text as it was read, where mending brought Chinese in and there was none."""
    text = item.mended.text
    return text if has_han(text) and not has_han(item.plain.text) else None


def _to_original(entity: Entity, plain: Normalised) -> Entity:
    start, end = plain.original_span(entity.start, entity.end)
    return replace(entity, start=start, end=end, text=plain.original[start:end])
