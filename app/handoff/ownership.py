"""Who may speak in a conversation: one table of transitions, one function that applies it.

`bot` answers by itself; `queued` waits for a human; `agent` is one named human, and then the bot
cannot speak; `closed` is over until somebody writes or reopens. Pure: nothing here knows a
database or a socket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.errors import Conflict, Forbidden
from app.models.base import Owner

Command = Literal[
    "request_human",  # the customer or the bot asks for a human
    "cancel",  # the customer would rather go on with the bot
    "claim",  # an agent takes it
    "release",  # its agent puts it back into the queue
    "hand_back",  # its agent gives it to the bot
    "transfer",  # its agent gives it to another agent
    "close",  # an agent ends it
    "reopen",  # an agent opens it again, for themselves
    "write",  # the customer writes
]


@dataclass(frozen=True, slots=True)
class Ownership:
    owner: Owner
    agent_id: str | None = None
    """Set exactly when `owner` is ``agent``."""

    def __post_init__(self) -> None:
        if (self.owner == "agent") != (self.agent_id is not None):
            raise ValueError(f"expected an agent exactly when an agent owns, got {self}")


@dataclass(frozen=True, slots=True)
class Actor:
    kind: Literal["visitor", "bot", "agent"]
    id: str
    may_override: bool = False
    """Supervisors and admins act on the conversations of others."""


TRANSITIONS: dict[tuple[Owner, Command], Owner] = {
    ("bot", "request_human"): "queued",
    ("queued", "request_human"): "queued",
    ("agent", "request_human"): "agent",
    ("closed", "request_human"): "queued",
    ("bot", "cancel"): "bot",
    ("queued", "cancel"): "bot",
    ("bot", "claim"): "agent",
    ("queued", "claim"): "agent",
    ("agent", "claim"): "agent",
    ("agent", "release"): "queued",
    ("agent", "hand_back"): "bot",
    ("queued", "hand_back"): "bot",
    ("agent", "transfer"): "agent",
    ("bot", "close"): "closed",
    ("queued", "close"): "closed",
    ("agent", "close"): "closed",
    ("closed", "close"): "closed",
    ("closed", "reopen"): "agent",
    ("bot", "write"): "bot",
    ("queued", "write"): "queued",
    ("agent", "write"): "agent",
    ("closed", "write"): "bot",
}
"""Whatever is not listed is refused with ``wrong_state``."""

OWN_ONLY: frozenset[Command] = frozenset({"release", "hand_back", "transfer", "close"})
"""While an agent owns, these belong to that agent (and to whoever may override)."""
BY_AGENTS: frozenset[Command] = OWN_ONLY | {"claim", "reopen"}


def apply(before: Ownership, command: Command, actor: Actor, to: str | None = None) -> Ownership:
    """Return who owns afterwards; `to` is the agent a transfer goes to.

    Raises `Conflict` (``wrong_state``, ``already_claimed``) and `Forbidden` (``not_owner``).
    """
    after = TRANSITIONS.get((before.owner, command))
    if after is None:
        raise Conflict("wrong_state", owner=before.owner)
    if command in BY_AGENTS and actor.kind != "agent":
        raise Forbidden("forbidden")
    if before.owner == "agent" and before.agent_id != actor.id:
        if command == "claim":
            raise Conflict("already_claimed", agent_id=before.agent_id)
        if command in OWN_ONLY and not actor.may_override:
            raise Forbidden("not_owner")
    if after != "agent":
        return Ownership(after)
    match command:
        case "claim" | "reopen":
            return Ownership("agent", actor.id)
        case "transfer":
            if to is None:
                raise Conflict("agent_not_found")
            return Ownership("agent", to)
        case _:
            return before
