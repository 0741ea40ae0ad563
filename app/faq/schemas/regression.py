"""The test questions that guard publishing."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.faq.schemas.entries import Content
from app.faq.schemas.texts import EntryId, Request, Text


class CaseIn(Request):
    query: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    entry_id: EntryId | None
    """null: no entry may answer it."""


class CaseOut(BaseModel):
    id: str
    query: str
    entry_id: str | None


class CasesAnswer(BaseModel):
    items: list[CaseOut]


class ProposedChange(Request):
    entry_id: EntryId
    content: Content | None
    """null: the entry is taken away."""


class CheckRequest(Request):
    """What would become of the regression set. Empty: with all drafts published."""

    changes: list[ProposedChange] = Field(default_factory=list, max_length=1_000)


class CaseResult(BaseModel):
    query: str
    expected: str | None
    before: str | None
    """The entry that answers now; null for none."""
    after: str | None
    score_before: float
    score_after: float


class CheckAnswer(BaseModel):
    cases: int
    passed_before: int
    passed_after: int
    worse: list[CaseResult]
    better: list[CaseResult]
    failing: list[CaseResult]
    """Answered wrong before and after."""
    blocks: bool
    """Publishing this is refused with 409 `check_failed` and these lists."""
