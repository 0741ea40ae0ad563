"""What else holds a message's words: the turn that read it, the dialogue's events, the card that an
agent was handed. When the message is taken back, they go there too."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from app.chat import event_repository, repository
from app.models import Turn

GONE = "…"
RECALLED = {"recalled": True}
"""Trace of a turn that is under way, one of whose messages was taken back."""


def forget_words(session: Session, turn: Turn, words: str) -> None:
    """`words`: of the message of this turn that was taken back.

    What the turn set in the dialogue is unset, as if it had never been said. Its other messages
    stay where people read them, and go from the understanding, which held them all in one.
    """
    turn.understanding = None
    told: set[str] = set()
    for row in event_repository.of_turn(session, turn.id):
        if row.event.get("event") == "slot" and row.event.get("name") != "requested_slot":
            told.add(str(row.event.get("value")))
        row.event = _without_words(row.event)
    told -= {"None", "True", "False"}
    for later in repository.turns_of(session, turn.conversation_id):
        if later.trace:
            later.trace = _trace_without(later.trace, told, own=later.id == turn.id)
    for card in repository.handoff_cards(session, turn.conversation_id):
        card.slots = _slots_without(card.slots, told)
        for part in sorted(filter(None, (words.strip(), *told)), key=len, reverse=True):
            card.summary = card.summary.replace(part, GONE)


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    match event.get("event"):
        case "user":
            parsed = event.get("parse_data") or {}
            kept = {key: parsed[key] for key in ("intent", "language") if key in parsed}
            return {**event, "text": "", "parse_data": {"text": "", "entities": [], **kept}}
        case "slot" if event.get("name") != "requested_slot":
            return {**event, "value": None}
        case _:
            return event


def _trace_without(trace: dict[str, Any], told: Collection[str], *, own: bool) -> dict[str, Any]:
    if own:
        return {**trace, "slots": {}, "notes": []}
    return {**trace, "slots": _slots_without(trace.get("slots") or {}, told)}


def _slots_without(slots: dict[str, Any], told: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in slots.items() if str(value) not in told}
