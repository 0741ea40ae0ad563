"""How well it understands: one row of the table of quality goals, ours beside simpler systems.

    python benchmarks/nlu_quality.py --set banking77 --data FOLDER [--profile best]

FOLDER holds a folder for each public set, with `train.jsonl` and `dev.jsonl`; the figures are taken
on dev. Without `--set` it trains and judges the shop bot, whose data ships. Baselines, trained in the
same run on the same examples: TF-IDF of words and characters with a linear model, and the frozen
encoder with a linear probe; for entities, the longest known entity found in the text.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline, make_union

from app.cli.settings import load_settings
from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS, read_card
from nlu.data import DataSet, Example, load_data
from nlu.encoder.folder import MappedWeights
from nlu.encoder.graph import build_graph, write_graph
from nlu.encoder.runtime import Encoder, OrtRuntime
from nlu.engine.reader import Reader
from nlu.evaluate.judge import Figures, judge
from nlu.text.segment import Segmenter
from nlu.train import TrainOptions, train_model
from nlu.train.features import text_vectors
from nlu.train.progress import Step

DEV_SHARE = 8
"""Where a set has no dev part, one in so many examples is held out."""


@dataclass(frozen=True)
class Row:
    """A set, and the goals for it."""

    folder: str
    goals: dict[str, float]
    train: tuple[str, ...] = ("train",)
    oos: str | None = None


ROWS = {
    "banking77": Row("banking77", {"accuracy": 0.945}),
    "banking77-10": Row("banking77", {"accuracy": 0.88}, ("train_10_shot",)),
    "clinc150": Row(
        "clinc150", {"accuracy": 0.97, "oos_recall": 0.75}, ("train", "train_oos"), "dev_oos"
    ),
    "massive_zh": Row("massive_zh", {"accuracy": 0.88}),
    "smp2019": Row("smp2019", {"accuracy": 0.97, "entity_f1": 0.86, "joint_accuracy": 0.83}),
    "chnsenticorp": Row("chnsenticorp", {"sentiment_accuracy": 0.956}),
    "resume_ner": Row("resume_ner", {"entity_f1": 0.96}),
    "cluener": Row("cluener", {"entity_f1": 0.80}),
    "hint3-curekart": Row("hint3_curekart", {"accuracy": 0.90, "oos_recall": 0.5}, oos="dev_oos"),
    "hint3-powerplay11": Row(
        "hint3_powerplay11", {"accuracy": 0.70, "oos_recall": 0.5}, oos="dev_oos"
    ),
    "hint3-sofmattress": Row(
        "hint3_sofmattress", {"accuracy": 0.82, "oos_recall": 0.5}, oos="dev_oos"
    ),
    "telemarketing_zh": Row("telemarketing_zh", {}),
}
SHOWN = (
    "accuracy",
    "sentiment_accuracy",
    "oos_recall",
    "oos_auroc",
    "entity_f1",
    "joint_accuracy",
    "ece",
    "ece_by_chance",
)


@dataclass(frozen=True)
class Material:
    train: DataSet
    dev: DataSet
    oos: DataSet | None = None
    goals: dict[str, float] = field(default_factory=dict)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--set", choices=ROWS, help="which public set; left out: the shop bot")
    options.add_argument("--data", type=Path, help="folder of the public sets")
    options.add_argument("--profile", choices=("fast", "best"), default="fast")
    asked = options.parse_args()
    if asked.set is None:
        material = Material(
            load_data(Path("bots/shop")), load_data(Path("bots/shop/eval/nlu_dev.jsonl"))
        )
    elif asked.data is None or not (asked.data / ROWS[asked.set].folder).is_dir():
        folder = ROWS[asked.set].folder
        sys.exit(f"expected --data FOLDER with a folder {folder} in it, got {asked.data}")
    else:
        material = from_folder(asked.data, ROWS[asked.set])
    print(
        f"{asked.set or 'shop bot'}: {len(material.train.examples)} examples to train on, ", end=""
    )
    print(f"{len(material.dev.examples)} to judge on, profile {asked.profile}")
    compare(material, asked.profile)


def from_folder(data: Path, row: Row) -> Material:
    root = data / row.folder
    train = load_data(root / f"{row.train[0]}.jsonl")
    for name in row.train[1:]:
        train += load_data(root / f"{name}.jsonl")
    oos = load_data(root / f"{row.oos}.jsonl") if row.oos else None
    if (root / "dev.jsonl").is_file():
        return Material(train, load_data(root / "dev.jsonl"), oos, row.goals)
    order = np.random.default_rng(0).permutation(len(train.examples)).tolist()
    size = len(order) // DEV_SHARE
    held, rest = ([train.examples[at] for at in p] for p in (order[:size], order[size:]))
    return Material(DataSet(tuple(rest)), DataSet(tuple(held)), oos, row.goals)


def compare(material: Material, profile: str) -> None:
    settings = load_settings()
    encoder = Encoder(settings.encoder_folder, threads=settings.inference_threads)
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "model"
        began = time.perf_counter()
        train_model(
            material.train,
            model,
            encoder_dir=settings.encoder_folder,
            dev=material.dev,
            options=TrainOptions(profile="best" if profile == "best" else "fast"),
            progress=tell,
        )
        took = time.perf_counter() - began
        ours = judged(model, encoder, material)
        encoder.runtime = OrtRuntime(fp32_graph(encoder), settings.inference_threads)
        plain = judged(unquantised(model, encoder, Path(scratch)), encoder, material)
    print(f"\ntrained in {took:.0f} s")
    show("ours", ours)
    show("ours, all layers fp32", plain)
    for name in ("accuracy", "entity_f1", "joint_accuracy"):
        whole, served = getattr(plain, name), getattr(ours, name)
        if whole is not None and served is not None:
            print(f"int8 costs {whole - served:+.4f} of {name}")
    baselines(material, settings.encoder_folder, ours)
    for name, goal in material.goals.items():
        print(f"goal {name} {goal:.3f}: {getattr(ours, name) - goal:+.3f}")


def tell(step: Step) -> None:
    if step.done == step.total:
        print(f"  {step.stage}", end="", flush=True)


def judged(model: Path, encoder: Encoder, material: Material) -> Figures:
    reader = Reader(model, encoder, Segmenter())
    return judge(reader, material.dev, material.oos).figures


def unquantised(model: Path, encoder: Encoder, scratch: Path) -> Path:
    """A copy of a model whose tuned layers, if any, are in float."""
    card = read_card(model)
    copy = Path(shutil.copytree(model, scratch / "unquantised"))
    if card.tuned_from is not None:
        weights, layers = MappedWeights(copy / UPPER_WEIGHTS), encoder.card.layers
        graph = build_graph(
            weights,
            encoder.card.shape,
            start=card.tuned_from,
            stop=layers,
            outputs=[layers],
        )
        write_graph(graph, copy / UPPER_GRAPH)
    return copy


def fp32_graph(encoder: Encoder) -> bytes:
    """The shared layers unquantised, to show what int8 costs."""
    layers = encoder.card.layers
    graph = build_graph(
        encoder.weights,
        encoder.card.shape,
        start=0,
        stop=layers,
        outputs=range(layers + 1),
    )
    return bytes(graph.SerializeToString())


def show(name: str, figures: Figures) -> None:
    values = ((key, getattr(figures, key)) for key in SHOWN)
    found = "  ".join(f"{key} {value:.4f}" for key, value in values if value is not None)
    print(f"{name:32} {found}")


def baselines(material: Material, encoder_dir: Path, ours: Figures) -> None:
    inside = [e for e in material.train.examples if label(e) and not e.is_out_of_scope]
    asked = [e for e in material.dev.examples if label(e) and not e.is_out_of_scope]
    if inside:
        away = [e.text for e in material.oos.examples] if material.oos else []
        encoder = Encoder(encoder_dir, threads=2)
        texts = [[e.text for e in part] for part in (inside, asked)]
        words = make_union(
            TfidfVectorizer(ngram_range=(1, 2)),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2),
        )
        tfidf = make_pipeline(words, LogisticRegression(C=20, max_iter=300))
        tfidf.fit(texts[0], [label(e) for e in inside])
        report("TF-IDF + linear", tfidf, [texts[1], away], asked, ours)
        probe = LogisticRegression(C=10, max_iter=300)
        vectors = [text_vectors(encoder, part) * 10 for part in (*texts, away)]
        probe.fit(vectors[0], [label(e) for e in inside])
        report("frozen encoder + linear probe", probe, vectors[1:], asked, ours)
    if ours.entity_f1 is not None:
        theirs = known_entities(material)
        print(
            f"{'longest known entity':32} entity_f1 {theirs:.4f}  ours {ours.entity_f1 - theirs:+.4f}"
        )


def label(example: Example) -> str | None:
    return example.intent or example.sentiment


def report(
    name: str, model: LogisticRegression, parts: list, asked: Sequence[Example], ours: Figures
) -> None:
    sure = model.predict_proba(parts[0])
    right = float(np.mean(model.classes_[sure.argmax(axis=1)] == [label(e) for e in asked]))
    mine = ours.accuracy or 0.0
    print(f"{name:32} accuracy {right:.4f}  ours {mine - right:+.4f}", end="")
    if len(parts[1]):
        best = np.concatenate([sure.max(axis=1), model.predict_proba(parts[1]).max(axis=1)])
        known = [1] * len(asked) + [0] * len(parts[1])
        print(f"  oos_auroc {roc_auc_score(known, best):.4f}", end="")
    print()


def known_entities(material: Material) -> float:
    """Entity F1 of finding, from the left, the longest entity of the training data."""
    known: dict[str, Counter[str]] = {}
    for example in material.train.examples:
        for span in example.entities or ():
            known.setdefault(example.text[span.start : span.end], Counter())[span.entity] += 1
    longest = max(map(len, known), default=0)
    hits = found = gold = 0
    for example in material.dev.examples:
        if example.entities is None:
            continue
        mine, at = set(), 0
        while at < len(example.text):
            ends = range(min(len(example.text), at + longest), at, -1)
            end = next((e for e in ends if example.text[at:e] in known), None)
            if end is None:
                at += 1
                continue
            mine.add((known[example.text[at:end]].most_common(1)[0][0], at, end))
            at = end
        theirs = {(span.entity, span.start, span.end) for span in example.entities}
        hits, found, gold = hits + len(mine & theirs), found + len(mine), gold + len(theirs)
    return 2 * hits / max(found + gold, 1)


if __name__ == "__main__":
    main()
