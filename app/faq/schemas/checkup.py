"""What is doubtful in the knowledge."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class FindingOut(BaseModel):
    """Something doubtful in an entry."""

    code: Literal["duplicate", "contradiction", "numbers", "near_miss", "expired", "past_date"]
    entry_id: str
    title: str
    other: str | None
    """The entry that it is too near to."""
    other_title: str | None
    question: str | None
    near: str | None
    """The other entry's phrasing."""
    suggestion: str | None
    """A wording that keeps the two apart."""
    words: str


class LintAnswer(BaseModel):
    items: list[FindingOut]
    """The first 500."""
    total: int
    entries: int
    compared: bool
    """Near misses were looked for: there is an encoder, and not too much to compare."""
    progress: float
    """Below 1 it is still being looked; ask again. Questions that are not indexed are embedded first."""
