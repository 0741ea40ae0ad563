"""What is tuned: the encoder's upper layers and three heads over them, in torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from nlu.encoder.runtime import Encoder
from nlu.encoder.torch_runtime import precision_on
from nlu.heads import LinearHead, TagHead
from nlu.train.contrast import contrast
from nlu.train.features import Tagged, pad_states
from nlu.train.layers import TunedLayer
from nlu.train.linear import cross_entropy as cross_entropy_of
from nlu.train.start import started
from nlu.train.tags import TagNetwork, UnitBatch, entity_f1

TUNED_FROM = 1
BATCH = 32
SMOOTHING = 0.1
DROPOUT = 0.1
SAMPLE = 8
"""Batches that the scale of the tag head's inputs is taken from."""
States = NDArray[np.float16]  # (tokens, width)


@dataclass(frozen=True, slots=True)
class TuneRow:
    """One text: its states after the first layers, and the labels it has (-100: none)."""

    states: NDArray[np.float16]  # (tokens, width)
    intent: int = -100
    sentiment: int = -100
    words: NDArray[np.float16] | None = None
    """(tokens, width) of an untuned layer: the tag head reads them beside the tuned ones."""
    tagged: Tagged | None = None

    @property
    def told(self) -> bool:
        """Whether it has any label."""
        return self.intent >= 0 or self.sentiment >= 0 or self.tagged is not None


class TunedNetwork(nn.Module):
    """The encoder's upper layers, in the processor's own precision, and three heads in float32."""

    def __init__(self, encoder: Encoder, sizes: Sequence[int]) -> None:
        super().__init__()
        self.width = encoder.width
        self.precision = precision_on(torch.device("cpu"))
        weights = started(encoder.weights, encoder.card.source_sha256)
        tuned = [
            TunedLayer(weights, f"encoder.layer.{at}.", encoder.card.shape, DROPOUT)
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

    def loss(self, rows: Sequence[TuneRow], alike: float = 0.0) -> torch.Tensor:
        """`alike` is what drawing texts of one intent together counts for."""
        hidden, mask = self(rows)
        hidden = self.dropout(hidden)
        pooled = _pooled(hidden, mask)
        total: torch.Tensor = hidden.new_zeros(())
        for head, name in ((0, "intent"), (1, "sentiment")):
            labels = torch.tensor([getattr(row, name) for row in rows])
            if (labels >= 0).any():
                logits = self.heads[head](pooled)
                total = total + cross_entropy(logits, labels, label_smoothing=SMOOTHING)
                if alike:
                    total = total + alike * contrast(pooled[labels >= 0], labels[labels >= 0])
        marked = [at for at, row in enumerate(rows) if row.tagged and len(row.tagged.tags)]
        if marked and self.tags is not None:
            units = UnitBatch.of([tagged for at in marked if (tagged := rows[at].tagged)])
            states = units.take(self.with_words(hidden[marked], [rows[at] for at in marked]))
            emissions = self.tags(states, units.hashes, units.shapes)
            total = total + self.tags.loss(emissions, units.tags).mean()
        return total

    def judged(self, rows: Sequence[TuneRow]) -> tuple[float, float]:
        """How right the heads are on `rows`, all heads together, and how likely the labels."""
        right, likely = 0.0, 0.0
        pooled = np.zeros((len(rows), self.width), np.float32)
        tokens = [np.zeros((0, self.width), np.float16)] * len(rows)
        order = sorted(range(len(rows)), key=lambda at: len(rows[at].states))
        for at in range(0, len(order), BATCH):
            chunk = order[at : at + BATCH]
            hidden, mask = self([rows[row] for row in chunk])
            pooled[chunk] = _pooled(hidden, mask).numpy()
            for i, row in enumerate(chunk):
                tokens[row] = hidden[i, : len(rows[row].states)].numpy().astype(np.float16)
        for head, name in ((0, "intent"), (1, "sentiment")):
            labels = np.array([getattr(row, name) for row in rows])
            known = labels >= 0
            if known.any():
                logits = self.linear_head(head).logits(pooled[known])
                right += float((logits.argmax(axis=1) == labels[known]).mean())
                likely -= cross_entropy_of(logits, labels[known])
        tag_head = self.tag_head()
        marked = [(row.tagged, row.words, own) for row, own in zip(rows, tokens, strict=True)]
        asked = [
            (t, np.concatenate([own, w], axis=1)) for t, w, own in marked if t and w is not None
        ]
        if tag_head is not None and asked:
            right += entity_f1(tag_head, [t for t, _ in asked], [states for _, states in asked])
        return right, likely

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


def _pooled(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """(b, t, width) -> (b, width)"""
    weights = mask.unsqueeze(-1).float()
    return (hidden * weights).sum(1) / weights.sum(1)
