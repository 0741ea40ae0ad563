"""Reads an intent or an entity of the domain, with what of it the policies see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dialogue.domain import NO_LABELS, EntityLabels, Intent
from dialogue.project.problems import Report
from dialogue.project.slot_files import Place, names_of
from dialogue.project.yaml_nodes import Map


@dataclass(frozen=True, slots=True)
class Entity:
    labels: EntityLabels = NO_LABELS
    influences: bool = True


def read_entity(body: Any) -> Entity:
    if not isinstance(body, Map):
        return Entity()
    labels = EntityLabels(names_of(body.get("roles")), names_of(body.get("groups")))
    return Entity(labels, body.get("influence_conversation") is not False)


def read_intent(name: str, body: Any, place: Place, report: Report) -> Intent:
    """The intent `name`; ``use_entities`` and ``ignore_entities`` narrow what counts of a message."""
    if not isinstance(body, Map):
        return Intent(name)
    if "triggers" in body:
        words = f"`triggers:` of the intent {name!r} is Rasa 1's"
        report.warn(words, *place, "write a rule instead")
    used = body.get("use_entities", True)
    use = None if used is True else frozenset(_names(used or ()))
    if "ignore_entities" not in body:
        return Intent(name, use)
    return Intent(name, use, frozenset(_names(body["ignore_entities"] or ())))


def _names(value: Any) -> Iterator[str]:
    """Names, each perhaps with settings under it."""
    for item in [value] if isinstance(value, str) else value if isinstance(value, list) else ():
        yield next(iter(item)) if isinstance(item, Mapping) and item else str(item)
