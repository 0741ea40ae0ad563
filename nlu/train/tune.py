"""Tunes the encoder's layers with torch: one pass, three losses, over the first layer's states.

Embeddings and the first layer stay as they are: their int8 states are computed once and kept, so
what is tuned on is what serves. After every pass the means of the last steps' parameters are judged
on held-out rows: the best stay, and tuning ends where several passes have done no better. The tuned
layers are then written in int8, beside the heads.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS
from nlu.encoder.calibrate import measure
from nlu.encoder.folder import MappedWeights
from nlu.encoder.graph import build_graph, write_graph
from nlu.encoder.runtime import Encoder, OrtRuntime, mean_pool
from nlu.heads import FloatArray
from nlu.train.contrast import alike_batches
from nlu.train.features import pad_states
from nlu.train.layers import TunedLayer
from nlu.train.network import BATCH, TUNED_FROM, TunedNetwork, TuneRow
from nlu.train.optimise import Checkpoint, Optimiser

ENCODER_RATE = 1.5e-4
HEAD_RATE = 2e-3
TAG_RATE = 3e-3
LAYER_DECAY = 0.92
"""Each layer below the top learns this much slower: lower ones are general."""
BUDGET_TOKENS = 1_800_000
"""About twenty minutes on two cores, which is many passes of short texts."""
LONGEST_TOKENS = 2 * BUDGET_TOKENS
"""For passes that long texts would else not get."""
FEWEST_EPOCHS = 4
MOST_EPOCHS = 30
MOST_TOKENS = 256
"""Longer texts are tuned on by their beginning only; they are served whole."""
JUDGED_ROWS = 800
"""Of the held-out rows, so many are judged after each pass."""
MEASURED_TOKENS = 20_000
"""So many tokens tell the ranges of the tuned layers' levels."""
LEAST_JUDGED = 8
"""Times that parameters are judged, however few the passes."""
PATIENCE = 4
"""Judgements without a better one after which tuning ends."""
FEW = 20
"""Examples an intent on the average up to which texts of one intent are drawn together."""
ALIKE = 1.0
EACH = 2
"""Texts of an intent in a batch of such data."""
STRIDE = 1_000_003


def tune(
    encoder: Encoder,
    rows: Sequence[TuneRow],
    held: Sequence[TuneRow],
    sizes: Sequence[int],
    *,
    seed: int,
    checkpoint: Path,
    tick: Callable[[int, int, float], None],
) -> TunedNetwork:
    """Fit on `rows`, judge by `held`; `sizes` are the numbers of intents, sentiments and tags.

    Goes on from `checkpoint` if a run of the same rows, sizes and seed was cut off.
    """
    torch.manual_seed(seed)
    network = TunedNetwork(encoder, sizes)
    network.scale_tags([row for row in rows if row.words is not None])
    plan = Plan.of(rows)
    judges = np.random.default_rng(seed).permutation(len(held))[:JUDGED_ROWS]
    held = [held[at] for at in judges.tolist()]
    optimiser = Optimiser(_groups(network), plan.steps, plan.period)
    saved = Checkpoint(checkpoint, _digest(encoder, [*rows, *held], sizes, seed, plan))
    stop = Stop(**saved.restore(optimiser))
    network.train()
    for chunk in islice(_chunks(rows, plan, seed), optimiser.done, plan.steps):
        torch.manual_seed(seed * STRIDE + optimiser.done)  # what is dropped is the step's own
        loss = network.loss([rows[i] for i in chunk], ALIKE if plan.few else 0.0)
        optimiser.step(loss)
        tick(optimiser.done, plan.steps, float(loss.detach()))
        if optimiser.done % plan.period == 0 or optimiser.done == plan.steps:
            with optimiser.averaged(), torch.no_grad():
                network.eval()
                if stop.is_best(*network.judged(held)):
                    optimiser.keep_best()
                network.train()
            if stop.since >= PATIENCE:
                tick(plan.steps, plan.steps, float(loss.detach()))
                break
        saved.keep(optimiser, stop.noted())
    optimiser.take_best()
    network.eval()
    return network


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to tune, and when to look."""

    steps: int
    period: int
    """Steps from one judgement to the next."""
    few: bool
    """There are so few examples an intent that texts of one are drawn together."""

    @classmethod
    def of(cls, rows: Sequence[TuneRow]) -> Plan:
        tokens = max(sum(len(row.states) for row in rows), 1)
        least = min(FEWEST_EPOCHS * tokens, LONGEST_TOKENS)
        passes = min(max(BUDGET_TOKENS, least) / tokens, MOST_EPOCHS)
        batches = math.ceil(len(rows) / BATCH)
        steps = max(1, round(batches * passes))
        intents = [row.intent for row in rows if row.intent >= 0]
        few = 0 < len(intents) <= FEW * len(set(intents))
        return cls(steps, min(batches, math.ceil(steps / LEAST_JUDGED)), few)


@dataclass(slots=True)
class Stop:
    """The best judgement so far, and how many have come since."""

    right: float = -1.0
    likely: float = 0.0
    since: float = 0

    def is_best(self, right: float, likely: float) -> bool:
        """The later of two equals is the better: it has seen more."""
        if (right, likely) < (self.right, self.likely):
            self.since += 1
            return False
        self.right, self.likely, self.since = right, likely, 0
        return True

    def noted(self) -> dict[str, float]:
        return {"right": self.right, "likely": self.likely, "since": self.since}


def _some(lengths: Sequence[int], tokens: int, seed: int) -> list[int]:
    """Rows from all over that have so many tokens together; one at least, where there is one."""
    order = np.random.default_rng(seed).permutation(len(lengths)).tolist()
    sizes = np.cumsum([lengths[at] for at in order])
    return [at for at, size in zip(order, sizes, strict=True) if size <= tokens or at == order[0]]


def _by_length(lengths: Sequence[int], rows: Sequence[int]) -> Iterator[list[int]]:
    """Batches of those rows, like lengths together."""
    order = sorted(rows, key=lambda row: lengths[row])
    for at in range(0, len(order), BATCH):
        yield order[at : at + BATCH]


def _groups(network: TunedNetwork) -> list[tuple[list[nn.Parameter], float]]:
    groups = [
        (list(layer.parameters()), ENCODER_RATE * LAYER_DECAY**depth)
        for depth, layer in enumerate(reversed(network.layers))
    ]
    groups.append((list(network.heads.parameters()), HEAD_RATE))
    if network.tags is not None:
        groups.append((list(network.tags.parameters()), TAG_RATE))
    return groups


def _digest(
    encoder: Encoder, rows: Sequence[TuneRow], sizes: Sequence[int], seed: int, plan: Plan
) -> str:
    """Tells a run from every other: what it reads, and all that it was asked."""
    asked = (encoder.card.source_sha256, list(sizes), seed, plan, torch.get_num_threads())
    digest = hashlib.sha256(repr(asked).encode())
    for row in rows:
        digest.update(repr((row.intent, row.sentiment)).encode())
        digest.update(row.states.tobytes())
        if row.tagged is not None:
            digest.update(row.tagged.tags.tobytes())
    return digest.hexdigest()


def _chunks(rows: Sequence[TuneRow], plan: Plan, seed: int) -> Iterator[list[int]]:
    """Batches without end: in each pass every row once, like lengths together, in random order."""
    rng = np.random.default_rng(seed)
    if plan.few:
        labels = np.array([row.intent for row in rows], dtype=np.int64)
        yield from alike_batches(labels, BATCH // EACH, EACH, rng)
    while True:
        noise = rng.random(len(rows)) * 6
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].states) + noise[i])
        for chunk in rng.permutation(math.ceil(len(rows) / BATCH)).tolist():
            yield order[chunk * BATCH : (chunk + 1) * BATCH]


def write_tuned(
    network: TunedNetwork, encoder: Encoder, states: Sequence[NDArray[np.float16]], folder: Path
) -> None:
    """Write the tuned layers into a model folder: float16 to go on from, int8 to serve.

    What goes into them, `states`, (tokens, width) each, tells the ranges of their levels.
    """
    path = folder / UPPER_WEIGHTS
    state: dict[str, torch.Tensor] = {}
    for layer in network.layers:
        if isinstance(layer, TunedLayer):
            state |= layer.named()
    save_file({name: value.half().contiguous() for name, value in state.items()}, path)
    weights, shape, top = MappedWeights(path), encoder.card.shape, encoder.card.layers
    ranges = measure(weights, shape, _measured(states), start=TUNED_FROM, stop=top)
    graph = build_graph(weights, shape, start=TUNED_FROM, stop=top, outputs=[top], ranges=ranges)
    write_graph(graph, folder / UPPER_GRAPH)


def _measured(
    states: Sequence[NDArray[np.float16]],
) -> Iterator[tuple[FloatArray, NDArray[np.int32]]]:
    """Some of the states, from all over, as the graph takes them."""
    lengths = [len(one) for one in states]
    for rows in _by_length(lengths, _some(lengths, MEASURED_TOKENS, seed=0)):
        yield pad_states([states[row] for row in rows])


def run_tuned(
    folder: Path,
    encoder: Encoder,
    states: Sequence[NDArray[np.float16]],
    threads: int,
    wanted: Callable[[int], bool] = lambda row: False,
) -> tuple[FloatArray, list[NDArray[np.float16]]]:
    """What the written int8 layers make of kept states: pooled (n, width), and the tokens' states
    of the rows that are wanted (others are empty)."""
    runtime = OrtRuntime(folder / UPPER_GRAPH, threads)
    pooled = np.zeros((len(states), encoder.width), dtype=np.float32)
    found: list[NDArray[np.float16]] = [np.zeros((0, encoder.width), np.float16)] * len(states)
    for rows in _by_length([len(one) for one in states], range(len(states))):
        hidden, mask = pad_states([states[row] for row in rows])
        out = runtime.run(hidden, mask, [encoder.card.layers])[0]
        pooled[rows] = mean_pool(out, mask)
        for i, row in enumerate(rows):
            if wanted(row):
                found[row] = out[i, : len(states[row])].astype(np.float16)
    return pooled, found
