"""An engine that needs no model: what it says is a hum."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.voice.audio import SAMPLE_RATE_HZ, Mp3Encoder
from app.voice.types import UnknownVoice, Utterance, VoiceError
from nlu.types import Language


@dataclass
class ToneEngine:
    """An engine that hums: one MP3 chunk per gate opened, or a failure."""

    name: str = "tone"
    chunks: int = 2
    fails_after: int | None = None
    failure: VoiceError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    said: list[Utterance] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self.gate.set()

    def voice_for(self, language: Language, voice: str | None) -> str:
        if voice is not None and voice not in ("low", "high"):
            raise UnknownVoice(frozenset({"low", "high"}), voice)
        return voice or "low"

    async def speak(self, utterance: Utterance) -> AsyncIterator[bytes]:
        self.said.append(utterance)
        self.began.set()
        encoder = Mp3Encoder()
        for n in range(self.chunks):
            if self.fails_after == n and self.failure is not None:
                raise self.failure
            yield encoder.encode(hum(0.5))
            await self.gate.wait()
        yield encoder.finish()

    async def close(self) -> None:
        self.closed = True


def hum(seconds: float, hertz: float = 220.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    times = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
