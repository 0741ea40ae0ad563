"""Lints a data set: what would confuse a model, or shows that a person mislabelled something."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from nlu.data import DataSet, Example
from nlu.heads import softmax
from nlu.text.normalise import normalise
from nlu.train.linear import Labels
from nlu.train.pair import Inputs, cross_fit

Kind = Literal[
    "conflict",
    "doubtful_label",
    "entity_types",
    "near_miss",
    "duplicate",
    "entity_missed",
    "few",
    "uneven",
]
"""The worst first."""
ORDER: tuple[Kind, ...] = get_args(Kind)
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, (len(texts), width)."""

NEAR_COSINE = 0.96
"""With e5 vectors unrelated texts lie near 0.8 and paraphrases above 0.93."""
LIKELY, UNLIKELY = 0.5, 0.02
"""Where another intent is so likely, and the given one so unlikely, the label may be wrong."""
L2, FOLDS = 3e-3, 5
FEW_EXAMPLES = 8
UNEVEN_RATIO = 20
"""The largest intent may have this many times the examples of the smallest."""


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    words: str
    file: str = ""
    line: int = 0
    suggestion: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}{self.kind}: {self.words}" + (
            f" ({self.suggestion})" if self.suggestion else ""
        )


def lint(data: DataSet, embed: Embed | None = None) -> list[Finding]:
    """Every finding, worst kind first; wrong labels and near misses only with `embed`."""
    labelled = [example for example in data.examples if example.intent]
    findings = [*_same_texts(labelled), *_sizes(labelled), *_entities(data.examples)]
    if embed is not None:
        findings += _doubtful(labelled, embed)
    return sorted(findings, key=lambda finding: ORDER.index(finding.kind))


def _plain(text: str) -> str:
    return normalise(text).text.casefold()


def _same_texts(examples: Sequence[Example]) -> Iterator[Finding]:
    alike: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        alike[_plain(example.text)].append(example)
    for group in alike.values():
        for one, two in pairwise(group):
            if one.intent != two.intent:
                yield Finding(
                    "conflict",
                    f"{two.text!r} is {two.intent} here and {one.intent} at {one.file}:{one.line}",
                    two.file,
                    two.line,
                    "keep one, or join the intents",
                )
            else:
                yield Finding(
                    "duplicate",
                    f"{two.text!r} of {two.intent} stands at {one.file}:{one.line} already",
                    two.file,
                    two.line,
                )


def _sizes(examples: Sequence[Example]) -> Iterator[Finding]:
    counts = Counter(example.intent for example in examples)
    for intent, count in counts.items():
        if count < FEW_EXAMPLES:
            yield Finding("few", f"{intent}: expected {FEW_EXAMPLES} or more examples, got {count}")
    if counts:
        (most, high), (least, low) = counts.most_common(1)[0], counts.most_common()[-1]
        if high > low * UNEVEN_RATIO:
            yield Finding("uneven", f"{most} has {high} examples, {least} has {low}")


def _entities(examples: Sequence[Example]) -> Iterator[Finding]:
    """The same words marked as two types, or marked here and left plain there."""
    marked: dict[str, dict[str, Example]] = defaultdict(dict)
    for example in examples:
        for span in example.entities or ():
            words = _plain(example.text[span.start : span.end])
            marked[words].setdefault(span.entity, example)
    for words, types in marked.items():
        if len(types) > 1:
            places = ", ".join(f"{name} at {e.file}:{e.line}" for name, e in types.items())
            first = next(iter(types.values()))
            yield Finding("entity_types", f"{words!r} is {places}", first.file, first.line)
    telling = {words: next(iter(types)) for words, types in marked.items() if len(words) > 1}
    for example in examples:
        if example.entities is None:
            continue
        text = _plain(example.text)
        covered = {_plain(example.text[s.start : s.end]) for s in example.entities}
        for words, name in telling.items():
            if _stands_in(words, text) and not any(words in one for one in covered):
                yield Finding(
                    "entity_missed",
                    f"{words!r} is a {name} elsewhere, and plain in {example.text!r}",
                    example.file,
                    example.line,
                )


def _stands_in(words: str, text: str) -> bool:
    """Latin words only whole: the pan in company is none."""
    if not words.isascii():
        return words in text
    return re.search(rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])", text) is not None


def _doubtful(examples: Sequence[Example], embed: Embed) -> Iterator[Finding]:
    """Examples that all the others, by a head that has not seen them, would label otherwise."""
    counts = Counter(example.intent for example in examples)
    examples = [one for one in examples if counts[one.intent] >= FEW_EXAMPLES]
    names = sorted({str(one.intent) for one in examples})
    if len(names) < 2:
        return
    vectors = embed([one.text for one in examples])  # (n, width)
    labels: Labels = np.array([names.index(str(one.intent)) for one in examples], dtype=np.int64)
    judged = cross_fit(Inputs(vectors), labels, len(names), grid=(L2,), count=FOLDS, seed=0)
    chances = softmax(judged.logits / np.float32(judged.temperature))  # (n, intents)
    said = chances.argmax(axis=1)
    doubtful = (said != labels) & (chances.max(axis=1) >= LIKELY)
    for row in np.flatnonzero(doubtful).tolist():
        one, likely = examples[row], chances[row, said[row]]
        alike = np.where(labels == said[row], vectors @ vectors[row], -1.0)
        two = examples[int(alike.argmax())]
        place = f"{two.text!r} ({two.intent}, {two.file}:{two.line})"
        if chances[row, labels[row]] < UNLIKELY:
            yield Finding(
                "doubtful_label",
                f"{one.text!r} is {one.intent}, the other examples make it {two.intent} ({likely:.2f}): "
                f"see {place}",
                one.file,
                one.line,
                "move it, or add more like it",
            )
        elif alike.max() >= NEAR_COSINE:
            yield Finding(
                "near_miss",
                f"{one.text!r} ({one.intent}) is taken for {place}, {alike.max():.2f} alike",
                one.file,
                one.line,
                "reword one, move it, or add more like it",
            )
