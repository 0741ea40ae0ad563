"""What the frozen encoder makes of each example, computed once and kept.

Features come out of the very int8 graph that serves, so nothing is lost between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.data.examples import EntitySpan, Example
from nlu.encoder.runtime import Encoder, mean_pool, unit
from nlu.encoder.tokenizer import Encoding
from nlu.heads import FloatArray, UnitPlan, plan_units
from nlu.text.normalise import Normalised, normalise
from nlu.text.units import units

BATCH_TOKENS = 1024
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Read:
    """An example as the encoder reads it; `spans` are its entities over the plain text."""

    example: Example
    plain: Normalised
    encoding: Encoding
    spans: tuple[EntitySpan, ...]


def read_examples(encoder: Encoder, examples: Sequence[Example]) -> list[Read]:
    plains = [normalise(example.text) for example in examples]
    encodings = encoder.tokenizer.encode([plain.text for plain in plains])
    return [
        Read(example, plain, encoding, _moved(example, plain))
        for example, plain, encoding in zip(examples, plains, encodings, strict=True)
    ]


def _moved(example: Example, plain: Normalised) -> tuple[EntitySpan, ...]:
    """Entities over the plain text: the characters whose originals lie inside the span."""
    moved = []
    for span in example.entities or ():
        inside = [
            at
            for at in range(len(plain.text))
            if plain.starts[at] >= span.start and plain.ends[at] <= span.end
        ]
        if inside:
            moved.append(EntitySpan(span.entity, inside[0], inside[-1] + 1, span.role, span.group))
    return tuple(moved)


def batches(reads: Sequence[Read], tokens: int = BATCH_TOKENS) -> list[list[int]]:
    """Rows of like length together, so that little is padding."""
    order = sorted(range(len(reads)), key=lambda row: len(reads[row].encoding))
    found: list[list[int]] = []
    for row in order:
        length = len(reads[row].encoding)
        if found and length * (len(found[-1]) + 1) <= tokens:
            found[-1].append(row)
        else:
            found.append([row])
    return found


@dataclass(frozen=True, slots=True)
class Encoded:
    """Pooled features of each wanted layer, (n, width), and token states of some layers."""

    pooled: dict[int, FloatArray]
    states: dict[int, list[NDArray[np.float16]]]
    """layer -> for each example (tokens, width); empty arrays where not wanted."""


def encode_reads(
    encoder: Encoder,
    reads: Sequence[Read],
    *,
    pool_layers: Sequence[int],
    state_layers: Sequence[int] = (),
    wants_states: Callable[[Read], bool] = lambda _: True,
    tick: Tick = lambda done, total: None,
) -> Encoded:
    layers = sorted({*pool_layers, *state_layers})
    pooled = {k: np.zeros((len(reads), encoder.width), np.float32) for k in pool_layers}
    empty = np.zeros((0, encoder.width), dtype=np.float16)
    states = {layer: [empty] * len(reads) for layer in state_layers}
    done = 0
    for rows in batches(reads):
        batch = encoder.pad([reads[row].encoding for row in rows])
        found = dict(zip(layers, encoder.hidden(batch, layers), strict=True))
        for layer in pool_layers:
            pooled[layer][rows] = mean_pool(found[layer], batch.mask)
        for layer in state_layers:
            for at, row in enumerate(rows):
                if wants_states(reads[row]):
                    kept = found[layer][at, : len(reads[row].encoding)]
                    states[layer][row] = kept.astype(np.float16)
        done += len(rows)
        tick(done, len(reads))
    return Encoded(pooled, states)


def pad_states(states: Sequence[NDArray[np.float16]]) -> tuple[FloatArray, NDArray[np.int32]]:
    """Texts' states as one batch (b, t, width), and where they are real, (b, t)."""
    longest = max(len(one) for one in states)
    hidden = np.zeros((len(states), longest, states[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(states), longest), dtype=np.int32)
    for row, one in enumerate(states):
        hidden[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return hidden, mask


def text_vectors(encoder: Encoder, texts: Sequence[str]) -> FloatArray:
    """Unit vectors, (len(texts), width)."""
    top = encoder.card.layers
    reads = read_examples(encoder, [Example(text) for text in texts])
    return unit(encode_reads(encoder, reads, pool_layers=[top]).pooled[top])


@dataclass(frozen=True, slots=True)
class Tagged:
    """Units of a text, and the tag of each (or -1: unlabelled)."""

    spans: list[tuple[int, int]]
    plan: UnitPlan
    tags: NDArray[np.int64]

    def cut(self, size: int) -> Tagged:
        """Of the first `size` units."""
        plan = UnitPlan(self.plan.tokens[:size], self.plan.hashes[:size], self.plan.shapes[:size])
        return Tagged(self.spans[:size], plan, self.tags[:size])


def tag_units(read: Read, kinds: dict[tuple[str, str | None, str | None], int]) -> Tagged:
    """Gold tags in `nlu.heads.tag_names` order."""
    spans = units(read.plain.text)
    plan = plan_units(read.plain.text, spans, read.encoding.spans)
    tags = np.zeros(len(spans), dtype=np.int64)
    for entity in sorted(read.spans, key=lambda span: span.start):
        kind = kinds.get((entity.entity, entity.role, entity.group))
        if kind is None:
            continue
        # A unit that two entities share stays the first one's: a tag inside needs one before it.
        inside = [
            at
            for at, (start, end) in enumerate(spans)
            if start < entity.end and entity.start < end and not tags[at]
        ]
        tags[inside] = 2 * kind + 2
        tags[inside[:1]] = 2 * kind + 1
    return Tagged(spans, plan, tags)
