"""Pictures of how a model judges, as SVG: small in the report, sharp at any size.

`words` are the axes' names in the reader's language (`report_words.yml`, `axis`).
"""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

MOST_CLASSES = 30
"""A larger confusion matrix shows only the classes that are confused most."""
_INK, _RIGHT, _WRONG = "#334155", "#0d9488", "#e11d48"

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
AxisWords = Mapping[str, str]


def confusion_matrix(gold: Sequence[str], predicted: Sequence[str], words: AxisWords) -> str:
    """Rows are the true classes, columns what the model said; each row sums to 1."""
    labels = _most_confused(gold, predicted)
    index = {label: at for at, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)))  # (true, said)
    for true, said in zip(gold, predicted, strict=True):
        if true in index and said in index:
            counts[index[true], index[said]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.5 + 0.26 * len(labels)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xlabel(words["said"])
    axes.set_ylabel(words["true"])
    for row, column in zip(*np.nonzero(counts), strict=True):
        shade = "white" if shares[row, column] > 0.5 else _INK
        number = f"{counts[row, column]:.0f}"
        axes.text(column, row, number, ha="center", va="center", fontsize=6, color=shade)
    return _svg(figure)


def confidence_histogram(confidence: Floats, is_right: Bools, words: AxisWords) -> str:
    """How sure the model was when it was right, and when it was wrong."""
    figure = Figure(figsize=(5.5, 3), layout="constrained")
    axes = figure.subplots()
    bins = np.linspace(0, 1, 21).tolist()
    axes.hist(
        [confidence[is_right], confidence[~is_right]],
        bins=bins,
        stacked=True,
        color=[_RIGHT, _WRONG],
        label=[words["right"], words["wrong"]],
    )
    axes.set_yscale("symlog")
    axes.set_xlabel(words["confidence"])
    axes.set_ylabel(words["messages"])
    axes.legend(frameon=False)
    return _svg(figure)


def coverage_and_precision(confidence: Floats, is_right: Bools, words: AxisWords) -> str:
    """Answer only above a confidence: how many are answered, and how many of those rightly."""
    order = np.argsort(-confidence)
    answered = np.arange(1, len(order) + 1)
    precision = np.cumsum(is_right[order]) / answered
    figure = Figure(figsize=(5.5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(answered / len(order), precision, color=_RIGHT)
    axes.set_xlabel(words["answered"])
    axes.set_ylabel(words["rightly"])
    axes.set_xlim(0, 1)
    axes.grid(alpha=0.25)
    return _svg(figure)


def learning_curve(points: Sequence[tuple[int, float]], words: AxisWords) -> str:
    """Accuracy by number of training examples: whether more examples would help."""
    figure = Figure(figsize=(5.5, 3), layout="constrained")
    axes = figure.subplots()
    axes.plot(*zip(*points, strict=True), marker="o", color=_RIGHT)
    axes.set_xlabel(words["examples"])
    axes.set_ylabel(words["accuracy"])
    axes.grid(alpha=0.25)
    return _svg(figure)


def _most_confused(gold: Sequence[str], predicted: Sequence[str]) -> list[str]:
    labels = sorted({*gold, *predicted})
    if len(labels) <= MOST_CLASSES:
        return labels
    wrong: Counter[str] = Counter()
    for true, said in zip(gold, predicted, strict=True):
        if true != said:
            wrong.update((true, said))
    return sorted(label for label, _ in wrong.most_common(MOST_CLASSES))


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none"}), warnings.catch_warnings():
        # The reader's browser draws the words: matplotlib's own font need not have Chinese.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
