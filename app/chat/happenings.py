"""What may be told to other programs: facts about conversations, by the names they know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Event = Literal[
    "conversation.opened",
    "conversation.assigned",
    "conversation.closed",
    "conversation.rated",
    "handoff.requested",
    "message.created",
]


@dataclass(frozen=True, slots=True)
class Happened:
    """Handed to `app.db.tell`; whoever keeps a record of it does so in the same transaction."""

    event: Event
    conversation_id: str
    message_id: str | None = None
    detail: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    """No words of customers: those are read when it is told."""
