"""The real dialogue on a small bot, with an understanding that reads payloads and one phrase."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from app_fakes import ScriptedParser
from numpy.typing import NDArray

from app.config import Settings
from app.db import Database
from app.engines import Engines
from dialogue.assistant import Assistant
from dialogue.project import load_project

CAFE = Path(__file__).parent.parent / "dialogue" / "bots" / "cafe"


class HashEmbedder:
    """A unit vector that depends on the text alone."""

    width = 8

    async def embed(self, texts: Sequence[str], *, passages: bool = False) -> NDArray[np.float32]:
        seeds = (zlib.crc32(text.encode()) for text in texts)
        rows = np.stack([np.random.default_rng(seed).normal(size=self.width) for seed in seeds])
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit.astype(np.float32)

    def count(self, text: str) -> int:
        return len(text)


async def cafe_engines(settings: Settings, database: Database) -> Engines:
    return Engines(
        parser=ScriptedParser(),
        assistant=Assistant.build(load_project(CAFE)),  # type: ignore[arg-type]
        embedder=HashEmbedder(),
    )
