"""Tunes the encoder's layers with torch: one pass, three losses, over the first layer's states.

Embeddings and the first layer stay as they are: their int8 states are computed once and kept, so
what is tuned on is what serves. The tuned layers are then written in int8, beside the heads.
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
from torch.nn.functional import cross_entropy

from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS
from nlu.encoder.folder import MappedWeights
from nlu.encoder.graph import build_graph, write_graph
from nlu.encoder.runtime import Encoder, OrtRuntime, mean_pool
from nlu.encoder.torch_runtime import has_bfloat16
from nlu.heads import FloatArray, LinearHead, TagHead
from nlu.train.features import Tagged, pad_states
from nlu.train.layers import TunedLayer
from nlu.train.optimise import Checkpoint, Optimiser
from nlu.train.tags import TagNetwork, UnitBatch

TUNED_FROM = 1
BATCH = 32
ENCODER_RATE = 1.5e-4
HEAD_RATE = 2e-3
TAG_RATE = 3e-3
LAYER_DECAY = 0.92
"""Each layer below the top learns this much slower: lower ones are general."""
SMOOTHING = 0.1
DROPOUT = 0.1
BUDGET_TOKENS = 1_200_000
"""About a quarter of an hour on two cores; long texts get about one pass."""
MOST_EPOCHS = 15
MOST_TOKENS = 128
"""Longer texts are tuned on by their beginning only; they are served whole."""
STRIDE = 1_000_003
SAMPLE = 8
"""Batches that the scale of the tag head's inputs is taken from."""


@dataclass(frozen=True, slots=True)
class TuneRow:
    """One text: its states after the first layers, and the labels it has (-100: none)."""

    states: NDArray[np.float16]  # (tokens, width)
    intent: int = -100
    sentiment: int = -100
    words: NDArray[np.float16] | None = None
    """(tokens, width) of an untuned layer: the tag head reads them beside the tuned ones."""
    tagged: Tagged | None = None


class TunedNetwork(nn.Module):
    """The encoder's upper layers, in the processor's own precision, and three heads in float32."""

    def __init__(self, encoder: Encoder, sizes: Sequence[int]) -> None:
        super().__init__()
        self.precision = torch.bfloat16 if has_bfloat16() else torch.float32
        tuned = [
            TunedLayer(encoder.weights, f"encoder.layer.{at}.", encoder.card.shape, DROPOUT)
            for at in range(TUNED_FROM, encoder.card.layers)
        ]
        self.layers = nn.ModuleList(tuned).to(self.precision)
        self.dropout = nn.Dropout(DROPOUT)
        self.heads = nn.ModuleList(nn.Linear(encoder.width, max(size, 1)) for size in sizes[:2])
        width, tags = 2 * encoder.width, sizes[2]
        self.tags: TagNetwork | None = None
        if tags > 1:
            none, one = np.zeros(width, np.float32), np.ones(width, np.float32)
            self.tags = TagNetwork(width, tags, none, one)

    def forward(self, rows: Sequence[TuneRow]) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens' states (b, t, width), and where they are real, (b, t)."""
        padded, real = pad_states([row.states for row in rows])
        hidden, mask = torch.from_numpy(padded).to(self.precision), torch.from_numpy(real).bool()
        away = None
        if not bool(mask.all()):
            away = torch.zeros_like(mask, dtype=self.precision).masked_fill(~mask, -1e4)
            away = away[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, away)
        return hidden.float(), mask

    def loss(self, rows: Sequence[TuneRow]) -> torch.Tensor:
        hidden, mask = self(rows)
        hidden = self.dropout(hidden)
        weights = mask.unsqueeze(-1).float()
        pooled = (hidden * weights).sum(1) / weights.sum(1)  # (b, width)
        total: torch.Tensor = hidden.new_zeros(())
        for head, name in ((0, "intent"), (1, "sentiment")):
            labels = torch.tensor([getattr(row, name) for row in rows])
            if (labels >= 0).any():
                logits = self.heads[head](pooled)
                total = total + cross_entropy(logits, labels, label_smoothing=SMOOTHING)
        marked = [at for at, row in enumerate(rows) if row.tagged and len(row.tagged.tags)]
        if marked and self.tags is not None:
            units = UnitBatch.of([tagged for at in marked if (tagged := rows[at].tagged)])
            states = units.take(self.with_words(hidden[marked], [rows[at] for at in marked]))
            emissions = self.tags(states, units.hashes, units.shapes)
            total = total + self.tags.loss(emissions, units.tags).mean()
        return total

    def with_words(self, hidden: torch.Tensor, rows: Sequence[TuneRow]) -> torch.Tensor:
        """The tag head's states, (b, t, 2 * width): tuned, and the untuned layer's beside them."""
        words, _ = pad_states([row.words for row in rows if row.words is not None])
        return torch.cat([hidden[:, : words.shape[1]], torch.from_numpy(words)], dim=2)

    def scale_tags(self, rows: Sequence[TuneRow]) -> None:
        """Centre and scale the tag head's inputs as they are before tuning."""
        if self.tags is None or not rows:
            return
        found = []
        self.eval()
        with torch.no_grad():
            for at in range(0, min(len(rows), SAMPLE * BATCH), BATCH):
                chunk = rows[at : at + BATCH]
                hidden, mask = self(chunk)
                found.append(self.with_words(hidden, chunk)[mask])
            sample = torch.cat(found)
            self.tags.centre.copy_(sample.mean(0))
            self.tags.scale.copy_(1 / sample.std(0).clamp(min=1e-3))
        self.train()

    def linear_head(self, at: int) -> LinearHead:
        """The head that was tuned with the layers: of intents (0) or sentiments (1)."""
        head = self.heads[at]
        weight, bias = (part.detach().numpy().astype(np.float32) for part in head.parameters())
        width = weight.shape[1]
        return LinearHead(weight.T, bias, np.zeros(width, np.float32), np.ones(width, np.float32))

    def tag_head(self) -> TagHead | None:
        return self.tags.head() if self.tags is not None else None


def tune(
    encoder: Encoder,
    rows: Sequence[TuneRow],
    sizes: Sequence[int],
    *,
    seed: int,
    checkpoint: Path,
    tick: Callable[[int, int, float], None],
) -> TunedNetwork:
    """Fit on `rows`; `sizes` are the numbers of intents, sentiments and tags.

    Goes on from `checkpoint` if a run of the same rows, sizes and seed was cut off.
    """
    torch.manual_seed(seed)
    network = TunedNetwork(encoder, sizes)
    network.scale_tags([row for row in rows if row.words is not None])
    tokens = sum(len(row.states) for row in rows)
    batches = math.ceil(len(rows) / BATCH)
    steps = max(1, round(batches * min(BUDGET_TOKENS / max(tokens, 1), MOST_EPOCHS)))
    optimiser = Optimiser(_groups(network), steps)
    saved = Checkpoint(checkpoint, _digest(encoder, rows, sizes, seed, steps))
    saved.restore(optimiser)
    network.train()
    for chunk in islice(_chunks(rows, seed), optimiser.done, steps):
        torch.manual_seed(seed * STRIDE + optimiser.done)  # what is dropped is the step's own
        loss = network.loss([rows[i] for i in chunk])
        optimiser.step(loss)
        tick(optimiser.done, steps, float(loss.detach()))
        saved.keep(optimiser)
    network.eval()
    return network


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
    encoder: Encoder, rows: Sequence[TuneRow], sizes: Sequence[int], seed: int, steps: int
) -> str:
    """Tells a run from every other: what it reads, and all that it was asked."""
    asked = (encoder.card.source_sha256, list(sizes), seed, steps, torch.get_num_threads())
    digest = hashlib.sha256(repr(asked).encode())
    for row in rows:
        digest.update(repr((row.intent, row.sentiment)).encode())
        digest.update(row.states.tobytes())
        if row.tagged is not None:
            digest.update(row.tagged.tags.tobytes())
    return digest.hexdigest()


def _chunks(rows: Sequence[TuneRow], seed: int) -> Iterator[list[int]]:
    """Batches without end: in each pass every row once, like lengths together, in random order."""
    rng = np.random.default_rng(seed)
    while True:
        noise = rng.random(len(rows)) * 6
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].states) + noise[i])
        for chunk in rng.permutation(math.ceil(len(rows) / BATCH)).tolist():
            yield order[chunk * BATCH : (chunk + 1) * BATCH]


def write_tuned(network: TunedNetwork, encoder: Encoder, folder: Path) -> None:
    """Write the tuned layers into a model folder: float16 to go on from, int8 to serve."""
    path = folder / UPPER_WEIGHTS
    state: dict[str, torch.Tensor] = {}
    for layer in network.layers:
        if isinstance(layer, TunedLayer):
            state |= layer.named()
    save_file({name: value.half().contiguous() for name, value in state.items()}, path)
    graph = build_graph(
        MappedWeights(path),
        encoder.card.shape,
        start=TUNED_FROM,
        stop=encoder.card.layers,
        outputs=[encoder.card.layers],
        precision="int8",
    )
    write_graph(graph, folder / UPPER_GRAPH)


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
    order = sorted(range(len(states)), key=lambda row: len(states[row]))
    for at in range(0, len(order), BATCH):
        rows = order[at : at + BATCH]
        hidden, mask = pad_states([states[row] for row in rows])
        out = runtime.run(hidden, mask, [encoder.card.layers])[0]
        pooled[rows] = mean_pool(out, mask)
        for i, row in enumerate(rows):
            if wanted(row):
                found[row] = out[i, : len(states[row])].astype(np.float16)
    return pooled, found
