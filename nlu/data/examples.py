"""What an example is, and what makes a set of them fit to train on."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

OOS_LABELS = frozenset({"oos", "nlu_fallback"})
"""Examples of these are out of scope: they teach refusing, not an intent."""
SENTIMENTS = ("negative", "neutral", "positive")
_OTHER_NAMES = {
    "negative": ("neg", "消极", "负面", "负向", "差评", "不满意"),
    "neutral": ("neu", "中性", "中立", "中评", "一般"),
    "positive": ("pos", "积极", "正面", "正向", "好评", "满意"),
}
_SENTIMENT_OF = {name: one for one, names in _OTHER_NAMES.items() for name in (one, *names)}
FEWEST_A_CLASS = 2
MUCH = 200
TOLERATED_SHARE = 0.02
"""Collected data is never quite clean: slips in up to so many of the examples are mended and told,
more are refused. Of a set that a person wrote (fewer than fifty), every slip is refused."""


@dataclass(frozen=True, slots=True)
class EntitySpan:
    """Characters `start` to `end` (exclusive) of an example's text."""

    entity: str
    start: int
    end: int
    role: str | None = None
    group: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A text and whichever labels it has; None means unlabelled, not empty."""

    text: str
    intent: str | None = None
    sentiment: str | None = None
    strength: float | None = None
    entities: tuple[EntitySpan, ...] | None = None
    file: str = ""
    line: int = 0

    @property
    def is_out_of_scope(self) -> bool:
        return self.intent in OOS_LABELS


def sentiment_named(name: str) -> str:
    """One of `SENTIMENTS` by another of its names (pos, NEG, 差评), or what came."""
    return _SENTIMENT_OF.get(name.strip().casefold(), name)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the data; its words end with what was expected and what came."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.words}" if place else self.words


class DataError(ValueError):
    """Data that cannot be trained on: every problem found, at once."""

    def __init__(self, problems: Sequence[Problem], rest: DataSet | None = None) -> None:
        """`rest` is what could be read all the same."""
        self.problems = tuple(problems)
        self.rest = rest
        shown = [str(problem) for problem in self.problems[:50]]
        if len(self.problems) > len(shown):
            shown.append(f"... and {len(self.problems) - len(shown)} more")
        super().__init__("\n".join(shown))


@dataclass(frozen=True, slots=True)
class DataSet:
    examples: tuple[Example, ...] = ()
    lookups: dict[str, list[str]] = field(default_factory=dict)
    regexes: dict[str, list[str]] = field(default_factory=dict)
    synonyms: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: DataSet) -> DataSet:
        return DataSet(
            self.examples + other.examples,
            _joined(self.lookups, other.lookups),
            _joined(self.regexes, other.regexes),
            self.synonyms | other.synonyms,
        )

    @property
    def intents(self) -> list[str]:
        return sorted({e.intent for e in self.examples if e.intent and not e.is_out_of_scope})


def _joined(one: dict[str, list[str]], two: dict[str, list[str]]) -> dict[str, list[str]]:
    names = dict.fromkeys([*one, *two])
    return {name: [*one.get(name, []), *two.get(name, [])] for name in names}


def check_trainable(
    train: DataSet, dev: DataSet | None = None, tolerated_share: float = TOLERATED_SHARE
) -> tuple[Problem, ...]:
    """The few slips that training lives with; raises `DataError` with everything that is wrong.

    Slips are overlapping entities (see `mended`), intents of one example, and labels of dev that
    train lacks; up to `tolerated_share` of the examples may have some. In much data a quarter of
    the intents may have one example: of a real bot's rare wishes there are often no more.
    """
    problems = list(_of_examples(train.examples))
    overlaps, rare = [*_of_overlaps(train.examples)], [*_of_classes(train.examples)]
    slips = [*overlaps, *rare]
    most = tolerated_share * len(train.examples)
    most_rare = max(most, len(train.intents) / 4 if len(train.examples) >= MUCH else 0)
    too_many = _places(overlaps) > most or len(rare) > most_rare
    if not train.examples:
        problems.append(Problem("", 0, "expected at least one example, got none"))
    elif not any(map(_has_label, train.examples)):
        problems.append(Problem(train.examples[0].file, 0, f"expected {_LABELS}, got texts alone"))
    intents = train.intents
    if len(intents) == 1:
        problems.append(Problem("", 0, f"expected two or more intents, got only {intents[0]!r}"))
    if dev is not None:
        problems += _of_examples(dev.examples)
        of_dev = [*_of_overlaps(dev.examples), *_of_dev(train, dev)]
        too_many = too_many or _places(of_dev) > tolerated_share * len(dev.examples)
        slips += of_dev
    if problems or too_many:
        raise DataError([*problems, *slips])
    return tuple(slips)


_LABELS = "an `intent`, a `sentiment` or `entities` beside some `text`"


def _has_label(example: Example) -> bool:
    return not (example.intent is None and example.sentiment is None and example.entities is None)


def _places(slips: Iterable[Problem]) -> int:
    """In how many examples they are: one bad example may be told several times."""
    return len({(slip.file, slip.line) for slip in slips})


def mended(data: DataSet) -> DataSet:
    """Of entities that overlap, the longest is kept."""
    return replace(data, examples=tuple(_side_by_side(example) for example in data.examples))


def _side_by_side(example: Example) -> Example:
    kept: list[EntitySpan] = []
    for span in sorted(
        example.entities or (), key=lambda span: (span.start - span.end, span.start)
    ):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    if len(kept) == len(example.entities or ()):
        return example
    return replace(example, entities=tuple(sorted(kept, key=lambda span: span.start)))


def _of_examples(examples: Iterable[Example]) -> Iterable[Problem]:
    for example in examples:
        at = (example.file, example.line)
        if not example.text.strip():
            yield Problem(*at, "expected a text, got an empty one")
        if example.sentiment is not None and example.sentiment not in SENTIMENTS:
            yield Problem(
                *at, f"expected a sentiment of {', '.join(SENTIMENTS)}, got {example.sentiment!r}"
            )
        yield from _of_spans(example)


def _of_spans(example: Example) -> Iterable[Problem]:
    at = (example.file, example.line)
    length = len(example.text)
    for span in example.entities or ():
        if not 0 <= span.start < span.end <= length:
            yield Problem(
                *at,
                f"entity {span.entity}: expected 0 <= start < end <= {length}, "
                f"got {span.start} to {span.end}",
            )


def _of_overlaps(examples: Iterable[Example]) -> Iterable[Problem]:
    for example in examples:
        ordered = sorted(example.entities or (), key=lambda span: (span.start, span.end))
        for one, two in itertools.pairwise(ordered):
            if two.start < one.end:
                yield Problem(
                    example.file,
                    example.line,
                    f"expected entities side by side, got {one.entity} {one.start}-{one.end} "
                    f"over {two.entity} {two.start}-{two.end}",
                )


def _of_classes(examples: Sequence[Example]) -> Iterable[Problem]:
    counts = Counter(e.intent for e in examples if e.intent and not e.is_out_of_scope)
    first: dict[str, Example] = {}
    for example in examples:
        if example.intent:
            first.setdefault(example.intent, example)
    for intent, count in counts.items():
        if count < FEWEST_A_CLASS:
            example = first[intent]
            yield Problem(
                example.file,
                example.line,
                f"intent {intent}: expected {FEWEST_A_CLASS} or more examples, got {count}",
            )


def _of_dev(train: DataSet, dev: DataSet) -> Iterable[Problem]:
    known = defaultdict(set)
    for example in train.examples:
        known["intent"].add(example.intent)
        known["entity"].update(span.entity for span in example.entities or ())
    for example in dev.examples:
        at = (example.file, example.line)
        if example.intent and not example.is_out_of_scope and example.intent not in known["intent"]:
            yield Problem(*at, f"expected an intent that train has, got {example.intent!r}")
        for span in example.entities or ():
            if span.entity not in known["entity"]:
                yield Problem(*at, f"expected an entity type that train has, got {span.entity!r}")
