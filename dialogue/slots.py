"""Fills slots from a message by the domain's mappings (Rasa's ``action_extract_slots``). Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dialogue.domain import MappingCondition, Slot, SlotMapping
from dialogue.events import EntityValue, SlotSet, UserUttered
from dialogue.tracker import Tracker

_NOTHING = object()


def extract_slots(tracker: Tracker, *, skip_text_of: Collection[str] = ()) -> list[SlotSet]:
    """The slots that the latest message fills, in the domain's order.

    `skip_text_of` names slots whose ``from_text`` mappings do not count this time: the message is
    known to be about something else.
    """
    message = tracker.latest_message
    if message is None:
        return []
    found = []
    for slot in tracker.domain.slots.values():
        for mapping in slot.mappings:
            if mapping.type == "from_text" and slot.name in skip_text_of:
                continue
            value = _value(slot, mapping, tracker, message)
            if value is not _NOTHING:
                found.append(SlotSet(slot.name, value))
                break
    return found


def custom_mapping_actions(tracker: Tracker) -> list[str]:
    """Actions named by ``custom`` mappings that apply now, each once."""
    message = tracker.latest_message
    if message is None:
        return []
    names: dict[str, None] = {}
    for slot in tracker.domain.slots.values():
        for mapping in slot.mappings:
            if (
                mapping.type == "custom"
                and mapping.action
                and _applies(slot, mapping, tracker, message)
            ):
                names[mapping.action] = None
    return list(names)


def _value(slot: Slot, mapping: SlotMapping, tracker: Tracker, message: UserUttered) -> Any:
    if mapping.type == "custom" or not _applies(slot, mapping, tracker, message):
        return _NOTHING
    if mapping.type == "from_entity":
        if mapping.entity not in tracker.domain.entities:
            return _NOTHING
        if not _fills(slot, mapping, tracker, message.entities):
            return _NOTHING
        values = [e.value for e in message.entities if mapping.matches(e)]
        if not values:
            return _NOTHING
        return values if slot.type == "list" else values[-1]
    if mapping.type == "from_text":
        text = message.text
        if text is None or not text.strip() or text.startswith("/"):
            return _NOTHING
        return [text] if slot.type == "list" else text
    if mapping.value is None:  # it empties the slot
        return _NOTHING if tracker.slots.get(slot.name) is None else None
    listed = slot.type == "list" and not isinstance(mapping.value, list)
    return [mapping.value] if listed else mapping.value


def _applies(slot: Slot, mapping: SlotMapping, tracker: Tracker, message: UserUttered) -> bool:
    if mapping.type == "from_trigger_intent":
        # filled by the message that opens the form, not by the answers to its questions
        if tracker.active_loop is None:
            return False
        trigger = tracker.active_loop.trigger
        if trigger is not None and trigger is not message:
            return False
    if not _intent_fits(mapping, tracker, message):
        return False
    if not mapping.conditions:
        return True
    if not any(_holds(condition, tracker) for condition in mapping.conditions):
        return False
    return not (tracker.loop_rejected and tracker.requested_slot == slot.name)


def _holds(condition: MappingCondition, tracker: Tracker) -> bool:
    if condition.active_loop is None:
        return tracker.loop_name is None
    if condition.active_loop != tracker.loop_name:
        return False
    return condition.requested_slot is None or condition.requested_slot == tracker.requested_slot


def _intent_fits(mapping: SlotMapping, tracker: Tracker, message: UserUttered) -> bool:
    intents = {message.intent, message.full_intent}
    if mapping.intents:  # what is named counts, though the form ignores it otherwise
        return bool(intents & set(mapping.intents))
    excluded = set(mapping.not_intents)
    form = tracker.domain.forms.get(tracker.loop_name or "")
    if form is not None and form.ignored_intents:
        about_form = not mapping.conditions or any(
            condition.active_loop == form.name for condition in mapping.conditions
        )
        if about_form:
            excluded.update(form.ignored_intents)
    return not intents & excluded


def _fills(
    slot: Slot, mapping: SlotMapping, tracker: Tracker, entities: tuple[EntityValue, ...]
) -> bool:
    """Of several slots of the open form that one entity could fill, only the requested one is."""
    form = tracker.domain.forms.get(tracker.loop_name or "")
    if form is None or slot.name not in form.required_slots:
        return True
    if tracker.requested_slot == slot.name:
        return True
    return not any(
        _shares(tracker, other, mapping, form.name)
        for other in form.required_slots
        if other != slot.name
    )


def _shares(tracker: Tracker, other: str, mapping: SlotMapping, form: str) -> bool:
    """Whether `other` has the same mapping, and not only while it is asked for itself."""
    slot = tracker.domain.slots.get(other)
    if slot is None:
        return False
    key = (mapping.entity, mapping.role, mapping.group)
    return any(
        one.type == "from_entity"
        and (one.entity, one.role, one.group) == key
        and (
            not one.conditions
            or any(c.active_loop == form and not c.requested_slot for c in one.conditions)
        )
        for one in slot.mappings
    )
