"""Trains the tag head with torch: the same arithmetic as `nlu.heads.TagHead`, and a CRF loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import pad, relu

from nlu.heads import HASH_ROWS, SHAPES, FloatArray, TagHead, allowed_moves, tag_spans, viterbi
from nlu.train.features import Tagged, pad_states

CHARACTERS = 32
INNER = 128
UNTOLD = 0.2
FORBIDDEN = -1e4
LEAST = 1e-30
"""A mass of paths below it is as good as none; its logarithm must be finite."""


class TagNetwork(nn.Module):
    """Units' features to emissions, and scores of moves between tags."""

    def __init__(self, width: int, tags: int, centre: FloatArray, scale: FloatArray) -> None:
        super().__init__()
        self.centre: torch.Tensor
        self.scale: torch.Tensor
        self.allowed: torch.Tensor
        self.register_buffer("centre", torch.from_numpy(centre))
        self.register_buffer("scale", torch.from_numpy(scale))
        self.register_buffer("allowed", torch.from_numpy(allowed_moves(tags).copy()))
        self.table = nn.Embedding(HASH_ROWS, CHARACTERS)
        nn.init.normal_(self.table.weight, std=0.1)
        self.project = nn.Linear(width + CHARACTERS + SHAPES, INNER)
        self.windows = nn.ModuleList(nn.Linear(3 * INNER, INNER) for _ in range(2))
        self.output = nn.Linear(INNER, tags)
        self.moves = nn.Parameter(torch.zeros(tags + 1, tags))
        self.dropout = nn.Dropout(0.25)

    def forward(
        self, states: torch.Tensor, hashes: torch.Tensor, shapes: torch.Tensor
    ) -> torch.Tensor:
        """states (b, u, width), hashes (b, u), shapes (b, u, SHAPES) -> (b, u, tags)

        Padding is held at zero, as serving's edges are, so the two give equal emissions.
        """
        real = (hashes >= 0).unsqueeze(-1)
        written = self.table(hashes.clamp(min=0))
        if self.training:  # of some units only the context is told, as of words never seen
            written = written * (torch.rand(hashes.shape) >= UNTOLD).unsqueeze(-1)
        x = torch.cat(
            [
                self.dropout((states - self.centre) * self.scale),
                self.dropout(written),
                shapes,
            ],
            dim=-1,
        )
        x = relu(self.project(x)) * real
        for window in self.windows:
            before = pad(x, (0, 0, 1, 0))[:, :-1]
            after = pad(x, (0, 0, 0, 1))[:, 1:]
            around = torch.cat([before, x, after], dim=-1)
            x = (x + relu(window(self.dropout(around)))) * real
        emissions: torch.Tensor = self.output(x)
        return emissions

    def loss(self, emissions: torch.Tensor, tags: torch.Tensor) -> torch.Tensor:
        """Negative log likelihood of the gold paths; `tags` (b, u), -1 for padding."""
        moves = self.moves.masked_fill(~self.allowed, FORBIDDEN)
        gold = tags.clamp(min=0)
        real = tags >= 0
        score = emissions.gather(2, gold.unsqueeze(-1)).squeeze(-1) * real
        previous = torch.cat([torch.full_like(gold[:, :1], len(moves) - 1), gold[:, :-1]], dim=1)
        score = score + moves[previous, gold] * real
        total = moves[-1] + emissions[:, 0]
        weights = moves[:-1].exp()  # (from, to): a product of matrices where tags are many
        for at in range(1, emissions.shape[1]):
            high = total.max(dim=1, keepdim=True).values.detach()
            reached = ((total - high).exp() @ weights).clamp(min=LEAST)
            step = reached.log() + high + emissions[:, at]
            total = torch.where(real[:, at : at + 1], step, total)
        likelihood: torch.Tensor = torch.logsumexp(total, dim=1) - score.sum(dim=1)
        return likelihood

    def head(self) -> TagHead:
        def array(tensor: torch.Tensor) -> FloatArray:
            return tensor.detach().cpu().numpy().astype(np.float32)

        return TagHead(
            table=array(self.table.weight),
            project=array(self.project.weight.T),
            project_bias=array(self.project.bias),
            windows=tuple(array(w.weight.T) for w in self._linears()),
            window_biases=tuple(array(w.bias) for w in self._linears()),
            output=array(self.output.weight.T),
            output_bias=array(self.output.bias),
            moves=array(self.moves),
            centre=array(self.centre),
            scale=array(self.scale),
        )

    def _linears(self) -> list[nn.Linear]:
        return [window for window in self.windows if isinstance(window, nn.Linear)]


@dataclass(frozen=True, slots=True)
class UnitBatch:
    """Texts' units, padded to the most; hashes and tags of padding are -1."""

    tokens: torch.Tensor  # (b, u) the token whose state a unit takes
    hashes: torch.Tensor  # (b, u)
    shapes: torch.Tensor  # (b, u, SHAPES)
    tags: torch.Tensor  # (b, u)

    @classmethod
    def of(cls, tagged: Sequence[Tagged]) -> UnitBatch:
        most = max(len(item.tags) for item in tagged)
        tokens = np.zeros((len(tagged), most), dtype=np.int64)
        hashes = np.full((len(tagged), most), -1, dtype=np.int64)
        shapes = np.zeros((len(tagged), most, SHAPES), dtype=np.float32)
        tags = np.full((len(tagged), most), -1, dtype=np.int64)
        for at, item in enumerate(tagged):
            size = len(item.tags)
            tokens[at, :size] = item.plan.tokens
            hashes[at, :size] = item.plan.hashes
            shapes[at, :size] = item.plan.shapes
            tags[at, :size] = item.tags
        return cls(*(torch.from_numpy(a) for a in (tokens, hashes, shapes, tags)))

    def take(self, hidden: torch.Tensor) -> torch.Tensor:
        """Tokens' states (b, t, width) -> units' states (b, u, width)."""
        at = self.tokens.unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
        return hidden.gather(1, at)


def train_tags(
    tagged: Sequence[Tagged],
    states: Sequence[NDArray[np.float16]],
    tags: int,
    *,
    seed: int,
    epochs: int,
    tick: Callable[[int, int, float], None],
) -> TagHead:
    """Fit the head on kept states; texts without units are skipped."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    rows = [at for at, item in enumerate(tagged) if len(item.tags)]
    sample = np.concatenate([states[row] for row in rows[:2000]]).astype(np.float32)
    centre, scale = sample.mean(axis=0), 1 / np.maximum(sample.std(axis=0), 1e-3)
    network = TagNetwork(sample.shape[1], tags, centre, scale.astype(np.float32))
    size = 32
    steps = epochs * max(1, (len(rows) + size - 1) // size)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps + 1)
    network.train()
    for epoch in range(epochs):
        # Like lengths together, in random order.
        noise = rng.random(len(rows)) * 4
        order = sorted(range(len(rows)), key=lambda i: len(tagged[rows[i]].tags) + noise[i])
        chunks = [order[i : i + size] for i in range(0, len(order), size)]
        total = 0.0
        for chunk in rng.permutation(len(chunks)):
            picked = [rows[i] for i in chunks[chunk]]
            batch = UnitBatch.of([tagged[r] for r in picked])
            hidden = torch.from_numpy(pad_states([states[r] for r in picked])[0])
            emissions = network(batch.take(hidden), batch.hashes, batch.shapes)
            loss = network.loss(emissions, batch.tags).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        tick(epoch + 1, epochs, total / len(chunks))
    return network.head()


def entity_f1(
    head: TagHead, tagged: Sequence[Tagged], states: Sequence[NDArray[np.float16]]
) -> float:
    """Exact type and span, micro-averaged."""
    hits = found = gold = 0
    for item, state in zip(tagged, states, strict=True):
        if not len(item.tags):
            continue
        (emissions,) = head.emissions([state.astype(np.float32)], [item.plan])
        path = viterbi(emissions, head.moves)
        mine, theirs = set(tag_spans(path)), set(tag_spans(item.tags.tolist()))
        hits += len(mine & theirs)
        found += len(mine)
        gold += len(theirs)
    return 2 * hits / max(found + gold, 1)
