"""Reads the domain: one file, a folder of files, or sections spread over the project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dialogue.domain import (
    DEFAULT_ACTIONS,
    DEFAULT_INTENTS,
    NO_LABELS,
    Domain,
    Form,
    Intent,
    MappingCondition,
    Slot,
    SlotMapping,
    Variation,
    question_names,
)
from dialogue.events import REQUESTED_SLOT
from dialogue.project.domain_json import domain_json
from dialogue.project.intent_files import Entity, read_entity, read_intent
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.response_files import read_response
from dialogue.project.slot_files import (
    Place,
    is_number,
    names_of,
    number_or,
    read_mapping,
    read_slot,
)
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
KNOWLEDGE_BASE_ACTION = "action_query_knowledge_base"
KNOWLEDGE_BASE_SLOTS = (
    "knowledge_base_listed_objects",
    "knowledge_base_last_object",
    "knowledge_base_last_object_type",
)
_FORM_KEYS = ("required_slots", "ignored_intents")


class DomainReader:
    """Merges every domain section it is given; `domain` builds the result once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._intents: dict[str, Intent] = {}
        self._entities: dict[str, Entity] = {}
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
        self._form_places: dict[str, Place] = {}
        self._slot_places: dict[str, Place] = {}
        self._response_places: dict[str, Place] = {}
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
            told: set[str] = set()
            for item, line in pairs:
                name = self._read_name(key, item, file, line)
                if name in told:
                    self._report.warn(f"{name!r} stands twice under `{key}:`", file, line)
                if name is not None:
                    told.add(name)

    def _read_name(self, key: str, item: Any, file: Path, line: int | None) -> str | None:
        """Keep the item's name; None for one without."""
        body = None
        if item is None or item == {}:
            self._report.warn(f"an item under `{key}:` is empty", file, line, "write `- name`")
            return None
        if isinstance(item, Map):
            name, body = next(iter(item.items()))
        else:
            name = str(item)
        if key == "intents":
            self._intents[name] = read_intent(name, body, (file, line), self._report)
        elif key == "entities":
            self._entities[name] = read_entity(body)
        elif key == "actions":
            self._actions[name] = None
        else:
            self._e2e[name] = None
        return name

    def _read_slot(self, name: str, body: Any, file: Path, line: int | None) -> None:
        if body is None:
            body = Map()
            body.lines = {}
        if not isinstance(body, Map):
            self._report.error(
                f"expected settings of the slot {name!r}, got a {_kind(body)}",
                file,
                line,
                "write `type: text` under it",
            )
            body = Map()
            body.lines = {}
        self._slot_places[name] = (file, line_of(body, "mappings") or line)
        if "mappings" not in body:
            self._unmapped[name] = body.get("auto_fill", True) is not False
        self._slots[name] = read_slot(name, body, (file, line), self._report)

    def _read_form(self, name: str, body: Any, file: Path, line: int | None) -> None:
        self._form_places[name] = (file, line)
        if name in self._forms:
            self._report.warn(f"the form {name!r} is defined twice", file, line)
        if body is None:
            self._forms[name] = Form(name, ())
            return
        if not isinstance(body, Map):
            self._report.error(
                f"expected `required_slots:` of the form {name!r}, got a {_kind(body)}",
                file,
                line,
                "write `required_slots:` under it, and one `- slot` per line under that",
            )
            self._forms[name] = Form(name, ())
            return
        for key in body:
            hint = did_you_mean(key, _FORM_KEYS)
            if hint is not None and key not in _FORM_KEYS and key not in self._slots:
                self._report.error(
                    f"unknown setting {key!r} of the form {name!r}", file, line_of(body, key), hint
                )
        required = body.get("required_slots")
        if required is None and "required_slots" not in body:
            required = _without_settings(body)
        ignored = names_of(body.get("ignored_intents"))
        if isinstance(required, Map):  # the 2.x format: slots with their mappings
            for slot, mappings in required.items():
                found = [
                    mapping
                    for item, at in items(mappings)
                    if (mapping := read_mapping(slot, item, (file, at), self._report, form=name))
                    is not None
                ]
                self._form_mappings.append((name, slot, found))
            self._forms[name] = Form(name, tuple(required), ignored)
        else:
            self._forms[name] = Form(name, names_of(required), ignored)

    def _read_response(self, name: str, body: Any, file: Path, line: int | None) -> None:
        variations = read_response(name, body, (file, line), self._report)
        if self._responses.get(name) and variations and self._responses[name] != variations:
            self._report.warn(
                f"the response {name!r} is defined twice; the later counts", file, line
            )
        self._response_places[name] = (file, line)
        self._responses[name] = variations or self._responses.get(name, ())

    def _read_settings(self, data: Map, file: Path) -> None:
        session = data.get("session_config")
        if isinstance(session, Map):
            minutes = session.get("session_expiration_time", self._minutes)
            self._minutes = number_or(minutes, self._minutes)
            self._carry_over = bool(session.get("carry_over_slots_to_new_session", True))
            if not is_number(minutes):
                self._report.error(
                    f"expected `session_expiration_time` in minutes, got {minutes!r:.60}",
                    file,
                    line_of(session, "session_expiration_time"),
                )
        elif session is not None:
            self._report.error(
                f"expected settings under `session_config:`, got a {_kind(session)}",
                file,
                line_of(data, "session_config"),
                "write `session_expiration_time: 60` under it",
            )
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
        if KNOWLEDGE_BASE_ACTION in self._actions:
            for name in KNOWLEDGE_BASE_SLOTS:  # rasa-sdk's action keeps what it spoke of in them
                self._slots.setdefault(name, Slot(name, "any", influences=False))
        self._check_forms()
        self._check_mappings()
        self._check_responses()
        self._check_questions()
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
            entity_labels={
                name: entity.labels
                for name, entity in self._entities.items()
                if entity.labels != NO_LABELS
            },
            silent_entities=frozenset(
                name for name, entity in self._entities.items() if not entity.influences
            ),
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
            file, line = self._slot_places.get(slot.name, (None, None))
            for mapping in slot.mappings:
                if mapping.entity is not None and mapping.entity not in self._entities:
                    known = tuple(self._entities)
                    self._report.dangling("entity", mapping.entity, known, file, line)
                for condition in mapping.conditions:
                    loop = condition.active_loop
                    if loop is not None and loop not in self._forms:
                        self._report.dangling("form", loop, tuple(self._forms), file, line)

    def _check_responses(self) -> None:
        for name, variations in self._responses.items():
            file, line = self._response_places[name]
            for variation in variations:
                for condition in variation.conditions:
                    if condition.slot not in self._slots:
                        known = tuple(self._slots)
                        self._report.dangling("slot", condition.slot, known, file, line)

    def _check_questions(self) -> None:
        """A form that says nothing when it asks leaves the customer waiting."""
        for form in self._forms.values():
            if f"validate_{form.name}" in self._actions:
                continue  # which may ask in its own way
            file, line = self._form_places[form.name]
            for slot in form.required_slots:
                names = question_names(form.name, slot)
                if not any(name in self._responses or name in self._actions for name in names):
                    self._report.warn(
                        f"the form {form.name!r} has no question for {slot!r}",
                        file,
                        line,
                        f"add the response utter_ask_{slot}",
                    )


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


def _kind(value: Any) -> str:
    names = {dict: "mapping", list: "list", str: "text"}
    return next((word for kind, word in names.items() if isinstance(value, kind)), "value")
