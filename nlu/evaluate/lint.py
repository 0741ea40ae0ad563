"""Lints a data set: what would confuse a model, or shows that a person mislabelled something."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nlu.data import DataSet, Example
from nlu.text.normalise import normalise

Kind = Literal[
    "conflict", "duplicate", "near_miss", "few", "uneven", "entity_types", "entity_missed"
]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, (len(texts), width)."""

NEAR_COSINE = 0.96
"""Two texts of different intents at least this alike are shown; with e5 vectors unrelated texts
lie near 0.8 and paraphrases above 0.93."""
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
    """Every finding, worst kind first; near misses only with `embed`."""
    labelled = [example for example in data.examples if example.intent]
    findings = [*_same_texts(labelled), *_sizes(labelled), *_entities(data.examples)]
    if embed is not None and len(labelled) > 1:
        findings += _near_misses(labelled, embed)
    order = ("conflict", "entity_types", "near_miss", "duplicate", "entity_missed", "few", "uneven")
    return sorted(findings, key=lambda finding: order.index(finding.kind))


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


def _near_misses(examples: Sequence[Example], embed: Embed) -> Iterator[Finding]:
    vectors = embed([example.text for example in examples])  # (n, width)
    intents = np.array([example.intent for example in examples])
    for at in range(0, len(examples), 1024):  # a block of rows at a time bounds the memory
        block = vectors[at : at + 1024] @ vectors.T  # (<=1024, n)
        block[intents[at : at + 1024, None] == intents[None, :]] = -1
        for row, other in enumerate(block.argmax(axis=1)):
            one, two = examples[at + row], examples[other]
            is_first = at + row < other
            if (
                block[row, other] >= NEAR_COSINE
                and is_first
                and _plain(one.text) != _plain(two.text)
            ):
                yield Finding(
                    "near_miss",
                    f"{one.text!r} ({one.intent}) and {two.text!r} ({two.intent}, {two.file}:{two.line}) "
                    f"are {block[row, other]:.2f} alike",
                    one.file,
                    one.line,
                    "reword one, or move it",
                )
