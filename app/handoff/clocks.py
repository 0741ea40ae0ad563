"""The facts by which a customer's waiting is measured; every due time follows from them.

They stand on the conversation's row. `app.handoff.rules` says how long each may last.
"""

from __future__ import annotations

from app.models import Conversation, now


def human_wanted(row: Conversation) -> None:
    """The customer came to the humans, or was there already."""
    row.human_since = row.human_since or now()
    row.awaiting_since = row.awaiting_since or now()


def humans_done(row: Conversation) -> None:
    """The conversation went back to the bot, or is over."""
    row.human_since = row.awaiting_since = row.responded_at = None
    row.held_at = row.snoozed_until = None
    row.held_s = 0.0


def customer_wrote(row: Conversation) -> None:
    """Whoever writes wakes what was put off, and waits for an answer if a human owes it."""
    row.snoozed_until = None
    if row.owner in ("queued", "agent"):
        row.awaiting_since = row.awaiting_since or now()


def agent_wrote(row: Conversation) -> None:
    row.awaiting_since = None
    row.responded_at = row.responded_at or now()
    resume(row)


def hold(row: Conversation) -> None:
    row.held_at = row.held_at or now()


def resume(row: Conversation) -> None:
    if row.held_at is not None:
        row.held_s += (now() - row.held_at).total_seconds()
        row.held_at = None
