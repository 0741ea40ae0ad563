"""Reads what would be answered or offered: does the entry say what is asked, or is it about the same?

A search compares; a question on the subject of an entry looks like one that it answers, and so does a
fault that is reported: ``台灯不亮了`` is not about the lamp's brightness. What reading does not take for
an answer is only offered, and what is far from one not even that. No score rises.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from dialogue.knowledge.reading.network import FloatArray, Network
from dialogue.knowledge.text import has_han, plain
from dialogue.knowledge.types import Hit, Thresholds
from nlu.types import Language, Overloaded, TokenEmbedder

FOLDER = Path(__file__).parent
"""The one that ships."""
NETWORK, CARD = "reader.safetensors", "card.json"
ASKED_TOKENS, TOLD_TOKENS = 40, 96
MOST_READ = 3
REMEMBERED = 500
"""Entries' texts whose tokens are kept, some 25 KiB each; others are encoded when they are found."""
BELOW = 1e-3
LIKELY = 0.5
"""A document's passage that the search takes for likelier than not is not read: it is no answer word for
word, but something to write one from."""
NEAR = 0.6
"""From this cosine on a phrasing says what the question says, or nearly: where the search is certain,
too, it is enough that reading does not deny it."""
DENIED = -1.0
"""A logit below it says that something else is asked."""


@dataclass(frozen=True, slots=True)
class Limits:
    answer: float
    """What reads as an answer is one from this score of the search's on, below what the search alone is
    trusted with."""
    read: float
    """The logit from which on it does."""
    offer: float
    """The logit below which an entry is not even offered."""


class Reader:
    """Networks over one encoder's tokens."""

    def __init__(
        self, networks: Sequence[Network], embedder: TokenEmbedder, limits: Limits
    ) -> None:
        self._networks, self._embedder, self.limits = networks, embedder, limits
        self._told: LRUCache[str, NDArray[np.float16]] = LRUCache(REMEMBERED)

    @classmethod
    def load(cls, embedder: TokenEmbedder, folder: Path = FOLDER) -> Self | None:
        """None where `embedder` is another encoder than the networks have learnt to read."""
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
        if card["encoder"] != embedder.encoder_id:
            return None
        return cls(Network.load(folder / NETWORK), embedder, Limits(**card["limits"]))

    async def checked(
        self, query: str, hits: Sequence[Hit], language: Language, alone: Thresholds
    ) -> tuple[Hit, ...]:
        """`hits`, best first, with lower scores where they are no answers to `query`.

        `alone` is what the search is trusted with: with what stands in the store nearly so, and with all
        where the engine is too busy.
        """
        if not hits or hits[0].score < alone.suggest or hits[0].is_stored:
            return tuple(hits)
        doubtful = [hit for hit in hits[:MOST_READ] if self._is_doubtful(hit, alone)]
        try:
            logits = await self.logits(query, [told(hit, language) for hit in doubtful])
        except Overloaded:
            most = self.limits.answer - BELOW
            return tuple(h if h.score >= alone.answer else _at_most(h, most) for h in hits)
        read = dict(zip((hit.entry.id for hit in doubtful), logits, strict=True))
        weighed = [self._weighed(hit, read.get(hit.entry.id), alone) for hit in hits]
        return tuple(sorted(weighed, key=lambda hit: -hit.score))

    def _is_doubtful(self, hit: Hit, alone: Thresholds) -> bool:
        return hit.score >= alone.suggest and (hit.entry.kind == "faq" or hit.score < LIKELY)

    def _weighed(self, hit: Hit, logit: float | None, alone: Thresholds) -> Hit:
        if logit is None:
            return hit
        seen = replace(hit, features={**hit.features, "reading": logit})
        if logit < self.limits.offer:
            return _at_most(seen, alone.suggest - BELOW)
        needed = DENIED if is_near(hit, alone.answer) else self.limits.read
        return seen if logit >= needed else _at_most(seen, self.limits.answer - BELOW)

    async def logits(self, query: str, texts: Sequence[str]) -> list[float]:
        """How surely each of `texts` answers `query`; 0 is undecided. Raises `Overloaded`."""
        if not texts:
            return []
        (states,), rows = await asyncio.gather(  # in one batch
            self._embedder.embed_tokens([plain(query)], most=ASKED_TOKENS),
            asyncio.gather(*(self._entry(text) for text in texts)),
        )
        if not len(states):
            return [0.0] * len(rows)
        return await asyncio.to_thread(self._compared, states, rows)

    def _compared(self, states: FloatArray, rows: Sequence[NDArray[np.float16]]) -> list[float]:
        asked = [network.asked(states) for network in self._networks]
        return [self._logit(asked, row.astype(np.float32)) for row in rows]

    def _logit(self, asked: Sequence[FloatArray], row: FloatArray) -> float:
        if not row.shape[1]:
            return 0.0
        each = zip(self._networks, asked, row, strict=True)
        return float(np.mean([network.logit(q, p) for network, q, p in each]))

    async def _entry(self, text: str) -> NDArray[np.float16]:
        """The text's tokens as each network compares them, (networks, tokens, size)."""
        row: NDArray[np.float16] | None = self._told.get(text)
        if row is None:
            (states,) = await self._embedder.embed_tokens([text], passages=True, most=TOLD_TOKENS)
            each = [network.told(states) for network in self._networks]
            row = self._told[text] = np.stack(each).astype(np.float16)
        return row


def _at_most(hit: Hit, score: float) -> Hit:
    return replace(hit, score=min(hit.score, score))


def told(hit: Hit, language: Language) -> str:
    """An entry as it is read: the phrasing that matched, or what it is about, and what it says."""
    asked = hit.question if has_han(hit.question) == (language == "zh") else None
    return plain(f"{asked or hit.entry.title(language)} {hit.entry.answer(language)}")


def is_near(hit: Hit, certain: float) -> bool:
    """Whether it stands there nearly as it is asked."""
    return hit.score >= certain and hit.features.get("near", 0.0) >= NEAR
