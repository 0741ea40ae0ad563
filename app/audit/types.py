from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class AuditQuery(BaseModel):
    """What is asked for is narrowed by whatever is named."""

    model_config = ConfigDict(extra="forbid")

    actor: str | None = Field(None, max_length=64)
    action: str | None = Field(None, max_length=60)
    subject: str | None = Field(None, max_length=320)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    """Excluded."""
    before: int | None = Field(None, ge=1, le=2**62)
    """The `next` of the page before."""
    limit: int = Field(50, ge=1, le=200)


class AuditRow(BaseModel):
    position: int
    at: datetime
    actor: str
    """An agent's id, or ``system``."""
    actor_name: str | None
    action: str
    subject: str
    subject_name: str | None
    """Where it is an agent."""
    detail: dict[str, Any]


class AuditAnswer(BaseModel):
    """The latest first."""

    items: list[AuditRow]
    next: int | None


class Actor(BaseModel):
    id: str
    name: str | None


class AuditState(BaseModel):
    """Whether the log is whole, and what it can be narrowed by."""

    entries: int
    first_broken: int | None
    """Position of the first entry that was changed, or follows one that is missing."""
    actions: list[str]
    actors: list[Actor]
