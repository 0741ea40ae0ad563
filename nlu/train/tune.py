"""Tunes the encoder's layers with torch: one pass, three losses, over the first layer's states.

Embeddings and the first layer stay as they are: their int8 states are computed once and kept, so
what is tuned on is what serves. The tuned layers are then written in int8, beside the heads.
"""

from __future__ import annotations

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
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertLayer

from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS
from nlu.encoder.folder import MappedWeights
from nlu.encoder.graph import build_graph, write_graph
from nlu.encoder.runtime import Encoder, OrtRuntime, mean_pool
from nlu.heads import FloatArray

TUNED_FROM = 1
BATCH = 32
ENCODER_RATE = 1.5e-4
HEAD_RATE = 2e-3
LAYER_DECAY = 0.92
"""Each layer below the top learns this much slower: lower ones are general."""
SMOOTHING = 0.1
WARM_UP = 0.1
BUDGET_TOKENS = 600_000
"""About a quarter of an hour on two cores; long texts get less than one pass."""
MOST_EPOCHS = 15
MOST_TOKENS = 128
"""Longer texts are tuned on by their beginning only; they are served whole."""


@dataclass(frozen=True, slots=True)
class TuneRow:
    """One text: its states after the first layers, and the labels it has (-100: none)."""

    states: NDArray[np.float16]  # (tokens, width)
    intent: int = -100
    sentiment: int = -100
    tag_tokens: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()


class TunedNetwork(nn.Module):
    """The encoder's upper layers and three linear heads."""

    def __init__(self, encoder: Encoder, sizes: Sequence[int]) -> None:
        super().__init__()
        config = BertConfig.from_pretrained(encoder.folder)
        config._attn_implementation = "sdpa"
        self.layers = nn.ModuleList()
        for index in range(TUNED_FROM, encoder.card.layers):
            layer = BertLayer(config, layer_idx=index)  # type: ignore[no-untyped-call]
            prefix = f"encoder.layer.{index}."
            state = {
                name: torch.from_numpy(np.array(encoder.weights(prefix + name)))
                for name in layer.state_dict()
            }
            layer.load_state_dict(state)
            self.layers.append(layer)
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleList(nn.Linear(encoder.width, max(size, 1)) for size in sizes)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """hidden (b, t, width), mask (b, t) bool -> (b, t, width)"""
        away = torch.zeros_like(mask, dtype=hidden.dtype).masked_fill(~mask, -1e9)
        for layer in self.layers:
            found = layer(hidden, away[:, None, None, :])
            hidden = found[0] if isinstance(found, tuple) else found
        return hidden

    def loss(self, rows: Sequence[TuneRow]) -> torch.Tensor:
        padded, real = pad_states([row.states for row in rows])
        hidden, mask = torch.from_numpy(padded), torch.from_numpy(real).bool()
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bfloat16()):
            hidden = self(hidden, mask)
        hidden = self.dropout(hidden.float())  # (b, t, width)
        weights = mask.unsqueeze(-1).float()
        pooled = (hidden * weights).sum(1) / weights.sum(1)  # (b, width)
        total: torch.Tensor = hidden.new_zeros(())
        for head, name in ((0, "intent"), (1, "sentiment")):
            labels = torch.tensor([getattr(row, name) for row in rows])
            if (labels >= 0).any():
                logits = self.heads[head](pooled)
                total = total + cross_entropy(logits, labels, label_smoothing=SMOOTHING)
        where = [(at, token) for at, row in enumerate(rows) for token in row.tag_tokens]
        if where:
            texts, tokens = (torch.tensor(part) for part in zip(*where, strict=True))
            tags = torch.tensor([tag for row in rows for tag in row.tags])
            total = total + cross_entropy(self.heads[2](hidden[texts, tokens]), tags)
        return total


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself: twice as fast; without, far slower."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def pad_states(states: Sequence[NDArray[np.float16]]) -> tuple[FloatArray, NDArray[np.int32]]:
    """Texts' states as one batch (b, t, width), and where they are real, (b, t)."""
    longest = max(len(one) for one in states)
    hidden = np.zeros((len(states), longest, states[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(states), longest), dtype=np.int32)
    for row, one in enumerate(states):
        hidden[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return hidden, mask


def tune(
    encoder: Encoder,
    rows: Sequence[TuneRow],
    sizes: Sequence[int],
    *,
    seed: int,
    tick: Callable[[int, int, float], None],
) -> TunedNetwork:
    """Fit on `rows`; `sizes` are the numbers of intents, sentiments and tags."""
    torch.manual_seed(seed)
    network = TunedNetwork(encoder, sizes)
    tokens = sum(len(row.states) for row in rows)
    batches = math.ceil(len(rows) / BATCH)
    steps = max(1, round(batches * min(BUDGET_TOKENS / max(tokens, 1), MOST_EPOCHS)))
    groups = [
        {"params": list(layer.parameters()), "lr": ENCODER_RATE * LAYER_DECAY**depth}
        for depth, layer in enumerate(reversed(network.layers))
    ]
    groups.append({"params": list(network.heads.parameters()), "lr": HEAD_RATE})
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    warm = max(1, round(steps * WARM_UP))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda at: min((at + 1) / warm, max(0.0, (steps - at) / max(steps - warm, 1)))
    )
    network.train()
    for done, chunk in enumerate(islice(_chunks(rows, seed), steps), start=1):
        loss = network.loss([rows[i] for i in chunk])
        optimiser.zero_grad()
        if loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
        schedule.step()
        tick(done, steps, float(loss.detach()))
    network.eval()
    return network


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
    state = {
        f"encoder.layer.{TUNED_FROM + int(name.split('.', 1)[0])}.{name.split('.', 1)[1]}": value
        for name, value in network.layers.state_dict().items()
    }
    path = folder / UPPER_WEIGHTS
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
