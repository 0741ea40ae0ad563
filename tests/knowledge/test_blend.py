"""The shipped blend and reader and the real encoder, on questions that were not learned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.config import Settings
from app.faq.seed import project_entries
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.reading.reader import Reader
from dialogue.knowledge.rows import question_rows
from dialogue.knowledge.text import has_han, plain
from nlu.engine import Engine

QUERIES = Path("bots/shop/eval/faq_queries.jsonl")


def queries() -> list[dict[str, Any]]:
    return [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
async def test_the_blend_beats_the_vectors_alone_and_what_it_answers_is_right() -> None:
    settings = Settings()
    entries = project_entries(Path("bots/shop"), ZoneInfo("Asia/Shanghai"))
    rows = queries()
    engine = Engine.load(None, settings.encoder_folder)
    await engine.start()
    try:
        knowledge = LiveKnowledge(engine, reader=Reader.load(engine))
        await knowledge.replace(entries)
        asked = await engine.embed([plain(row["query"]) for row in rows])
        stored = question_rows(entries)
        alone = asked @ (await engine.embed(stored.texts)).T
        ours, theirs, answered = [], [], []
        for row, vector, near in zip(rows, asked, alone, strict=True):
            language = "zh" if has_han(row["query"]) else "en"
            found = await knowledge.search(row["query"], language=language, vector=vector)
            assert found.best is not None
            right = found.best.entry.id == row["entry"]
            if found.verdict == "answer":
                answered.append(right)
            if row["entry"] is not None:
                ours.append(right)
                theirs.append(entries[stored.owner[int(np.argmax(near))]].id == row["entry"])
    finally:
        await engine.close()
    assert np.mean(ours) > np.mean(theirs) + 0.03, (np.mean(ours), np.mean(theirs))
    assert np.mean(ours) > 0.9, np.mean(ours)
    assert np.mean(answered) > 0.85, np.mean(answered)
    assert len(answered) > len(rows) / 3, len(answered)
