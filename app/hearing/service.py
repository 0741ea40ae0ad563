"""Recordings are written down one after the other; whoever finds too many waiting is told so."""

from __future__ import annotations

import asyncio

import numpy as np

from app.errors import Busy, NotFound, Refused
from app.hearing.types import SAMPLE_RATE, Heard, Recognizer
from nlu.types import Language

MAX_WAITING = 6
"""About ten seconds of patience; one more would rather type."""
SHORTEST_S = 0.3
SILENCE = 1e-3
"""Below it nothing but the microphone's own noise was recorded."""


class HearingService:
    """Nothing is kept of a recording."""

    def __init__(self, recognizer: Recognizer | None) -> None:
        self._recognizer = recognizer
        self._one = asyncio.Lock()
        self._waiting = 0

    @property
    def available(self) -> bool:
        return self._recognizer is not None

    async def write_down(self, recording: bytes, expected: Language) -> Heard:
        """Raises `Refused` (``sound_damaged``), `Busy`, `NotFound` when hearing is off."""
        if self._recognizer is None:
            raise NotFound()
        if not recording:
            raise Refused("sound_damaged")
        if self._waiting >= MAX_WAITING:
            raise Busy("hearing_busy", retry_after_s=5)
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(self._hear, self._recognizer, recording, expected)
        finally:
            self._waiting -= 1

    @staticmethod
    def _hear(recognizer: Recognizer, recording: bytes, expected: Language) -> Heard:
        sound = recognizer.decode(recording)
        loudest = float(np.abs(sound).max(initial=0.0))
        if len(sound) < SHORTEST_S * SAMPLE_RATE or loudest < SILENCE:
            return Heard(text="", language=expected)
        return recognizer.hear(sound, expected)
