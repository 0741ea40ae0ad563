"""Reads a slot of the domain and the mappings that fill it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from dialogue.domain import MappingCondition, MappingType, Slot, SlotMapping, SlotType
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.yaml_nodes import Map, items, line_of

_SLOT_TYPES = ("text", "bool", "categorical", "float", "list", "any")
_SLOT_ALIASES = {"unfeaturized": "any", "boolean": "bool", "str": "text", "string": "text"}
_MAPPING_TYPES = ("from_entity", "from_text", "from_intent", "from_trigger_intent", "custom")
_SLOT_KEYS = (
    "type",
    "mappings",
    "initial_value",
    "influence_conversation",
    "values",
    "min_value",
    "max_value",
    "auto_fill",
)

Place = tuple[Path, int | None]
"""A file and a line of it."""


def read_slot(name: str, body: Map, place: Place, report: Report) -> Slot:
    """The slot `name` as `body` describes it; what is wrong goes to `report`."""
    file, _ = place
    kind = _slot_type(name, body, place, report)
    _check_settings(name, body, place, report)
    mappings = [
        mapping
        for item, at in items(body.get("mappings"))
        if (mapping := read_mapping(name, item, (file, at), report)) is not None
    ]
    influences = body.get("influence_conversation")
    values = [value.lower() for value in names_of(body.get("values"))]
    return Slot(
        name=name,
        type=kind,
        initial_value=body.get("initial_value"),
        influences=kind != "any" if influences is None else bool(influences),
        values=tuple(v for v in values if v != "__other__"),
        min_value=number_or(body.get("min_value"), 0.0),
        max_value=number_or(body.get("max_value"), 1.0),
        mappings=tuple(mappings),
    )


def _check_settings(name: str, body: Map, place: Place, report: Report) -> None:
    file, line = place
    for key in body:
        hint = did_you_mean(key, _SLOT_KEYS)
        if key not in _SLOT_KEYS and hint is not None:
            report.mistake(
                f"the slot {name!r} has the unknown setting {key!r}", file, line_of(body, key), hint
            )
    for key in ("min_value", "max_value"):
        value = body.get(key)
        if value is not None and not is_number(value):
            report.error(
                f"expected `{key}` of the slot {name!r} to be a number, got {value!r}",
                file,
                line_of(body, key),
            )
    for key in ("mappings", "values"):
        value = body.get(key)
        if value is not None and not isinstance(value, list):
            report.error(
                f"expected a list under `{key}` of the slot {name!r}, got {value!r:.60}",
                file,
                line_of(body, key) or line,
                "write one `- ` item per line",
            )


def _slot_type(name: str, body: Map, place: Place, report: Report) -> SlotType:
    written = str(body.get("type", "any"))
    kind = written.rsplit(".", 1)[-1].lower()
    kind = kind.removesuffix("slot") or kind
    kind = _SLOT_ALIASES.get(kind, kind)
    if kind in _SLOT_TYPES:
        return cast(SlotType, kind)
    file, line = place
    at = line_of(body, "type") or line
    if "." in written:
        report.warn(
            f"the slot class {written!r} of {name!r} is code of another program; "
            "the slot is kept as type any",
            file,
            at,
        )
    else:
        hint = did_you_mean(kind, _SLOT_TYPES) or f"use one of {', '.join(_SLOT_TYPES)}"
        report.error(f"the slot {name!r} has the unknown type {written!r}", file, at, hint)
    return "any"


def read_mapping(
    slot: str, item: Any, place: Place, report: Report, form: str | None = None
) -> SlotMapping | None:
    """One mapping of `slot`; `form` is the form that lists it (2.x). None when it is no good."""
    file, line = place
    if not isinstance(item, Map):
        report.error(f"expected a mapping of the slot {slot!r}", file, line)
        return None
    kind = str(item.get("type", "custom"))
    if kind not in _MAPPING_TYPES:
        hint = did_you_mean(kind, _MAPPING_TYPES) or f"use one of {', '.join(_MAPPING_TYPES)}"
        if kind in ("from_llm", "controlled"):
            report.warn(
                f"the mapping {kind!r} of {slot!r} is filled by a language model in Rasa Pro; "
                "here only actions fill it",
                file,
                line,
            )
            return SlotMapping("custom")
        report.error(f"the slot {slot!r} has the unknown mapping type {kind!r}", file, line, hint)
        return None
    if kind == "from_entity" and item.get("entity") is None:
        report.error(f"a from_entity mapping of {slot!r} names no entity", file, line)
        return None
    conditions = tuple(
        MappingCondition(text_or_none(c.get("active_loop")), text_or_none(c.get("requested_slot")))
        for c, _ in items(item.get("conditions"))
        if isinstance(c, Map)
    )
    if form is not None and not conditions:
        asked = None if kind in ("from_entity", "from_trigger_intent") else slot
        conditions = (MappingCondition(form, asked),)
    return SlotMapping(
        type=cast(MappingType, kind),
        entity=text_or_none(item.get("entity")),
        role=text_or_none(item.get("role")),
        group=text_or_none(item.get("group")),
        intents=names_of(item.get("intent")),
        not_intents=names_of(item.get("not_intent")),
        value=item.get("value"),
        action=text_or_none(item.get("action")),
        conditions=conditions,
    )


def names_of(value: Any) -> tuple[str, ...]:
    """A name, or a list of names, as Rasa allows both."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return (str(value),)


def text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def number_or(value: Any, default: float) -> float:
    return float(value) if is_number(value) else default
