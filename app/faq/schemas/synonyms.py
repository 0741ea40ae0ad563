"""Words that mean the same to customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.faq.schemas.texts import Phrasing, Request
from dialogue.knowledge.text import plain

MAX_GROUPS = 500

MAX_WORDS, MAX_WORD_CHARS = 30, 40

Word = Annotated[Phrasing, StringConstraints(max_length=MAX_WORD_CHARS)]


def share_a_word(one: Sequence[str], other: Sequence[str]) -> bool:
    """As customers write them: capitals and full width make no other word."""
    return not {plain(word) for word in one}.isdisjoint(plain(word) for word in other)


class SynonymsIn(Request):
    words: Annotated[list[Word], Field(min_length=2, max_length=MAX_WORDS)]
    """The first is what the others are read as."""

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        simple = [plain(word) for word in self.words]
        if short := next((w for w, p in zip(self.words, simple, strict=True) if len(p) < 2), None):
            raise ValueError(f"expected words of two characters or more, got {short!r}")
        if len(set(simple)) < len(simple):
            raise ValueError("expected each word once")
        return self


class SynonymsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    words: list[str]
    updated_at: datetime
    updated_by: str


class SynonymsAnswer(BaseModel):
    items: list[SynonymsOut]
