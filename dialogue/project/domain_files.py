"""Reads the domain: one file, a folder of files, or sections spread over the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from dialogue.domain import (
    DEFAULT_ACTIONS,
    DEFAULT_INTENTS,
    Domain,
    Form,
    Intent,
    MappingCondition,
    MappingType,
    Slot,
    SlotCondition,
    SlotMapping,
    SlotType,
    Variation,
)
from dialogue.events import REQUESTED_SLOT
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.yaml_nodes import Map, items, line_of

DOMAIN_KEYS = {
    "intents",
    "entities",
    "slots",
    "forms",
    "responses",
    "templates",
    "actions",
    "e2e_actions",
    "session_config",
    "config",
}
_SLOT_TYPES = ("text", "bool", "categorical", "float", "list", "any")
_SLOT_ALIASES = {"unfeaturized": "any", "boolean": "bool", "str": "text", "string": "text"}
_MAPPING_TYPES = ("from_entity", "from_text", "from_intent", "from_trigger_intent", "custom")


def _names(value: Any) -> tuple[str, ...]:
    """A name, or a list of names, as Rasa allows both."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return (str(value),)


class DomainReader:
    """Merges every domain section it is given; `domain` builds the result once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._intents: dict[str, Intent] = {}
        self._entities: dict[str, None] = {}
        self._slots: dict[str, Slot] = {}
        self._unmapped: dict[str, bool] = {}
        """Slots of the 2.x format, which have no mappings; the value tells `auto_fill`."""
        self._forms: dict[str, Form] = {}
        self._form_mappings: list[tuple[str, str, list[SlotMapping]]] = []
        self._responses: dict[str, tuple[Variation, ...]] = {}
        self._actions: dict[str, None] = {}
        self._e2e: dict[str, None] = {}
        self._minutes = 60.0
        self._carry_over = True
        self._store_entities = True
        self._form_places: dict[str, tuple[Path, int | None]] = {}
        self.sources: set[Path] = set()

    def read(self, data: Map, file: Path) -> None:
        """Add the domain sections of one file."""
        self.sources.add(file)
        self._read_names(data, file)
        for key in ("slots", "forms", "responses", "templates"):
            section = data.get(key)
            if section is None:
                continue
            if isinstance(section, list) and key == "forms":
                section = self._forms_of_list(section)
            if not isinstance(section, Map):
                self._report.error(
                    f"expected names with their settings under `{key}:`, got a {_kind(section)}",
                    file,
                    line_of(data, key),
                )
                continue
            for name, body in section.items():
                self._read_named(key, name, body, file, line_of(section, name))
        self._read_settings(data, file)

    def _forms_of_list(self, section: list[Any]) -> Map:
        forms = Map()
        forms.lines = {}
        for item, line in items(section):
            for name in item if isinstance(item, Map) else (str(item),):
                forms[name] = item[name] if isinstance(item, Map) else None
                forms.lines[name] = line or 0
        return forms

    def _read_named(self, key: str, name: str, body: Any, file: Path, line: int | None) -> None:
        if key == "slots":
            if name in self._slots and not _same(self._slots[name], body):
                self._report.warn(f"the slot {name!r} is defined twice", file, line)
            self._read_slot(name, body, file, line)
        elif key == "forms":
            self._read_form(name, body, file, line)
        else:
            self._read_response(name, body, file, line)

    def _read_names(self, data: Map, file: Path) -> None:
        for key in ("intents", "entities", "actions", "e2e_actions"):
            section = data.get(key)
            if section is None:
                continue
            if isinstance(section, Map):
                pairs: Iterable[tuple[Any, int | None]] = [
                    (_single(name, body), line_of(section, name)) for name, body in section.items()
                ]
            elif isinstance(section, list):
                pairs = items(section)
            else:
                self._report.error(
                    f"expected a list under `{key}:`, got a {_kind(section)}",
                    file,
                    line_of(data, key),
                    "write one `- name` per line",
                )
                continue
            for item, line in pairs:
                self._read_name(key, item, file, line)

    def _read_name(self, key: str, item: Any, file: Path, line: int | None) -> None:
        if item is None:
            return
        body = None
        if isinstance(item, Map):
            if not item:
                return
            name, body = next(iter(item.items()))
        else:
            name = str(item)
        if key == "intents":
            self._intents[name] = self._intent(name, body, file, line)
        elif key == "entities":
            self._entities[name] = None
        elif key == "actions":
            self._actions[name] = None
        else:
            self._e2e[name] = None

    def _intent(self, name: str, body: Any, file: Path, line: int | None) -> Intent:
        if not isinstance(body, Map):
            return Intent(name)
        if "triggers" in body:
            self._report.warn(
                f"`triggers:` of the intent {name!r} is Rasa 1's; write a rule instead", file, line
            )
        used = body.get("use_entities", True)
        use = None if used is True else frozenset(_entity_names(used or ()))
        return Intent(name, use, frozenset(_entity_names(body.get("ignore_entities") or ())))

    def _read_slot(self, name: str, body: Any, file: Path, line: int | None) -> None:
        if body is None:
            body = Map()
            body.lines = {}
        if not isinstance(body, Map):
            self._report.error(
                f"expected settings of the slot {name!r}, got a {_kind(body)}", file, line
            )
            return
        kind = self._slot_type(name, body, file, line)
        mappings = [
            mapping
            for item, at in items(body.get("mappings"))
            if (mapping := self._mapping(name, item, file, at)) is not None
        ]
        if "mappings" not in body:
            self._unmapped[name] = body.get("auto_fill", True) is not False
        influences = body.get("influence_conversation")
        values = tuple(str(v).lower() for v in body.get("values") or ())
        self._slots[name] = Slot(
            name=name,
            type=kind,
            initial_value=body.get("initial_value"),
            influences=kind != "any" if influences is None else bool(influences),
            values=tuple(v for v in values if v != "__other__"),
            min_value=_number(body.get("min_value"), 0.0),
            max_value=_number(body.get("max_value"), 1.0),
            mappings=tuple(mappings),
        )

    def _slot_type(self, name: str, body: Map, file: Path, line: int | None) -> SlotType:
        written = str(body.get("type", "any"))
        kind = written.rsplit(".", 1)[-1].lower()
        kind = kind.removesuffix("slot") or kind
        kind = _SLOT_ALIASES.get(kind, kind)
        if kind in _SLOT_TYPES:
            return cast(SlotType, kind)
        at = line_of(body, "type") or line
        if "." in written:
            self._report.warn(
                f"the slot class {written!r} of {name!r} is code of another program; "
                "the slot is kept as type any",
                file,
                at,
            )
        else:
            hint = did_you_mean(kind, _SLOT_TYPES) or f"use one of {', '.join(_SLOT_TYPES)}"
            self._report.error(
                f"the slot {name!r} has the unknown type {written!r}", file, at, hint
            )
        return "any"

    def _mapping(
        self, slot: str, item: Any, file: Path, line: int | None, form: str | None = None
    ) -> SlotMapping | None:
        if not isinstance(item, Map):
            self._report.error(f"expected a mapping of the slot {slot!r}", file, line)
            return None
        kind = str(item.get("type", "custom"))
        if kind not in _MAPPING_TYPES:
            hint = did_you_mean(kind, _MAPPING_TYPES) or f"use one of {', '.join(_MAPPING_TYPES)}"
            if kind in ("from_llm", "controlled"):
                self._report.warn(
                    f"the mapping {kind!r} of {slot!r} is filled by a language model in Rasa Pro; "
                    "here only actions fill it",
                    file,
                    line,
                )
                return SlotMapping("custom")
            self._report.error(
                f"the slot {slot!r} has the unknown mapping type {kind!r}", file, line, hint
            )
            return None
        if kind == "from_entity" and item.get("entity") is None:
            self._report.error(f"a from_entity mapping of {slot!r} names no entity", file, line)
            return None
        conditions = tuple(
            MappingCondition(_optional(c.get("active_loop")), _optional(c.get("requested_slot")))
            for c, _ in items(item.get("conditions"))
            if isinstance(c, Map)
        )
        if form is not None and not conditions:
            asked = None if kind in ("from_entity", "from_trigger_intent") else slot
            conditions = (MappingCondition(form, asked),)
        return SlotMapping(
            type=cast(MappingType, kind),
            entity=_optional(item.get("entity")),
            role=_optional(item.get("role")),
            group=_optional(item.get("group")),
            intents=_names(item.get("intent")),
            not_intents=_names(item.get("not_intent")),
            value=item.get("value"),
            action=_optional(item.get("action")),
            conditions=conditions,
        )

    def _read_form(self, name: str, body: Any, file: Path, line: int | None) -> None:
        self._form_places[name] = (file, line)
        if name in self._forms:
            self._report.warn(f"the form {name!r} is defined twice", file, line)
        if body is None:
            self._forms[name] = Form(name, ())
            return
        if not isinstance(body, Map):
            self._report.error(f"expected `required_slots:` of the form {name!r}", file, line)
            return
        required = body.get("required_slots")
        if required is None and "required_slots" not in body:
            required = _without_settings(body)
        ignored = _names(body.get("ignored_intents"))
        if isinstance(required, Map):  # the 2.x format: slots with their mappings
            for slot, mappings in required.items():
                found = [
                    mapping
                    for item, at in items(mappings)
                    if (mapping := self._mapping(slot, item, file, at, form=name)) is not None
                ]
                self._form_mappings.append((name, slot, found))
            self._forms[name] = Form(name, tuple(required), ignored)
        else:
            self._forms[name] = Form(name, _names(required), ignored)

    def _read_response(self, name: str, body: Any, file: Path, line: int | None) -> None:
        if isinstance(body, str):
            body = [body]
        if not isinstance(body, list) or not body:
            self._report.error(
                f"expected at least one variation of the response {name!r}",
                file,
                line,
                "write `- text: ...` under it",
            )
            return
        variations = []
        for item in body:
            if isinstance(item, str | int | float | bool):
                variations.append(Variation({"text": str(item)}))
            elif isinstance(item, Map):
                variations.append(self._variation(item, name, file))
            else:
                self._report.error(f"expected a variation of {name!r}", file, line)
        if name in self._responses and self._responses[name] != tuple(variations):
            self._report.warn(
                f"the response {name!r} is defined twice; the later counts", file, line
            )
        self._responses[name] = tuple(variations)

    def _variation(self, item: Map, name: str, file: Path) -> Variation:
        conditions = []
        for condition in item.get("condition") or ():
            if isinstance(condition, Map) and condition.get("type", "slot") == "slot":
                conditions.append(SlotCondition(str(condition.get("name")), condition.get("value")))
            else:
                self._report.warn(
                    f"a condition of {name!r} that is not about a slot is ignored", file, item.line
                )
        content = {k: v for k, v in item.items() if k not in ("condition", "channel")}
        if content.get("text") is not None:
            content["text"] = str(content["text"])
        return Variation(content, _optional(item.get("channel")), tuple(conditions))

    def _read_settings(self, data: Map, file: Path) -> None:
        session = data.get("session_config")
        if isinstance(session, Map):
            self._minutes = _number(session.get("session_expiration_time"), self._minutes)
            self._carry_over = bool(session.get("carry_over_slots_to_new_session", True))
        config = data.get("config")
        if isinstance(config, Map):
            self._store_entities = bool(config.get("store_entities_as_slots", True))

    def _migrate(self) -> None:
        """Give slots of the 2.x format the mappings that Rasa's own migration gives them."""
        for form, slot, mappings in self._form_mappings:
            if slot not in self._slots:
                self._slots[slot] = Slot(slot, "any", influences=False)
                self._unmapped[slot] = False
            known = self._slots[slot]
            own = mappings or (
                [SlotMapping("from_entity", entity=slot, conditions=(MappingCondition(form),))]
                if slot in self._entities
                else []
            )
            self._slots[slot] = replace(known, mappings=(*known.mappings, *own))
        for name, auto_fill in self._unmapped.items():
            slot_ = self._slots[name]
            if auto_fill and name in self._entities and self._store_entities:
                fill = SlotMapping("from_entity", entity=name)
                if fill not in slot_.mappings:
                    self._slots[name] = replace(slot_, mappings=(*slot_.mappings, fill))

    def domain(self) -> Domain:
        """The merged domain, after checking what it refers to."""
        self._migrate()
        if any(form for form in self._forms) and REQUESTED_SLOT not in self._slots:
            self._slots[REQUESTED_SLOT] = Slot(
                REQUESTED_SLOT, "text", influences=False, mappings=(SlotMapping("custom"),)
            )
        self._check_forms()
        self._check_mappings()
        for name in DEFAULT_INTENTS:
            self._intents.setdefault(name, Intent(name))
        names = dict.fromkeys(
            (
                *DEFAULT_ACTIONS,
                *self._actions,
                *(name.split("/", 1)[0] for name in self._responses),
                *self._forms,
                *self._e2e,
            )
        )
        domain = Domain(
            intents=self._intents,
            entities=tuple(self._entities),
            slots=self._slots,
            forms=self._forms,
            responses=self._responses,
            actions=tuple(self._actions),
            e2e_actions=tuple(self._e2e),
            session_minutes=self._minutes,
            carry_over_slots=self._carry_over,
            store_entities_as_slots=self._store_entities,
            action_names=tuple(names),
        )
        return replace(domain, source=domain_json(domain))

    def _check_forms(self) -> None:
        for form in self._forms.values():
            file, line = self._form_places.get(form.name, (None, None))
            for slot in form.required_slots:
                if slot not in self._slots:
                    self._report.dangling("slot", slot, tuple(self._slots), file, line)
                    self._slots[slot] = Slot(slot, "any", influences=False)

    def _check_mappings(self) -> None:
        for slot in self._slots.values():
            for mapping in slot.mappings:
                if mapping.entity is not None and mapping.entity not in self._entities:
                    self._report.dangling(
                        "entity", mapping.entity, tuple(self._entities), None, None
                    )
                for condition in mapping.conditions:
                    loop = condition.active_loop
                    if loop is not None and loop not in self._forms:
                        self._report.dangling("form", loop, tuple(self._forms), None, None)


def _single(name: str, body: Any) -> Map:
    one = Map()
    one[name] = body
    one.lines = {}
    return one


def _same(slot: Slot, body: Any) -> bool:
    return isinstance(body, Map) and str(body.get("type")) == slot.type


def _without_settings(body: Map) -> Map:
    rest = Map()
    rest.line = body.line
    rest.lines = dict(body.lines)
    rest.update({k: v for k, v in body.items() if k != "ignored_intents"})
    return rest


def _entity_names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [
        next(iter(item)) if isinstance(item, Mapping) and item else str(item)
        for item in (value if isinstance(value, list | tuple) else ())
    ]


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    return float(value)


def _kind(value: Any) -> str:
    names = {dict: "mapping", list: "list", str: "text"}
    return next((word for kind, word in names.items() if isinstance(value, kind)), "value")


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
        "entities": list(domain.entities),
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
