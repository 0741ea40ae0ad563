"""Cross-validation: every example is judged by a model that was not trained on it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from nlu.data.examples import DataSet
from nlu.encoder.runtime import Encoder
from nlu.engine.reader import Reader
from nlu.evaluate.judge import Figures, judge
from nlu.text.segment import Segmenter
from nlu.train.linear import folds as split
from nlu.train.progress import Progress, Step, silent
from nlu.train.trainer import TrainOptions, train_model


def cross_validate(
    data: DataSet,
    encoder_dir: Path,
    *,
    folds: int,
    options: TrainOptions,
    progress: Progress = silent,
) -> list[Figures]:
    """Figures of each fold; folds are stratified by intent. Raises `DataError`."""
    names = sorted({example.intent or "" for example in data.examples})
    labels = np.array([names.index(example.intent or "") for example in data.examples])
    encoder = Encoder(encoder_dir, threads=options.threads)
    segmenter = Segmenter()
    found: list[Figures] = []
    for number, (rows, held) in enumerate(split(labels, folds, options.seed), start=1):

        def told(step: Step, number: int = number) -> None:
            progress(Step(f"{number}/{folds} {step.stage}", step.done, step.total, step.figures))

        with tempfile.TemporaryDirectory() as scratch:
            model = Path(scratch) / "model"
            part = _part(data, rows.tolist())
            train_model(part, model, encoder_dir=encoder_dir, options=options, progress=told)
            reader = Reader(model, encoder, segmenter, threads=options.threads)
            found.append(judge(reader, _part(data, held.tolist())).figures)
    return found


def _part(data: DataSet, rows: list[int]) -> DataSet:
    examples = tuple(data.examples[row] for row in rows)
    return DataSet(examples, data.lookups, data.regexes, data.synonyms)
