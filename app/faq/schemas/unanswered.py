"""Questions asked in vain, in clusters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from app.faq.schemas.entries import Content
from app.faq.schemas.hit_test import CandidateOut
from app.faq.schemas.texts import EntryId, Request, Text
from nlu.types import Language


class UnansweredQuestion(BaseModel):
    message_id: str
    conversation_id: str
    text: str
    at: datetime
    reason: Literal["unanswered", "bad_rating", "handoff"]
    intent: str | None = None
    """What it was taken for, or nearly."""


class ClusterOut(BaseModel):
    """Questions that mean about the same."""

    title: str
    """The one nearest to all others."""
    language: Language
    size: int
    last_at: datetime
    questions: list[UnansweredQuestion]
    """Latest first."""
    intent: str | None
    """What most of them were taken for, or nearly: a guess of what they are examples of."""
    nearest: CandidateOut | None
    """The live entry that comes nearest: perhaps it only lacks a phrasing."""


class UnansweredAnswer(BaseModel):
    items: list[ClusterOut]
    """Largest first."""
    questions: int
    """How many were looked at."""


class ClusterEntry(Request):
    """Turn a cluster into an entry, or into phrasings of one that there is."""

    message_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)]
    entry_id: EntryId | None = None
    """An entry that there is: the questions become phrasings of it; `content` is left out."""
    content: Content | None = None
    """A new entry."""
    publish: bool = False
    cases: bool = True
    """Also put the questions into the regression set."""
    intent: Annotated[Text, StringConstraints(min_length=1, max_length=200)] | None = None
    """Also make the questions examples of this intent, for the next training."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.entry_id is None) == (self.content is None):
            raise ValueError("expected either entry_id or content")
        return self


class DismissRequest(Request):
    message_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)]
