"""The bot's understanding, and beside it what further models take a message for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from nlu.types import DEFAULT_MODEL, FALLBACK_INTENT, ModelHost, Understanding


class TaggingParser:
    """Of a customer's message: the bot's own model, and `names` for the topics that become tags."""

    def __init__(self, host: ModelHost, names: Sequence[str]) -> None:
        self._host = host
        self._names = tuple(names)

    async def parse(self, text: str) -> Understanding:
        """Raises `Overloaded`."""
        served = self._host.models
        names = [DEFAULT_MODEL, *(name for name in self._names if name in served)]
        own, *others = await asyncio.gather(*(self._host.parse(text, name) for name in names))
        if own.vector is None:  # a button's payload has no topic
            return own
        topics = tuple(
            other.intent.name for other in others if other.intent.name != FALLBACK_INTENT
        )
        return replace(own, topics=topics)
