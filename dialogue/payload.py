"""Messages that name their intent: ``/inform@0.9{"city": "北京"}``, as buttons send them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from dialogue.events import EntityValue, entities_from_json

_PAYLOAD = re.compile(r"^/([^{@\s]+)(@[0-9.]+)?\s*(\{.*\})?\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Payload:
    intent: str
    entities: tuple[EntityValue, ...]
    confidence: float = 1.0


def read_payload(text: str) -> Payload | None:
    """The payload in `text`, or None when it is an ordinary message."""
    if not text.startswith("/"):
        return None
    found = _PAYLOAD.match(text.strip())
    if found is None:
        return None
    entities: tuple[EntityValue, ...] = ()
    if found[3]:
        try:
            body = json.loads(found[3])
        except ValueError:
            body = {}  # the intent counts all the same, as under Rasa
        entities = tuple(one for name, value in body.items() for one in _entity_values(name, value))
    try:
        confidence = float(found[2][1:]) if found[2] else 1.0
    except ValueError:
        confidence = 1.0
    return Payload(found[1], entities, min(1.0, confidence))


def _entity_values(name: str, value: object) -> tuple[EntityValue, ...]:
    values = value if isinstance(value, list) else [value]
    if values and all(isinstance(one, dict) and "entity" in one for one in values):
        return entities_from_json(values)
    return tuple(EntityValue(name, one, extractor="payload") for one in values)
