"""Trains a model folder: each head learns from the examples that carry its label.

``fast`` leaves the encoder as it is: its int8 graph encodes every example once, and the heads are
fitted on what comes out, in seconds. ``best`` tunes the encoder's layers too (`nlu.train.best`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from nlu.artifact import (
    EntityLabel,
    ModelCard,
    ScopeCard,
    TablesCard,
    replacing,
    write_model,
    write_near_texts,
    write_words,
)
from nlu.data import DataSet, Example, load_data
from nlu.data.examples import TOLERATED_SHARE, check_trainable, mended
from nlu.encoder.runtime import Encoder
from nlu.heads import Arrays, FloatArray, TagHead
from nlu.text.mend import Words
from nlu.text.normalise import normalise
from nlu.train.best import Trained, train_best
from nlu.train.everyday import graded_feelings, outside_talk
from nlu.train.features import Read, Tagged, encode_reads, read_examples, tag_units
from nlu.train.grams import Grams
from nlu.train.linear import Labels, fit_temperature
from nlu.train.names import TELLING, name_examples
from nlu.train.noised import noised_texts
from nlu.train.pair import Copies, Inputs, cross_fit, fit_pair
from nlu.train.progress import Progress, Step, silent
from nlu.train.scope import (
    Outside,
    collect_scope_data,
    far_rows,
    fit_scope,
    neighbour_index,
    neighbour_rows,
)
from nlu.train.tags import entity_f1, train_tags
from nlu.train.words import known_words

Profile = Literal["fast", "best"]

GRID = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
"""Strengths of regularisation to choose among by cross-fitting."""
TAG_STEPS = 1200
TAG_BATCH = 32
FEWEST_TO_CALIBRATE = 100
LARGE = 6000
"""With more examples than this, cross-fit on three folds."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    profile: Profile = "fast"
    seed: int = 7
    target_precision: float = 0.95
    threads: int = 2
    tolerated_share: float = TOLERATED_SHARE


@dataclass(slots=True)
class _Built:
    """What training has made so far."""

    arrays: Arrays
    scores: dict[str, float]
    near_texts: list[str] = field(default_factory=list)
    named: list[Example] = field(default_factory=list)


def train_model(
    data: DataSet | Path,
    out: Path,
    *,
    encoder_dir: Path,
    dev: DataSet | None = None,
    options: TrainOptions | None = None,
    progress: Progress = silent,
    warn: Callable[[str], None] = lambda words: None,
) -> ModelCard:
    """Train on `data` (a set, or a path for `load_data`) and write the model folder `out`.

    ``fast`` takes its scores from cross-fitting, ``best`` from `dev`; both take the temperature from
    `dev`, without one from held-out parts of `data`. Returns the card.
    Raises `DataError` for data that cannot be trained on, `EncoderFileError`.
    """
    options = options or TrainOptions()
    train = load_data(data) if isinstance(data, Path) else data
    for slip in check_trainable(train, dev, options.tolerated_share):
        warn(str(slip))
    train, dev = mended(train), mended(dev) if dev is not None else None
    encoder = Encoder(encoder_dir, threads=options.threads)
    words = known_words([normalise(one.text).text for one in train.examples])
    with replacing(out) as scratch:
        held = dev.examples if dev is not None else ()
        trained = _fit_frozen(train, held, encoder, words, options, progress)
        if options.profile == "best":
            trained = train_best(
                unique(train.examples),
                held,
                trained,
                encoder,
                scratch,
                checkpoint=checkpoint_of(out),
                threads=options.threads,
                progress=progress,
                warn=warn,
            )
        write_near_texts(scratch, trained.near_texts)
        write_words(scratch, words)
        card = write_model(scratch, trained.card, trained.arrays)
    checkpoint_of(out).unlink(missing_ok=True)
    return card


def checkpoint_of(out: Path) -> Path:
    """Where a run that was cut off left its tuning."""
    return out.with_name(f".{out.name}.tuning")


def _fit_frozen(
    train: DataSet,
    dev: tuple[Example, ...],
    encoder: Encoder,
    words: Words,
    options: TrainOptions,
    progress: Progress,
) -> Trained:
    layers = (encoder.card.layers,)
    tag_layers = tag_layers_of(encoder)
    labels = entity_labels(train.examples)
    reads = read_examples(encoder, unique(train.examples))
    encoded = encode_reads(
        encoder,
        reads,
        pool_layers=layers,
        state_layers=tag_layers if labels else (),
        wants_states=lambda read: read.example.entities is not None,
        tick=lambda done, total: progress(Step("encode", done, total)),
    )
    pooled = np.concatenate([encoded.pooled[layer] for layer in layers], axis=1)
    built = _Built({}, {})
    # On little data several threads cost more in waiting for each other than they save.
    with threadpool_limits(None if len(reads) > LARGE else 1):
        intents, temperature, scope = fit_intents(
            encoder, reads, pooled, dev, words, options, progress, built
        )
        sentiments, sentiment_temperature = fit_sentiment(encoder, reads, pooled, progress, built)
        if labels:
            states = [
                np.concatenate([encoded.states[layer][row] for layer in tag_layers], axis=1)
                for row in range(len(reads))
            ]
            fit_tags(reads, states, labels, options, progress, built)
    card = ModelCard(
        encoder_id=encoder.card.encoder_id,
        encoder_sha256=encoder.card.source_sha256,
        profile="fast",
        seed=options.seed,
        layers=layers,
        tag_layers=tag_layers,
        intents=intents,
        intent_temperature=temperature,
        scope=scope,
        entity_labels=labels,
        sentiments=sentiments,
        sentiment_temperature=sentiment_temperature,
        tables=TablesCard(train.lookups, train.regexes, train.synonyms),
        scores=built.scores,
    )
    return Trained(card, built.arrays, built.near_texts, built.named)


def tag_layers_of(encoder: Encoder) -> tuple[int, ...]:
    """An upper-middle layer knows words best, a lower one how they are written; the last one has
    turned to the sentence."""
    layers = encoder.card.layers
    return tuple(sorted({max(1, round(layers * part / 3)) for part in (1, 2, 3)}))


def unique(examples: tuple[Example, ...]) -> list[Example]:
    """Exact repeats left out: they would sit in train and held-out folds at once."""
    kept: dict[tuple[object, ...], Example] = {}
    for example in examples:
        kept.setdefault(
            (example.text, example.intent, example.sentiment, example.entities), example
        )
    return list(kept.values())


def entity_labels(examples: tuple[Example, ...]) -> tuple[EntityLabel, ...]:
    counts = Counter(
        (span.entity, span.role, span.group) for e in examples for span in e.entities or ()
    )
    return tuple(EntityLabel(*key) for key in sorted(counts, key=str))


def fit_intents(
    encoder: Encoder,
    reads: list[Read],
    pooled: FloatArray,
    dev: tuple[Example, ...],
    words: Words,
    options: TrainOptions,
    progress: Progress,
    built: _Built,
) -> tuple[tuple[str, ...], float, ScopeCard | None]:
    """The intent head, its temperature, and when to refuse."""
    rows = [
        at
        for at, read in enumerate(reads)
        if read.example.intent and not read.example.is_out_of_scope
    ]
    names = tuple(sorted({str(reads[row].example.intent) for row in rows}))
    if not names:
        return (), 1.0, None
    number = {name: at for at, name in enumerate(names)}
    texts = [reads[row].plain.text for row in rows]
    grams = Grams.of(texts)
    inputs = Inputs(pooled[rows], grams.rows)
    labels = np.array([number[str(reads[row].example.intent)] for row in rows], dtype=np.int64)
    progress(Step("intents", 0, 3))
    noised, source = noised_texts(texts, words, options.seed)
    spelt = Inputs(vectors_of(encoder, [Example(text) for text in noised]), grams.more(noised))
    copies = Copies(spelt, source)
    crossed = cross_fit(
        inputs,
        labels,
        len(names),
        grid=GRID,
        count=3 if len(rows) > LARGE else 4,
        seed=options.seed,
        more=copies,
    )
    progress(Step("intents", 1, 3, {"accuracy": crossed.accuracy}))
    recipe = {"l2": crossed.l2, "share": crossed.share}
    learnt, gold = inputs, labels
    if crossed.with_copies:
        learnt, gold = copies.beside(inputs, labels, np.arange(len(labels)))
    head = fit_pair(learnt, gold, len(names), seed=options.seed, **recipe)
    named = name_examples([names[label] for label in labels])
    spoken, classes = vectors_of(encoder, named), np.arange(len(names))
    told = Inputs(spoken, grams.more([example.text for example in named]))
    if len(named) == len(names) and (head.logits(told).argmax(1) == classes).mean() > TELLING:
        built.named = named
        more = np.concatenate([gold, classes])
        head = fit_pair(learnt + told, more, len(names), seed=options.seed, **recipe)
    asked = [example for example in dev if example.intent in number]
    if len(asked) >= FEWEST_TO_CALIBRATE:
        texts = [normalise(example.text).text for example in asked]
        logits = head.logits(Inputs(vectors_of(encoder, asked), grams.more(texts)))
        right = np.array([number[str(example.intent)] for example in asked], dtype=np.int64)
        crossed = replace(crossed, temperature=fit_temperature(logits, right))
    index = neighbour_index(inputs.features, labels, options.seed)
    originals = [reads[row].example.text for row in rows]
    built.near_texts = [originals[at] for at in neighbour_rows(len(originals), options.seed)]
    progress(Step("intents", 2, 3, {"accuracy": crossed.accuracy}))
    outside = outside_inputs(encoder, reads, pooled, inputs.features, grams, options)
    data = collect_scope_data(inputs, labels, len(names), outside, crossed, options.seed)
    scope = fit_scope(data, options.target_precision)
    built.arrays |= head.linear.arrays("intent") | index.arrays()
    if head.grams is not None:
        built.arrays |= head.grams.head(grams.table, head.share).arrays("intent")
    built.scores["intent_accuracy"] = round(crossed.accuracy, 4)
    progress(Step("intents", 3, 3, {"accuracy": crossed.accuracy}))
    return names, crossed.temperature, scope


def vectors_of(encoder: Encoder, examples: list[Example]) -> FloatArray:
    """What the intent head of the untuned encoder reads, (len(examples), width)."""
    layer = encoder.card.layers
    return encode_reads(encoder, read_examples(encoder, examples), pool_layers=[layer]).pooled[
        layer
    ]


def outside_inputs(
    encoder: Encoder,
    reads: list[Read],
    pooled: FloatArray,
    inside: FloatArray,
    grams: Grams,
    options: TrainOptions,
) -> Outside:
    """Out-of-scope messages: given ones, and others that are far from every intent."""
    given = [at for at, read in enumerate(reads) if read.example.is_out_of_scope]
    talk = outside_talk(options.seed)
    found = vectors_of(encoder, talk)
    far = far_rows(inside, found, options.seed)
    texts = [reads[at].plain.text for at in given] + [talk[at].text for at in far]
    features = np.concatenate([pooled[given], found[far]]).astype(np.float32)
    return Outside(Inputs(features, grams.more(texts)), len(given))


def fit_sentiment(
    encoder: Encoder, reads: list[Read], pooled: FloatArray, progress: Progress, built: _Built
) -> tuple[tuple[str, ...], float]:
    """From the data's own labels if it has two or more kinds, else from the set that ships."""
    own = [at for at, read in enumerate(reads) if read.example.sentiment]
    grams: Grams | None = None
    if len({reads[at].example.sentiment for at in own}) >= 2:
        features = pooled[own]
        grams = Grams.of([reads[at].plain.text for at in own])
        classes = [str(reads[at].example.sentiment) for at in own]
    else:
        pairs = graded_feelings()
        features = vectors_of(encoder, [Example(text) for text, _ in pairs])
        classes = [name for _, name in pairs]
    names = tuple(sorted(set(classes)))
    labels = np.array([names.index(name) for name in classes], dtype=np.int64)
    progress(Step("sentiment", 0, 1))
    inputs = Inputs(features, grams.rows if grams else None)
    crossed = cross_fit(inputs, labels, len(names), grid=GRID, count=5, seed=0)
    head = fit_pair(inputs, labels, len(names), l2=crossed.l2, share=crossed.share, seed=0)
    built.arrays |= head.linear.arrays("sentiment")
    if head.grams is not None and grams is not None:
        built.arrays |= head.grams.head(grams.table, head.share).arrays("sentiment")
    built.scores["sentiment_accuracy"] = round(_polarity_accuracy(names, crossed.logits, labels), 4)
    progress(Step("sentiment", 1, 1, {"accuracy": built.scores["sentiment_accuracy"]}))
    return names, fit_temperature(crossed.logits, labels)


def _polarity_accuracy(names: tuple[str, ...], logits: FloatArray, labels: Labels) -> float:
    polarities = [name.partition(":")[0] for name in names]
    best = logits.argmax(axis=1)
    pairs = zip(best, labels, strict=True)
    return float(np.mean([polarities[mine] == polarities[gold] for mine, gold in pairs]))


def fit_tags(
    reads: list[Read],
    states: list[NDArray[np.float16]],
    labels: tuple[EntityLabel, ...],
    options: TrainOptions,
    progress: Progress,
    built: _Built,
) -> None:
    """The tag head; scored on a tenth held out, then fitted on everything."""
    kinds = {(label.entity, label.role, label.group): at for at, label in enumerate(labels)}
    rows = [at for at, read in enumerate(reads) if read.example.entities is not None]
    rows = _thinned(rows, reads, options.seed)
    tagged: list[Tagged] = [tag_units(reads[row], kinds) for row in rows]
    kept = [states[row] for row in rows]
    order = np.random.default_rng(options.seed).permutation(len(rows)).tolist()
    held, rest = order[: len(rows) // 10], order[len(rows) // 10 :]
    # So many passes that every label is seen about as often, however small the set.
    epochs = int(np.clip(TAG_STEPS * TAG_BATCH / max(len(rows), 1), 4, 20))

    def fit(part: list[int], stage: str) -> TagHead:
        return train_tags(
            [tagged[i] for i in part],
            [kept[i] for i in part],
            2 * len(labels) + 1,
            seed=options.seed,
            epochs=epochs,
            tick=lambda done, total, loss: progress(Step(stage, done, total, {"loss": loss})),
        )

    if len(held) >= 5:
        trial = fit(rest, "entities, held-out")
        score = entity_f1(trial, [tagged[i] for i in held], [kept[i] for i in held])
        built.scores["entity_f1"] = round(score, 4)
    built.arrays |= fit(order, "entities").arrays()


def _thinned(rows: list[int], reads: list[Read], seed: int) -> list[int]:
    """All examples with entities, and at most twice as many without: those teach little more."""
    with_any = [row for row in rows if reads[row].spans]
    without = [row for row in rows if not reads[row].spans]
    most = max(2 * len(with_any), 50)
    if len(without) > most:
        picked = np.random.default_rng(seed).permutation(len(without))[:most]
        without = [without[i] for i in sorted(picked.tolist())]
    return sorted([*with_any, *without])
