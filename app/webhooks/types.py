"""What the delivery of webhooks has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from app.chat.happenings import Event

Failure = Literal[
    "address_inside",
    "answer_status",
    "no_answer",
    "not_reached",
    "secret_unreadable",
    "too_old",
]
"""Why an attempt failed; the words are the dashboard's."""
TEST = "webhook.test"
Told = Event | Literal["webhook.test"]


@dataclass(frozen=True, slots=True)
class DeliveryOwed:
    """Told with a unit of work that owes somebody a delivery: the courier need not look each time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one attempt."""

    status: int | None
    error: Failure | None
    duration_ms: float = 0.0

    @property
    def delivered(self) -> bool:
        return self.error is None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery, ready to be sent."""

    id: str
    webhook_id: str
    url: str
    sealed_secrets: tuple[str, ...]
    """Of these it is signed with each; the newest first."""
    event: str
    created_at: datetime
    data: Mapping[str, Any]
