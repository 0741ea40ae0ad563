"""How the desk works, as its owner has set it: who gets a chat, and how long a customer waits."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.audit import record
from app.handoff import team_repository as repository
from app.models.base import Priority

Minutes = int | None
"""None: no clock."""


class Promise(BaseModel):
    """What customers of one urgency may expect of the humans, in minutes."""

    model_config = ConfigDict(extra="forbid")

    first_reply_min: Minutes = Field(ge=1, le=100_000)
    next_reply_min: Minutes = Field(ge=1, le=100_000)
    resolution_min: Minutes = Field(ge=1, le=1_000_000)


def _promises() -> dict[Priority, Promise]:
    figures: dict[Priority, tuple[int, int, int]] = {
        "low": (15, 30, 2880),
        "normal": (5, 10, 1440),
        "high": (2, 5, 480),
        "urgent": (1, 3, 240),
    }
    return {
        priority: Promise(first_reply_min=first, next_reply_min=then, resolution_min=end)
        for priority, (first, then, end) in figures.items()
    }


class Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")

    auto_assign: bool = False
    """Whoever waits is given to an agent who is free, without anybody's claim."""
    method: Literal["least_loaded", "round_robin"] = "least_loaded"
    max_chats: int = Field(6, ge=1, le=500)
    """Open chats an agent is given at most, unless the agent's own number says otherwise."""
    raise_falling_mood: bool = True
    """Customers who are angry, or grow so, go before others."""
    promises: dict[Priority, Promise] = Field(default_factory=_promises)


class RulesService:
    def read(self, session: Session) -> Rules:
        row = repository.settings(session)
        return Rules.model_validate(row.rules) if row else Rules()

    def write(self, session: Session, agent_id: str, rules: Rules) -> Rules:
        repository.put_settings(session, rules.model_dump(mode="json"))
        record(session, agent_id, "desk_rules_changed")
        return rules
