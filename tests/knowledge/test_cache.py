"""The vectors on disk: a second start embeds nothing, a broken file stops no start."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.knowledge.cache import VectorCache
from dialogue.knowledge.live import LiveKnowledge
from tests.knowledge.faq import ENTRIES, HashingEmbedder


async def start(path: Path, model_id: str = "a") -> int:
    """How many texts a start has embedded."""
    embedder = HashingEmbedder()
    cache = VectorCache(path, model_id, embedder.width)
    await LiveKnowledge(embedder, cache=cache).replace(ENTRIES)
    return len(embedder.asked)


async def test_a_second_start_embeds_nothing_and_another_encoder_all(tmp_path: Path) -> None:
    path = tmp_path / "made" / "knowledge.npz"
    first = await start(path)
    assert first > 0
    assert await start(path) == 0
    assert await start(path, "b") == first


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no archive"])
async def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "knowledge.npz"
    path.write_bytes(content)
    assert await start(path) > 0
    assert await start(path) == 0
