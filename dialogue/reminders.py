"""Reminders of a conversation: set and cancelled by events, due at a moment, done once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dialogue.events import (
    Event,
    ReminderCancelled,
    ReminderScheduled,
    Restarted,
    UserUttered,
    event_from_json,
)
from dialogue.types import StoredEvent

_TELLING = ("reminder", "cancel_reminder", "user", "restart")
EXTERNAL = "is_external"
"""Marks what no customer said, as Rasa does."""


def pending_reminders(history: Sequence[StoredEvent]) -> list[ReminderScheduled]:
    """Those that have been set and neither cancelled nor overtaken, the next first."""
    pending: list[ReminderScheduled] = []
    for raw in history:
        if raw.get("event") in _TELLING:
            pending = _after(pending, event_from_json(raw))
    return sorted(pending, key=due_at)


def due_at(reminder: ReminderScheduled) -> float:
    """Unix seconds; a time without a zone is this machine's, as rasa-sdk writes it."""
    return datetime.fromisoformat(reminder.trigger_date_time).timestamp()


def next_due_at(history: Sequence[StoredEvent]) -> float | None:
    pending = pending_reminders(history)
    return due_at(pending[0]) if pending else None


def done(reminder: ReminderScheduled) -> ReminderCancelled:
    """What keeps `reminder` from being done again."""
    return ReminderCancelled(reminder.name, reminder.intent, reminder.entities)


def _after(pending: list[ReminderScheduled], event: Event) -> list[ReminderScheduled]:
    match event:
        case ReminderScheduled():
            others = [one for one in pending if one.name is None or one.name != event.name]
            return [*others, event] if _readable(event) else others
        case ReminderCancelled():
            return [one for one in pending if not _cancels(event, one)]
        case UserUttered() if not event.metadata.get(EXTERNAL):
            return [one for one in pending if not one.kill_on_user_message]
        case Restarted():
            return []
    return pending


def _readable(reminder: ReminderScheduled) -> bool:
    try:
        due_at(reminder)
    except (ValueError, OverflowError):
        return False
    return True


def _cancels(cancelled: ReminderCancelled, reminder: ReminderScheduled) -> bool:
    if cancelled.name is not None and cancelled.name != reminder.name:
        return False
    if cancelled.intent is not None and cancelled.intent != reminder.intent:
        return False
    return not cancelled.entities or set(cancelled.entities) == set(reminder.entities)
