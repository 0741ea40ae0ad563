"""The domain in Rasa's JSON form, as actions receive it."""

from __future__ import annotations

from typing import Any

from dialogue.domain import NO_LABELS, Domain, SlotMapping, Variation
from dialogue.events import REQUESTED_SLOT


def domain_json(domain: Domain) -> dict[str, Any]:
    """The domain in Rasa's JSON form, as actions receive it."""
    slots = {
        slot.name: {
            "type": slot.type,
            "initial_value": slot.initial_value,
            "influence_conversation": slot.influences,
            **({"values": list(slot.values)} if slot.type == "categorical" else {}),
            "mappings": [_mapping_json(mapping) for mapping in slot.mappings],
        }
        for slot in domain.slots.values()
        if slot.name != REQUESTED_SLOT
    }
    return {
        "version": "3.1",
        "intents": list(domain.intents),
        "entities": [_entity_json(domain, name) for name in domain.entities],
        "slots": slots,
        "forms": {
            form.name: {
                "required_slots": list(form.required_slots),
                **({"ignored_intents": list(form.ignored_intents)} if form.ignored_intents else {}),
            }
            for form in domain.forms.values()
        },
        "responses": {
            name: [_variation_json(variation) for variation in variations]
            for name, variations in domain.responses.items()
        },
        "actions": list(domain.actions),
        "e2e_actions": list(domain.e2e_actions),
        "session_config": {
            "session_expiration_time": domain.session_minutes,
            "carry_over_slots_to_new_session": domain.carry_over_slots,
        },
    }


def _entity_json(domain: Domain, name: str) -> str | dict[str, Any]:
    labels = domain.entity_labels.get(name, NO_LABELS)
    body: dict[str, Any] = {}
    if labels.roles:
        body["roles"] = list(labels.roles)
    if labels.groups:
        body["groups"] = list(labels.groups)
    if name in domain.silent_entities:
        body["influence_conversation"] = False
    return {name: body} if body else name


def _mapping_json(mapping: SlotMapping) -> dict[str, Any]:
    body: dict[str, Any] = {"type": mapping.type}
    if mapping.intents:
        body["intent"] = list(mapping.intents)
    if mapping.not_intents:
        body["not_intent"] = list(mapping.not_intents)
    for key in ("entity", "role", "group", "value", "action"):
        if getattr(mapping, key) is not None:
            body[key] = getattr(mapping, key)
    if mapping.conditions:
        body["conditions"] = [
            {"active_loop": c.active_loop}
            | ({"requested_slot": c.requested_slot} if c.requested_slot else {})
            for c in mapping.conditions
        ]
    return body


def _variation_json(variation: Variation) -> dict[str, Any]:
    body = dict(variation.content)
    if variation.channel:
        body["channel"] = variation.channel
    if variation.conditions:
        body["condition"] = [
            {"type": "slot", "name": c.slot, "value": c.value} for c in variation.conditions
        ]
    return body
