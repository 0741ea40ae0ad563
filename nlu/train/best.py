"""``best``: tune the encoder, fit heads on it, and let held-out examples judge what they claim.

The held-out part is `dev`, or a tenth of the data where none is given. The tuned encoder has seen
the rest, so only the held-out part gives honest temperatures and refusals. Where it does worse than
the frozen model, or nothing shows how it does, the frozen model is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS, ModelCard, ScopeCard
from nlu.data.examples import Example
from nlu.encoder.runtime import Encoder
from nlu.grams import GramHead
from nlu.heads import Arrays, LinearHead
from nlu.scope import signals
from nlu.train.blend import FEWEST_HELD, Blend, fit_blend, side_by_side
from nlu.train.everyday import outside_talk
from nlu.train.features import Read, encode_reads, read_examples, tag_units
from nlu.train.grams import Grams
from nlu.train.linear import Labels
from nlu.train.network import TUNED_FROM, States, TuneRow
from nlu.train.pair import Inputs
from nlu.train.progress import Progress, Step
from nlu.train.scope import Outside, ScopeData, far_rows, fit_scope, neighbour_index, neighbour_rows
from nlu.train.tags import entity_f1
from nlu.train.tune import MOST_TOKENS, run_tuned, tune, write_tuned

HELD_SHARE = 10
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model: what it is, its heads, and the texts of its neighbour index."""

    card: ModelCard
    arrays: Arrays
    near_texts: list[str]
    named: list[Example]
    """Intents' names that were learnt from as examples."""


def hold_out(examples: list[Example], seed: int) -> tuple[list[Example], list[Example]]:
    """(train, held): about a tenth; every intent keeps its first two examples in train."""
    rng = np.random.default_rng(seed)
    seen: dict[str | None, int] = {}
    train: list[Example] = []
    held: list[Example] = []
    for at in rng.permutation(len(examples)).tolist():
        example = examples[at]
        seen[example.intent] = seen.get(example.intent, 0) + 1
        is_held = seen[example.intent] > 2 and rng.random() < 1 / HELD_SHARE
        (held if is_held else train).append(example)
    return train, held


def train_best(
    examples: list[Example],
    dev: Sequence[Example],
    frozen: Trained,
    encoder: Encoder,
    folder: Path,
    *,
    checkpoint: Path,
    threads: int,
    progress: Progress,
    warn: Callable[[str], None],
) -> Trained:
    """The tuned model, whose layers are written into `folder`, or `frozen`.

    Where tuning stands is kept in the file `checkpoint`, for a run that is cut off to go on from.
    """
    train, held = (examples, list(dev)) if dev else hold_out(examples, frozen.card.seed)
    train = [*train, *frozen.named]
    if len(held) < FEWEST_HELD:
        warn(
            f"expected {FEWEST_HELD} held-out examples to judge tuning by, got {len(held)}: frozen"
        )
        return frozen
    tuned = _train_tuned(train, held, frozen.card, encoder, folder, checkpoint, progress, threads)
    card = tuned.card
    known = dict(frozen.card.scores)  # cross-fitted, so honest without held-out examples too
    if dev and "intent_accuracy" in card.scores:
        known["intent_accuracy"] = _frozen_accuracy(encoder, frozen, held)
    both = card.scores.keys() & known.keys()
    if not both or sum(card.scores[n] for n in both) < sum(known[n] for n in both):
        for name in (UPPER_GRAPH, UPPER_WEIGHTS):
            (folder / name).unlink()
        warn("tuning did no good on the held-out examples: the encoder stays as it was")
        return frozen
    sentiment = {k: v for k, v in frozen.arrays.items() if k.startswith("sentiment.")}
    return replace(tuned, arrays=sentiment | tuned.arrays)


def _frozen_accuracy(encoder: Encoder, frozen: Trained, held: list[Example]) -> float:
    """Share of held-out intents, of which there are some, that the frozen head has right."""
    asked = [example for example in held if example.intent in frozen.card.intents]
    reads = read_examples(encoder, asked)
    layer = encoder.card.layers
    pooled = encode_reads(encoder, reads, pool_layers=[layer]).pooled[layer]
    letters = GramHead.of(frozen.arrays, "intent")
    labels = _labels([example.intent for example in asked], frozen.card.intents)
    logits = LinearHead.of(frozen.arrays, "intent").logits(pooled)
    if letters is not None:
        logits = logits + letters.logits([read.plain.text for read in reads])
    return float((logits.argmax(axis=1) == labels).mean())


def _train_tuned(
    train: list[Example],
    held: list[Example],
    frozen: ModelCard,
    encoder: Encoder,
    folder: Path,
    checkpoint: Path,
    progress: Progress,
    threads: int,
) -> Trained:
    """Tune, write the tuned layers into `folder`; `frozen` names the labels. Heads and card."""
    reads = read_examples(encoder, [*train, *held])
    size, top = len(train), encoder.card.layers
    word_layer = max(layer for layer in frozen.tag_layers if layer < top)
    kinds = {(e.entity, e.role, e.group): at for at, e in enumerate(frozen.entity_labels)}
    encoded = encode_reads(
        encoder,
        reads,
        pool_layers=[top],
        state_layers=[TUNED_FROM, word_layer] if kinds else [TUNED_FROM],
        tick=lambda done, total: progress(Step("encode", done, total)),
    )
    states, base = encoded.states[TUNED_FROM], encoded.pooled[top]
    words = encoded.states.get(word_layer, states)
    own = len({e.sentiment for e in train if e.sentiment}) >= 2
    feelings: Names = frozen.sentiments if own else ()
    rows = [
        _tune_row(reads[at], states[at], words[at], frozen.intents, feelings, kinds)
        for at in range(len(reads))
    ]
    network = tune(
        encoder,
        [row for row in rows[:size] if row.told],
        [row for row in rows[size:] if row.told],
        (len(frozen.intents), len(feelings), 2 * len(kinds) + 1),
        seed=frozen.seed,
        checkpoint=checkpoint,
        tick=lambda done, total, loss: progress(Step("tune", done, total, {"loss": loss})),
    )
    write_tuned(network, encoder, states, folder)
    upper, tokens = run_tuned(
        folder,
        encoder,
        states,
        threads,
        lambda at: at >= size and reads[at].example.entities is not None,
    )
    known = Grams.of([read.plain.text for read in reads[:size]])
    grams = Grams(known.table, known.more([read.plain.text for read in reads]))
    inputs = Inputs(side_by_side(upper, base), grams.rows)
    card = replace(
        frozen,
        profile="best",
        tuned_from=TUNED_FROM,
        with_base=True,
        layers=(top,),
        tag_layers=(word_layer,),
        sentiment_on_base=not own,
        scores={},
    )
    arrays: Arrays = {}
    scores: dict[str, float] = {}
    near_texts: list[str] = []
    if frozen.intents:
        labels = _labels([r.example.intent for r in reads], frozen.intents)
        blend = fit_blend(
            network.linear_head(0), upper, base, grams.rows, labels, size, frozen.seed
        )
        outside = _outside(encoder, reads, inputs, grams, folder, frozen.seed, threads)
        scope, near = _scope(blend, inputs, labels, size, outside, card)
        card = replace(card, intent_temperature=blend.temperature, scope=scope)
        arrays |= _head_arrays(blend, grams, "intent") | near
        texts = [
            read.example.text for read in reads[:size] if read.example.intent in frozen.intents
        ]
        near_texts = [texts[at] for at in neighbour_rows(len(texts), frozen.seed)]
        scores |= _score("intent_accuracy", blend.accuracy)
    if own:
        labels = _labels([r.example.sentiment for r in reads], feelings)
        blend = fit_blend(
            network.linear_head(1), upper, base, grams.rows, labels, size, frozen.seed
        )
        card = replace(card, sentiment_temperature=blend.temperature)
        arrays |= _head_arrays(blend, grams, "sentiment")
        scores |= _score("sentiment_accuracy", blend.accuracy)
    tag_head = network.tag_head()
    if tag_head is not None:
        arrays |= tag_head.arrays()
        away = [at for at in range(size, len(reads)) if reads[at].example.entities is not None]
        if away:
            f1 = entity_f1(
                tag_head,
                [tag_units(reads[at], kinds) for at in away],
                [np.concatenate([tokens[at], words[at]], axis=1) for at in away],
            )
            scores |= _score("entity_f1", f1)
    return Trained(replace(card, scores=scores), arrays, near_texts, [])


def _tune_row(
    read: Read,
    states: States,
    words: States,
    intents: Names,
    feelings: Names,
    kinds: dict[tuple[str, str | None, str | None], int],
) -> TuneRow:
    example = read.example
    intent = intents.index(example.intent) if example.intent in intents else -100
    feeling = feelings.index(example.sentiment) if example.sentiment in feelings else -100
    row = TuneRow(states[:MOST_TOKENS], intent, feeling)
    if not kinds or example.entities is None:
        return row
    tagged = tag_units(read, kinds)
    size = int((tagged.plan.tokens < MOST_TOKENS).sum())  # tokens only ever rise
    return replace(row, words=words[:MOST_TOKENS], tagged=tagged.cut(size))


def _labels(given: list[str | None], names: Names) -> Labels:
    return np.array([names.index(n) if n in names else -1 for n in given], dtype=np.int64)


def _score(name: str, value: float | None) -> dict[str, float]:
    """A figure for the card; none where nothing was held out to take it on."""
    return {} if value is None else {name: round(value, 4)}


def _head_arrays(blend: Blend, grams: Grams, name: str) -> Arrays:
    arrays = blend.pair.linear.arrays(name)
    if blend.pair.grams is not None:
        arrays |= blend.pair.grams.head(grams.table, blend.pair.share).arrays(name)
    return arrays


def _outside(
    encoder: Encoder,
    reads: list[Read],
    inputs: Inputs,
    grams: Grams,
    folder: Path,
    seed: int,
    threads: int,
) -> Outside:
    """Out-of-scope messages: the data's own, and talk that is far from every intent."""
    given = [at for at, read in enumerate(reads) if read.example.is_out_of_scope]
    others = read_examples(encoder, outside_talk(seed))
    top = encoder.card.layers
    lower = encode_reads(encoder, others, pool_layers=[top], state_layers=[TUNED_FROM])
    found, _ = run_tuned(folder, encoder, lower.states[TUNED_FROM], threads)
    talk = Inputs(
        side_by_side(found, lower.pooled[top]), grams.more([read.plain.text for read in others])
    )
    asked = (read.example.intent is not None and not read.example.is_out_of_scope for read in reads)
    inside = np.flatnonzero(list(asked))
    far = far_rows(inputs.features[inside, encoder.width :], lower.pooled[top], seed)
    return Outside(inputs.take(np.array(given, dtype=np.int64)) + talk.take(far), len(given))


def _scope(
    blend: Blend, inputs: Inputs, labels: Labels, size: int, outside: Outside, card: ModelCard
) -> tuple[ScopeCard | None, Arrays]:
    rows = np.flatnonzero(labels[:size] >= 0)
    width = inputs.features.shape[1] // 2
    index = neighbour_index(inputs.features[rows], labels[rows], card.seed, width)
    held = size + np.flatnonzero(labels[size:] >= 0)
    if len(held) < FEWEST_HELD or not len(outside.inputs):
        return None, index.arrays()
    asked, warm = inputs.take(held), np.float32(blend.temperature)
    logits, away = blend.pair.logits(asked) / warm, blend.pair.logits(outside.inputs) / warm
    inside, others = len(held), len(outside.inputs)
    strange = signals(away, outside.inputs.features, index)
    found = [signals(logits, asked.features, index), strange]
    data = ScopeData(
        np.concatenate(found),
        np.arange(inside + others) < inside,
        np.concatenate([logits.argmax(axis=1) == labels[held], np.zeros(others, dtype=bool)]),
        np.concatenate([np.ones(inside, dtype=np.float32), outside.weights()]),
    )
    target = card.scope.target_precision if card.scope is not None else 0.95
    return fit_scope(data, target), index.arrays()
