"""Learns to read: the network in torch, and its limits on trades that it has not seen."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, normalize
from torch.nn.functional import linear as linear_of

from dialogue.knowledge.reading.lessons import Lesson, States, drawn, texts_of
from dialogue.knowledge.reading.network import FloatArray
from dialogue.knowledge.reading.reader import (
    ASKED_TOKENS,
    CARD,
    DENIED,
    NETWORK,
    TOLD_TOKENS,
    Limits,
)
from dialogue.knowledge.text import plain
from dialogue.knowledge.types import Thresholds
from nlu.types import TokenEmbedder

SIZE = 96
BATCH = 24
RATE, DECAY = 1e-3, 0.05
DROPOUT = 0.35
EMBED_TOGETHER = 256
FAR_AWAY = -1e4
SAMPLE = 1_000
READS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""Logits to choose among."""
LOWEST = 80
"""Hundredths of a score; what the search takes for less likely is no answer, however it reads."""
LOST = 0.05
"""Of the right entries that are offered, those that may no longer be."""

Known = Mapping[tuple[str, bool], States]
"""Token states by text, and whether it was encoded as a passage."""
Space = tuple[FloatArray, FloatArray]
"""Centre and spread of the states of one kind of text."""


@dataclass(frozen=True, slots=True)
class Spaces:
    asked: Space
    told: Space


class ReadingNetwork(nn.Module):
    """See `network.Network`: the same in batches, with dropout."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.q, self.p = nn.Linear(width, SIZE), nn.Linear(width, SIZE)
        self.p.load_state_dict(self.q.state_dict())  # like finds like from the start
        self.scale = nn.Parameter(torch.tensor(8.0))
        dropout = nn.Dropout(DROPOUT)
        self.cmp = nn.ModuleList([nn.Linear(4 * SIZE + 2, 96), nn.Linear(96, 64)])
        self.w = nn.Linear(SIZE, 1)
        self.out = nn.ModuleList([nn.Linear(2 * 64 + 4, 64), nn.Linear(64, 1)])
        self.dropout = dropout

    def forward(self, asked: Sequence[States], told: Sequence[States]) -> Tensor:
        """(pairs,) logits."""
        # Whole channels are dropped, the same for all: a number each of all tokens takes longer.
        kept = self.dropout(torch.ones(self.q.in_features))
        q, q_real = self._padded(asked, self.q, kept)
        p, p_real = self._padded(told, self.p, kept)
        likeness = normalize(q, dim=-1) @ normalize(p, dim=-1).transpose(1, 2)
        likeness = likeness.masked_fill(~p_real[:, None], -2.0)
        best = likeness.max(2).values
        looks = (likeness * self.scale).masked_fill(~p_real[:, None], FAR_AWAY).softmax(-1)
        found, soft = looks @ p, (looks * likeness).sum(-1)
        beside = [q, found, q * found, (q - found).abs(), best[..., None], soft[..., None]]
        compared = self.dropout(torch.relu(self.cmp[0](torch.cat(beside, -1))))
        compared = torch.relu(self.cmp[1](compared))
        weight = self.w(q)[..., 0].masked_fill(~q_real, FAR_AWAY).softmax(-1)
        real = q_real.float()
        whole = _middle(q, q_real) * _middle(p, p_real)
        seen = [
            (best * weight).sum(1),
            (best * real).sum(1) / real.sum(1),
            best.masked_fill(~q_real, 2.0).min(1).values,
            whole.sum(-1),
        ]
        most = compared.masked_fill(~q_real[..., None], FAR_AWAY).max(1).values
        pooled = torch.cat(
            [(compared * weight[..., None]).sum(1), most, torch.stack(seen, 1)], dim=1
        )
        logits: Tensor = self.out[1](self.dropout(torch.relu(self.out[0](pooled))))[:, 0]
        return logits

    def _padded(
        self, rows: Sequence[States], linear: nn.Linear, kept: Tensor
    ) -> tuple[Tensor, Tensor]:
        longest = max(len(row) for row in rows)
        padded = np.zeros((len(rows), longest, linear.in_features), np.float16)
        real = np.zeros((len(rows), longest), np.bool_)
        for at, row in enumerate(rows):
            padded[at, : len(row)], real[at, : len(row)] = row, True
        states = torch.from_numpy(padded).float()
        return linear_of(states, linear.weight * kept, linear.bias), torch.from_numpy(real)

    def tensors(self, spaces: Spaces) -> dict[str, NDArray[np.float16]]:
        """As `network.Network` reads them, from states as the encoder gives them."""
        found: dict[str, Tensor] = {"scale": self.scale}
        for name, (centre, spread) in {"q": spaces.asked, "p": spaces.told}.items():
            linear: nn.Linear = getattr(self, name)
            weight = linear.weight / torch.from_numpy(spread)
            bias = linear.bias - weight @ torch.from_numpy(centre)
            found |= {f"{name}.weight": weight, f"{name}.bias": bias}
        parts = {"w": self.w, "cmp.0": self.cmp[0], "cmp.2": self.cmp[1]}
        for name, part in {**parts, "out.0": self.out[0], "out.2": self.out[1]}.items():
            found |= {f"{name}.{kind}": value for kind, value in part.named_parameters()}
        return {name: value.detach().numpy().astype(np.float16) for name, value in found.items()}


def _middle(rows: Tensor, real: Tensor) -> Tensor:
    return normalize((rows * real.float()[..., None]).sum(1), dim=-1)


async def embedded(lessons: Sequence[Lesson], embedder: TokenEmbedder) -> tuple[Known, Spaces]:
    """The states of all texts, centred and evened out, and by what."""
    texts = [(plain(x.question), False) for x in lessons] + [(t, True) for t in texts_of(lessons)]
    todo = sorted(dict.fromkeys(texts), key=lambda one: (one[1], len(one[0])))
    found: dict[tuple[str, bool], States] = {}
    for at in range(0, len(todo), EMBED_TOGETHER):
        for passages in (False, True):
            part = [text for text, kind in todo[at : at + EMBED_TOGETHER] if kind is passages]
            most = TOLD_TOKENS if passages else ASKED_TOKENS
            rows = await embedder.embed_tokens(part, passages=passages, most=most)
            found |= {(t, passages): r.astype(np.float16) for t, r in zip(part, rows, strict=True)}
    spaces = Spaces(*(_space([r for (_, p), r in found.items() if p is k]) for k in (False, True)))
    for key, row in found.items():
        centre, spread = spaces.told if key[1] else spaces.asked
        found[key] = ((row.astype(np.float32) - centre) / spread).astype(np.float16)
    return found, spaces


def _space(rows: Sequence[States]) -> Space:
    sample = np.concatenate(rows[:: max(1, len(rows) // SAMPLE)]).astype(np.float32)
    return sample.mean(0), sample.std(0) + 1e-3


def learn_network(
    lessons: Sequence[Lesson],
    known: Known,
    *,
    epochs: int,
    seed: int,
    tick: Callable[[int, float], None],
) -> ReadingNetwork:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    network = ReadingNetwork(next(iter(known.values())).shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    usable = [x for x in lessons if len(known[plain(x.question), False])]
    steps = epochs * math.ceil(sum(lesson.share for lesson in usable) / BATCH)
    done = 0
    for epoch in range(epochs):
        losses = []
        mine = [lesson for lesson in usable if rng.random() < lesson.share]
        for batch in _batches(mine, known, rng):
            share = min(1.0, (done + 1) / 60, max(0.02, 1 - done / steps))
            for group in optimiser.param_groups:
                group["lr"] = RATE * share
            loss = _loss(network, batch, known, rng)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            done += 1
            losses.append(float(loss.detach()))
        tick(epoch + 1, float(np.mean(losses)))
    network.eval()
    return network


def _batches(
    lessons: Sequence[Lesson], known: Known, rng: random.Random
) -> Sequence[Sequence[Lesson]]:
    """In random order, like lengths together."""
    length = [
        max(len(known[text, True]) for text in texts_of([lesson])) + 20 * rng.random()
        for lesson in lessons
    ]
    order = sorted(range(len(lessons)), key=length.__getitem__)
    found = [[lessons[i] for i in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]
    rng.shuffle(found)
    return found


def _loss(
    network: ReadingNetwork, lessons: Sequence[Lesson], known: Known, rng: random.Random
) -> Tensor:
    """Each entry: does it answer? And of each question: which one, if any?"""
    groups = [(plain(lesson.question), drawn(lesson, rng)) for lesson in lessons]
    groups = [(question, rows) for question, rows in groups if rows]
    asked = [known[question, False] for question, rows in groups for _ in rows]
    logits = network(asked, [known[text, True] for _, rows in groups for text, _ in rows])
    truth = torch.tensor([float(right) for _, rows in groups for _, right in rows])
    which, at = [], 0
    for _, rows in groups:
        among = torch.cat([logits[at : at + len(rows)], torch.zeros(1)])  # the last one: none
        right = next((n for n, row in enumerate(rows) if row[1]), len(rows))
        which.append(cross_entropy(among[None], torch.tensor([right])))
        at += len(rows)
    each = binary_cross_entropy_with_logits(logits, truth)
    return each + 0.5 * torch.stack(which).mean()


class Seen(NamedTuple):
    """A held-out question: the search's score of the first entry, the reading, and is it right?"""

    searched: float
    same: bool
    """It stands there word for word, and is answered without being read."""
    near: bool
    """It stands there nearly so, see `reader.is_near`."""
    read: float
    right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class Judged:
    questions: int
    answered: float
    """Share of the answerable ones that are answered rightly."""
    wrong: float
    """Share of them that are answered by another entry."""
    refused: float
    """Share of the others that are not answered."""


def judge(seen: Sequence[Seen], answer: float, read: float) -> Judged:
    given = [_is_answered(one, answer, read) for one in seen]
    known = [
        (is_given, one.right) for is_given, one in zip(given, seen, strict=True) if one.answerable
    ]
    others = [is_given for is_given, one in zip(given, seen, strict=True) if not one.answerable]
    return Judged(
        len(seen),
        float(np.mean([is_given and right for is_given, right in known])),
        float(np.mean([is_given and not right for is_given, right in known])),
        1 - float(np.mean(others)),
    )


def _is_answered(one: Seen, answer: float, read: float) -> bool:
    needed = DENIED if one.near else read
    return one.same or (one.searched >= answer and one.read >= needed)


def choose_limits(stores: Sequence[Sequence[Seen]], alone: Thresholds, refused: float) -> Limits:
    """Those by which most is answered, while in each store so many of the others are refused and no more
    is answered wrongly, on average, than by the search alone."""
    most_wrong = _mean([judge(seen, alone.answer, -math.inf).wrong for seen in stores])
    best, chosen = -1.0, (alone.answer, READS[-1])
    for step in range(LOWEST, round(alone.answer * 100) + 1):
        for read in READS:
            found = [judge(seen, step / 100, read) for seen in stores]
            good = min(one.refused for one in found) >= refused
            answered = _mean([one.answered for one in found])
            if good and _mean([one.wrong for one in found]) <= most_wrong and answered > best:
                best, chosen = answered, (step / 100, read)
    offered = [
        one.read
        for seen in stores
        for one in seen
        if one.right and one.searched >= alone.suggest and not _is_answered(one, *chosen)
    ]
    return Limits(*chosen, round(float(np.quantile(offered, LOST)) * 2) / 2)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def save_reader(
    folder: Path,
    networks: Sequence[Mapping[str, NDArray[np.float16]]],
    encoder: str,
    limits: Limits,
    judged: Mapping[str, Judged],
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"{n}.{name}": t for n, one in enumerate(networks) for name, t in one.items()}
    save_file(tensors, folder / NETWORK)
    card = {
        "encoder": encoder,
        "limits": asdict(limits),
        "not_learnt_from": {name: _rounded(asdict(one)) for name, one in judged.items()},
    }
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}
