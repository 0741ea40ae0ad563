"""Slots that the customer gave before a form asked for them."""

from __future__ import annotations

from dialogue.domain import Form
from dialogue.events import EntityValue, SessionStarted, SlotSet, UserUttered
from dialogue.tracker import Tracker

MESSAGES_BACK = 3
"""How far back a value still belongs to what the customer wants now."""


def recalled_slots(form: Form, tracker: Tracker) -> list[SlotSet]:
    """Empty slots of `form` that an entity of the last messages fills, the newest first.

    An entity that could fill two slots of the form fills neither.
    """
    entities = _recent_entities(tracker)
    if not entities:
        return []
    slots = tracker.domain.slots
    missing = [n for n in form.required_slots if n in slots and tracker.slots.get(n) is None]
    claims: dict[EntityValue, list[str]] = {}
    for name in form.required_slots:
        for mapping in slots[name].mappings if name in slots else ():
            if mapping.type != "from_entity" or mapping.intents or mapping.not_intents:
                continue
            if any(c.requested_slot for c in mapping.conditions):
                continue
            for entity in entities:
                if mapping.matches(entity):
                    claims.setdefault(entity, []).append(name)
    found: dict[str, SlotSet] = {}
    for entity in entities:
        wanting = claims.get(entity, [])
        if len(wanting) == 1 and wanting[0] in missing and wanting[0] not in found:
            value = [entity.value] if slots[wanting[0]].type == "list" else entity.value
            found[wanting[0]] = SlotSet(wanting[0], value)
    return list(found.values())


def _recent_entities(tracker: Tracker) -> list[EntityValue]:
    """Entities of the messages before the latest, newest first."""
    entities: list[EntityValue] = []
    messages = 0
    for event in reversed(tracker.events):
        if isinstance(event, SessionStarted) or messages > MESSAGES_BACK:
            break
        if isinstance(event, UserUttered):
            messages += 1
            if messages > 1:
                entities.extend(e for e in reversed(event.entities) if _hashable(e.value))
    return entities


def _hashable(value: object) -> bool:
    return isinstance(value, str | int | float | bool)
