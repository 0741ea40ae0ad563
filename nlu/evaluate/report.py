"""One HTML page on how a model judges: figures, pictures, classes, mistakes; opens anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from ruamel.yaml import YAML

from nlu.data import DataSet, Example
from nlu.encoder.runtime import Encoder
from nlu.evaluate.judge import Judged, Judgement
from nlu.evaluate.pictures import (
    confidence_histogram,
    confusion_matrix,
    coverage_and_precision,
    learning_curve,
)
from nlu.train.features import text_vectors
from nlu.train.linear import fit_linear
from nlu.types import Language

MOST_MISTAKES = 200
SHARES = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Of the training examples, for the learning curve."""
CURVE_L2 = 3e-5


@dataclass(frozen=True, slots=True)
class ClassRow:
    name: str
    count: int
    precision: float
    recall: float
    f1: float
    confused: str


@dataclass(frozen=True, slots=True)
class Mistake:
    text: str
    expected: str
    got: str
    confidence: float
    place: str


def html_report(
    judgement: Judgement,
    model: str,
    language: Language = "en",
    curve: Sequence[tuple[int, float]] = (),
) -> str:
    """The page as text; `curve` are points for `learning_curve`."""
    words: dict[str, Any] = YAML(typ="safe").load(_file("words"))[language]
    axis = words["axis"]
    asked = [one for one in judgement.judged if one.gold is not None]
    gold, said = [str(one.gold) for one in asked], [one.said for one in asked]
    right = np.array([g == s for g, s in zip(gold, said, strict=True)], dtype=bool)
    sure = np.array([one.said_confidence for one in asked], dtype=float)
    pictures: list[tuple[str, str]] = []
    if asked:
        pictures = [
            ("confidence", confidence_histogram(sure, right, axis)),
            ("coverage", coverage_and_precision(sure, right, axis)),
        ]
    if len(curve) > 1:
        pictures.append(("learning", learning_curve(curve, axis)))
    if asked:
        pictures.append(("confusion", confusion_matrix(gold, said, axis)))
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(_file("html.jinja"))
    return page.render(
        lang=language,
        w=words,
        model=model,
        figures=judgement.figures.to_json(),
        pictures=pictures,
        classes=class_rows(gold, said),
        mistakes=mistakes(asked),
    )


def _file(name: str) -> str:
    names = {"html.jinja": "report.html.jinja", "words": "report_words.yml"}
    return (files("nlu.evaluate") / names[name]).read_text(encoding="utf-8")


def class_rows(gold: Sequence[str], said: Sequence[str]) -> list[ClassRow]:
    """Weakest first."""
    true, found, hits = Counter(gold), Counter(said), Counter[str]()
    taken: dict[str, Counter[str]] = {name: Counter() for name in true}
    for one, other in zip(gold, said, strict=True):
        if one == other:
            hits[one] += 1
        else:
            taken[one][other] += 1
    rows = []
    for name, count in true.items():
        confused = ", ".join(f"{other} {n}" for other, n in taken[name].most_common(2))
        f1 = 2 * hits[name] / (count + found[name])
        precision = hits[name] / max(found[name], 1)
        rows.append(ClassRow(name, count, precision, hits[name] / count, f1, confused))
    return sorted(rows, key=lambda row: (row.f1, row.name))


def mistakes(asked: Sequence[Judged]) -> list[Mistake]:
    wrong = [one for one in asked if one.gold != one.said]
    wrong.sort(key=lambda one: -one.said_confidence)
    return [
        Mistake(
            one.example.text,
            str(one.gold),
            one.said,
            one.said_confidence,
            f"{one.example.file.rpartition('/')[2]}:{one.example.line}",
        )
        for one in wrong[:MOST_MISTAKES]
    ]


def curve_points(
    train: DataSet, judged: Sequence[Example], encoder: Encoder, seed: int
) -> list[tuple[int, float]]:
    """Accuracy of a frozen probe by number of training examples."""
    known = [e for e in train.examples if e.intent and not e.is_out_of_scope]
    names = sorted({str(e.intent) for e in known})
    asked = [e for e in judged if e.intent in names]
    if len(names) < 2 or not asked:
        return []
    features = text_vectors(encoder, [e.text for e in known])
    held = text_vectors(encoder, [e.text for e in asked])
    labels = np.array([names.index(str(e.intent)) for e in known], dtype=np.int64)
    gold = np.array([names.index(str(e.intent)) for e in asked])
    order = np.random.default_rng(seed).permutation(len(known))
    points = []
    for share in SHARES:
        rows = order[: max(len(names), round(share * len(known)))]
        head = fit_linear(features[rows], labels[rows], len(names), l2=CURVE_L2)
        right = head.logits(held).argmax(axis=1) == gold
        points.append((len(rows), float(right.mean())))
    return points
