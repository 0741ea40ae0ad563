"""Learns where tuning starts from public sets of intents, and writes it beside this file.

    python -m nlu.train.start.learn --data FOLDER [--encoder FOLDER]

FOLDER holds a folder with `train.jsonl` for each of the `SETS`, whose licences are open.
Three losses over low-rank matrices beside frozen ones: texts of one intent are drawn together
(`nlu.train.contrast`), told apart by a head for each set, and kept near to what the untuned encoder
makes of them, so that it forgets less of what these sets do not speak of.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy, linear, normalize

from nlu.data import Example, load_data
from nlu.encoder.runtime import Encoder, unit
from nlu.encoder.torch_runtime import precision_on
from nlu.heads import FloatArray
from nlu.train.contrast import alike_batches, contrast
from nlu.train.features import encode_reads, pad_states, read_examples
from nlu.train.layers import TunedLayer
from nlu.train.linear import Labels
from nlu.train.network import TUNED_FROM, States
from nlu.train.optimise import Optimiser
from nlu.train.start import DOWN, ENCODER, PATH, UP

SETS = ("clinc150", "massive_zh", "telemarketing_zh")
HELD = {"telemarketing_zh": 8}
"""Of a set without a part to judge on, one row in so many is left to judge on."""
RANK = 24
RATE = 1e-3
HEAD_RATE = 2e-3
SHARPNESS = 30.0
DROPOUT = 0.1
CLASSES, EACH = 32, 4
ANCHOR = 3.0
STEPS = 400
HORIZON = 1200
"""The rate falls to nothing at this step, which is not reached: tuning lets it fall."""
SEED = 7
MATRICES = ("packed", "out", "inner", "outer")


@dataclass(frozen=True)
class Material:
    """A set: token states after the first layers, what the encoder makes of each text, labels."""

    states: list[States]
    vectors: FloatArray  # (n, width), unit
    labels: Labels
    names: list[str]


class Beside(nn.Module):
    """A frozen linear map, and a low-rank one beside it."""

    def __init__(self, frozen: nn.Linear, rank: int) -> None:
        super().__init__()
        self.frozen = frozen
        out, width = frozen.weight.shape
        self.down = nn.Parameter(torch.randn(rank, width) / math.sqrt(width))
        self.up = nn.Parameter(torch.zeros(out, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        plain: torch.Tensor = self.frozen(x)
        return plain + linear(linear(x, self.down), self.up)


class Learner(nn.Module):
    def __init__(self, encoder: Encoder, sets: list[Material]) -> None:
        super().__init__()
        self.precision = precision_on(torch.device("cpu"))
        layers = []
        for at in range(TUNED_FROM, encoder.card.layers):
            layer = TunedLayer(encoder.weights, f"encoder.layer.{at}.", encoder.card.shape, DROPOUT)
            layer.requires_grad_(False)
            for name in MATRICES:
                setattr(layer, name, Beside(getattr(layer, name), RANK))
            layers.append(layer)
        self.layers = nn.ModuleList(layers).to(self.precision)
        self.heads = nn.ParameterList(nn.Parameter(middles(one)) for one in sets)

    def forward(self, states: list[States]) -> torch.Tensor:
        """Pooled and of unit length, (n, width)."""
        padded, real = pad_states(states)
        hidden, mask = torch.from_numpy(padded).to(self.precision), torch.from_numpy(real).bool()
        away = torch.zeros_like(mask, dtype=self.precision).masked_fill(~mask, -1e4)
        for layer in self.layers:
            hidden = layer(hidden, away[:, None, None, :])
        weights = mask.unsqueeze(-1).float()
        return normalize((hidden.float() * weights).sum(1), dim=-1)

    def vectors(self, states: list[States]) -> torch.Tensor:
        """The same, in two batches of like lengths."""
        order = sorted(range(len(states)), key=lambda at: len(states[at]))
        halves = np.array_split(order, 2)
        found = torch.cat([self([states[at] for at in half]) for half in halves])
        return found[torch.from_numpy(np.argsort(order))]

    def loss(self, at: int, one: Material, rows: list[int]) -> torch.Tensor:
        labels = torch.from_numpy(one.labels[rows])
        vectors = self.vectors([one.states[row] for row in rows])
        logits = SHARPNESS * vectors @ normalize(self.heads[at], dim=-1).T
        strayed = 1 - (vectors * torch.from_numpy(one.vectors[rows])).sum(-1).mean()
        told = cross_entropy(logits, labels, label_smoothing=0.05)
        return told + contrast(vectors, labels) + ANCHOR * strayed


def middles(one: Material) -> torch.Tensor:
    found = [one.vectors[one.labels == at].mean(axis=0) for at in range(len(one.names))]
    return torch.from_numpy(np.stack(found).astype(np.float32))


def read(encoder: Encoder, name: str, path: Path) -> Material:
    examples: list[Example] = list(load_data(path).examples)
    if name in HELD:
        order = np.random.default_rng(0).permutation(len(examples)).tolist()
        examples = [examples[at] for at in order[len(order) // HELD[name] :]]
    examples = [one for one in examples if one.intent and not one.is_out_of_scope]
    names = sorted({str(one.intent) for one in examples})
    top = encoder.card.layers
    reads = read_examples(encoder, examples)
    encoded = encode_reads(encoder, reads, pool_layers=[top], state_layers=[TUNED_FROM])
    labels = np.array([names.index(str(one.intent)) for one in examples], dtype=np.int64)
    return Material(encoded.states[TUNED_FROM], unit(encoded.pooled[top]), labels, names)


def batches(sets: list[Material]) -> Iterator[tuple[int, list[int]]]:
    """Of one set each; small ones come more often than their share."""
    rng = np.random.default_rng(SEED)
    likely = np.array([len(one.labels) for one in sets]) ** 0.75
    drawn = [alike_batches(one.labels, CLASSES, EACH, rng) for one in sets]
    while True:
        at = int(rng.choice(len(sets), p=likely / likely.sum()))
        yield at, next(drawn[at])


def learn(encoder: Encoder, sets: list[Material], out: Path) -> None:
    torch.manual_seed(SEED)
    learner = Learner(encoder, sets)
    adapter = [one for one in learner.layers.parameters() if one.requires_grad]
    groups = [(adapter, RATE), (list(learner.heads), HEAD_RATE)]
    optimiser = Optimiser(groups, HORIZON)
    learner.train()
    began, lately = time.monotonic(), []
    for at, rows in batches(sets):
        loss = learner.loss(at, sets[at], rows)
        optimiser.step(loss)
        lately.append(float(loss.detach()))
        if optimiser.done % 50 == 0:
            took = time.monotonic() - began
            print(
                f"{optimiser.done}/{STEPS} loss {np.mean(lately[-50:]):.3f} {took:.0f} s",
                flush=True,
            )
        if optimiser.done == STEPS:
            write(learner, encoder, out)
            return


def write(learner: Learner, encoder: Encoder, out: Path) -> None:
    found: dict[str, torch.Tensor] = {}
    for layer in learner.layers:
        if not isinstance(layer, TunedLayer):
            continue
        for name in MATRICES:
            beside = getattr(layer, name)
            for target, up in layer.named_rows(name, beside.up.detach()):
                found[f"{target}.{UP}"] = up.half().contiguous()
                found[f"{target}.{DOWN}"] = beside.down.detach().half().contiguous()
    save_file(found, out, metadata={ENCODER: encoder.card.source_sha256})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    options.add_argument("--encoder", type=Path, default=Path("var/encoders/e5-small"))
    options.add_argument("--out", type=Path, default=PATH)
    asked = options.parse_args()
    encoder = Encoder(asked.encoder, threads=torch.get_num_threads())
    sets = [read(encoder, name, asked.data / name / "train.jsonl") for name in SETS]
    for name, one in zip(SETS, sets, strict=True):
        print(f"{name}: {len(one.labels)} texts, {len(one.names)} intents")
    learn(encoder, sets, asked.out)


if __name__ == "__main__":
    main()
