"""Asks the live knowledge what a customer would ask, and says why it answers as it does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.faq.content import language_of
from app.faq.schemas.hit_test import CandidateOut, SearchAnswer, SearchRequest, ThresholdsOut
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.types import Hit, SearchResult
from nlu.types import Language


@cache
def words() -> Any:
    return YAML(typ="safe").load(Path(__file__).with_name("words.yml"))


async def hit_test(
    knowledge: LiveKnowledge, asked: SearchRequest, reader: Language
) -> SearchAnswer:
    """Candidates with both scores, thresholds and verdict; `reader` reads why."""
    language: Language = asked.language or language_of(asked.query)
    found = await knowledge.search(
        asked.query,
        language=language,
        context=asked.context,
        limit=asked.limit,
        audience=asked.audience,
    )
    return SearchAnswer(
        query=asked.query,
        searched=found.query,
        rewritten=found.rewritten,
        language=language,
        verdict=found.verdict,
        why=_why(found, reader),
        thresholds=ThresholdsOut(answer=found.thresholds.answer, suggest=found.thresholds.suggest),
        candidates=[candidate(hit, language) for hit in found.hits],
        timings_ms=found.timings_ms,
        entries=len(knowledge.entries_for(asked.audience)),
    )


def candidate(hit: Hit, language: Language) -> CandidateOut:
    return CandidateOut(
        entry_id=hit.entry.id,
        title=hit.entry.title(language),
        question=hit.question,
        answer=hit.entry.answer(language),
        category=hit.entry.category,
        kind=hit.entry.kind,
        audience=hit.entry.audience,
        score=round(hit.score, 4),
        lexical=round(hit.lexical, 4),
        semantic=round(hit.semantic, 4),
        features={name: round(value, 4) for name, value in hit.features.items()},
    )


def _why(found: SearchResult, reader: Language) -> str:
    best, at = found.best, found.thresholds
    key: str = found.verdict
    if best is None:
        key = "empty"
    elif best.entry.kind == "passage" and best.score >= at.answer:
        key = "passage"
    sentence: str = words()["why"][key][reader]
    score = f"{best.score:.2f}" if best else ""
    return sentence.format(score=score, answer=f"{at.answer:.2f}", suggest=f"{at.suggest:.2f}")
