"""Lets a model's sentences through one by one, as they are finished, if a passage says them."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from dialogue.generate.grounding import check, courteous, sentences
from dialogue.generate.prompt import NO_ANSWER
from dialogue.generate.types import Generated, Passage, Refusal, Refused
from dialogue.types import Citation, OnPartial

MOST_CHARS = 2_000
"""A reply longer than this is babble; what comes after is not read."""
MOST_DROPPED = 8
_FINISHED = re.compile(r"[。！？!?\n]|\.\s")
_CITATION = re.compile(r"\s*\[\d+\]")


class CheckedReply:
    """Collects deltas; shows and keeps only supported sentences."""

    def __init__(self, passages: Sequence[Passage], on_partial: OnPartial | None) -> None:
        self._passages = passages
        self._texts = [passage.text for passage in passages]
        self._on_partial = on_partial
        self._pending = ""
        self._length = 0
        self._kept: list[str] = []
        self._dropped: list[str] = []
        self._cited: dict[int, None] = {}
        self._unknown = False
        self._began = time.perf_counter()
        self._first_ms: float | None = None

    @property
    def full(self) -> bool:
        return self._length >= MOST_CHARS

    async def add(self, delta: str) -> None:
        """Take some more characters, and show what sentences they complete."""
        if self._first_ms is None:
            self._first_ms = (time.perf_counter() - self._began) * 1000
        delta = delta[: MOST_CHARS - self._length]
        self._length += len(delta)
        self._pending += delta
        cut = max((m.end() for m in _FINISHED.finditer(self._pending)), default=0)
        if cut:
            finished, self._pending = self._pending[:cut], self._pending[cut:]
            await self._judge(finished)

    async def _judge(self, text: str) -> None:
        for sentence in sentences(_CITATION.sub("", text)):
            if sentence.strip(" .。") == NO_ANSWER:
                self._unknown = True
                continue
            verdict = check(sentence, self._texts)
            if not verdict.supported:
                if len(self._dropped) < MOST_DROPPED:
                    self._dropped.append(f"{sentence} ({verdict.reason})")
                continue
            if sentence in self._kept:
                continue
            self._kept.append(sentence)
            if verdict.passage is not None:
                self._cited[verdict.passage] = None
            if self._on_partial is not None and self._cited:
                await self._on_partial(self._text())

    def _text(self) -> str:
        text = ""
        for sentence in self._kept:
            text += (" " if text and text[-1].isascii() else "") + sentence
        return text

    async def end(self, model: str, *, complete: bool = True) -> Generated | Refused:
        """The reply. `complete` is false if the stream was cut: its last piece is not judged."""
        if complete and self._pending.strip():
            await self._judge(self._pending)
        dropped = tuple(self._dropped)
        if not self._cited:
            said = self._kept and not all(map(courteous, self._kept))
            reason: Refusal = "unknown" if self._unknown and not dropped else "ungrounded"
            return Refused(reason, dropped, "" if said else "nothing supported")
        first = (("first_token", self._first_ms),) if self._first_ms is not None else ()
        total = (time.perf_counter() - self._began) * 1000
        citations = tuple(
            Citation(self._passages[i].id, self._passages[i].title, self._passages[i].url)
            for i in self._cited
        )
        return Generated(self._text(), citations, dropped, model, (*first, ("decode", total)))
