"""rasa-sdk's dicts become our types here, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialogue.actions.types import (
    MAX_EVENTS,
    MAX_RESPONSES,
    MAX_TEXT,
    ActionFailedError,
    ActionResult,
)
from dialogue.events import Event, event_from_json


def action_call(
    name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any] | None, digest: str
) -> dict[str, Any]:
    """The body of a call to an action server."""
    call: dict[str, Any] = {
        "next_action": name,
        "sender_id": tracker.get("sender_id"),
        "tracker": tracker,
        "version": "3.6.21",
        "domain_digest": digest,
    }
    if domain is not None:
        call["domain"] = domain
    return call


def result_of(name: str, events: Any, responses: Any) -> ActionResult:
    """Check and bound what an action returned."""
    notes: list[str] = []
    typed: list[Event] = []
    for raw in _listed(name, "events", events)[:MAX_EVENTS]:
        if isinstance(raw, Mapping) and raw.get("event"):
            typed.append(event_from_json(raw))
        else:
            notes.append(f"{name}: an event without a name was ignored")
    messages = _listed(name, "responses", responses)
    if len(messages) > MAX_RESPONSES:
        notes.append(f"{name}: {len(messages)} messages were cut to {MAX_RESPONSES}")
    kept = [_bounded(m) for m in messages[:MAX_RESPONSES] if isinstance(m, Mapping)]
    return ActionResult(tuple(typed), tuple(kept), tuple(notes))


def _listed(name: str, what: str, value: Any) -> Sequence[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ActionFailedError(name, "invalid", f"expected a list of {what}")
    return value


def _bounded(message: Mapping[str, Any]) -> Mapping[str, Any]:
    text = message.get("text")
    if isinstance(text, str) and len(text) > MAX_TEXT:
        return {**message, "text": text[:MAX_TEXT] + "…"}
    return message
