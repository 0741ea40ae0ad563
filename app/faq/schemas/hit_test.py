"""The hit test: what a search finds, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.faq.schemas.texts import Request, Text
from dialogue.knowledge.types import Audience, EntryKind, Verdict
from nlu.types import Language


class SearchRequest(Request):
    query: Annotated[Text, StringConstraints(min_length=1, max_length=2_000)]
    language: Language | None = None
    """Left out: told by the script."""
    context: list[Text] = Field(default_factory=list, max_length=10)
    """What the customer said before, oldest first."""
    limit: int = Field(10, ge=1, le=50)
    audience: Audience = "everyone"
    """Whose eyes to look with."""


class CandidateOut(BaseModel):
    entry_id: str
    title: str
    question: str
    """The phrasing that matched best."""
    answer: str
    category: str
    kind: EntryKind
    audience: Audience
    score: float
    """Probability in [0, 1] that it answers."""
    lexical: float
    """Words, [0, 1]."""
    semantic: float
    """Vectors, cosine [-1, 1]."""
    features: Mapping[str, float]


class ThresholdsOut(BaseModel):
    answer: float
    suggest: float


class SearchAnswer(BaseModel):
    query: str
    searched: str
    """As searched: completed from the context, if that was needed."""
    rewritten: bool
    language: Language
    verdict: Verdict
    why: str
    """The verdict in words, in the language of the request."""
    thresholds: ThresholdsOut
    candidates: list[CandidateOut]
    timings_ms: Mapping[str, float]
    entries: int
    """How many are searched now."""
