"""What a bot knows of: intents, entities, slots, forms, responses, actions. Immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogue.events import REQUESTED_SLOT, EntityValue, SlotSet

SlotType = Literal["text", "bool", "categorical", "float", "list", "any"]
MappingType = Literal["from_entity", "from_text", "from_intent", "from_trigger_intent", "custom"]
SHOULD_NOT_BE_SET = "should_not_be_set"

DEFAULT_ACTIONS = (
    "action_listen",
    "action_restart",
    "action_session_start",
    "action_default_fallback",
    "action_deactivate_loop",
    "action_revert_fallback_events",
    "action_default_ask_affirmation",
    "action_default_ask_rephrase",
    "action_two_stage_fallback",
    "action_unlikely_intent",
    "action_back",
    "action_extract_slots",
    # Lingxi's own, usable from rules:
    "action_handoff",
    "action_answer_faq",
)
DEFAULT_INTENTS = ("restart", "back", "out_of_scope", "session_start", "nlu_fallback")
TWO_STAGE_FALLBACK = "action_two_stage_fallback"


@dataclass(frozen=True, slots=True)
class MappingCondition:
    active_loop: str | None
    requested_slot: str | None = None


@dataclass(frozen=True, slots=True)
class SlotMapping:
    """One way a slot is filled; see Rasa's domain documentation, "slot mappings"."""

    type: MappingType
    entity: str | None = None
    role: str | None = None
    group: str | None = None
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    value: Any = None
    action: str | None = None
    conditions: tuple[MappingCondition, ...] = ()

    def matches(self, entity: EntityValue) -> bool:
        return (
            entity.entity == self.entity and entity.role == self.role and entity.group == self.group
        )


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    type: SlotType
    initial_value: Any = None
    influences: bool = True
    values: tuple[str, ...] = ()
    """Categories, lower case, of a categorical slot."""
    min_value: float = 0.0
    max_value: float = 1.0
    mappings: tuple[SlotMapping, ...] = ()

    def features(self, value: Any) -> tuple[float, ...]:
        """What the policies see of `value`; empty when it must not influence them.

        Worked example: a categorical slot of ``("risky", "safe")`` holding ``"Safe"`` gives
        ``(0.0, 1.0, 0.0)``, the last place being ``__other__``.
        """
        if not self.influences or self.type == "any" or value is None:
            return ()
        if self.type == "text":
            return (1.0,)
        if self.type == "bool":
            return (1.0, 1.0 if _truth(value) else 0.0)
        if self.type == "list":
            return (1.0,) if value else ()
        if self.type == "float":
            return self._float_features(value)
        wanted = str(value).lower()
        hot = [1.0 if wanted == known else 0.0 for known in self.values]
        return (*hot, 0.0 if any(hot) else 1.0)

    def _float_features(self, value: Any) -> tuple[float, ...]:
        try:
            number = float(value)
        except (TypeError, ValueError):
            return (0.0, 0.0)
        span = self.max_value - self.min_value
        capped = max(self.min_value, min(self.max_value, number))
        return (1.0, abs(capped - self.min_value) / span if span else 1.0)

    @property
    def feature_width(self) -> int:
        widths = {"text": 1, "bool": 2, "list": 1, "float": 2, "categorical": len(self.values) + 1}
        return widths.get(self.type, 0) if self.influences else 0


def _truth(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1", "yes"}
    return bool(value)


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    required_slots: tuple[str, ...]
    ignored_intents: tuple[str, ...] = ()


def question_names(form: str, slot: str) -> tuple[str, ...]:
    """Actions and responses that may ask for `slot`, the most particular first."""
    return (
        f"action_ask_{form}_{slot}",
        f"utter_ask_{form}_{slot}",
        f"action_ask_{slot}",
        f"utter_ask_{slot}",
    )


@dataclass(frozen=True, slots=True)
class Intent:
    name: str
    use_entities: frozenset[str] | None = None
    """None: every entity."""
    ignore_entities: frozenset[str] | None = None
    """None: those that the domain silences."""


@dataclass(frozen=True, slots=True)
class EntityLabels:
    """The roles and groups that an entity may have."""

    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __contains__(self, label: str | None) -> bool:
        return label in self.roles or label in self.groups


NO_LABELS = EntityLabels()


@dataclass(frozen=True, slots=True)
class SlotCondition:
    slot: str
    value: Any


@dataclass(frozen=True, slots=True)
class Variation:
    """One wording of a response; `content` holds text, buttons, image and the rest as written."""

    content: Mapping[str, Any]
    channel: str | None = None
    conditions: tuple[SlotCondition, ...] = ()


@dataclass(frozen=True, slots=True)
class Domain:
    intents: Mapping[str, Intent] = field(default_factory=dict)
    entities: tuple[str, ...] = ()
    entity_labels: Mapping[str, EntityLabels] = field(default_factory=dict)
    """Of those that declare any."""
    silent_entities: frozenset[str] = frozenset()
    """Those with ``influence_conversation: false``."""
    slots: Mapping[str, Slot] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    responses: Mapping[str, tuple[Variation, ...]] = field(default_factory=dict)
    actions: tuple[str, ...] = ()
    """Custom actions and responses that the domain lists."""
    e2e_actions: tuple[str, ...] = ()
    session_minutes: float = 60.0
    carry_over_slots: bool = True
    store_entities_as_slots: bool = True
    source: Mapping[str, Any] = field(default_factory=dict)
    """The merged domain in Rasa's JSON form, for actions."""
    action_names: tuple[str, ...] = ()
    """Every action that may be predicted: defaults, responses, custom actions, forms."""

    def is_loop(self, name: str | None) -> bool:
        return name is not None and (name in self.forms or name == TWO_STAGE_FALLBACK)

    def initial_slots(self) -> dict[str, Any]:
        slots = {name: slot.initial_value for name, slot in self.slots.items()}
        slots.setdefault(REQUESTED_SLOT, None)
        return slots

    def featurised_entities(
        self, intent: str | None, entities: tuple[EntityValue, ...]
    ) -> tuple[str, ...]:
        """The entity names that count for `intent`, sorted; ``city#from`` for a declared role or
        group."""
        names: set[str] = set()
        for found in entities:
            if self._counts(found.entity, intent):
                names.add(found.entity)
                declared = self.entity_labels.get(found.entity, NO_LABELS)
                names.update(
                    f"{found.entity}#{label}"
                    for label in (found.role, found.group)
                    if label in declared
                )
        return tuple(sorted(names))

    def _counts(self, entity: str, intent: str | None) -> bool:
        spec = self.intents.get(intent or "")
        if spec is None:
            return True
        ignored = self.silent_entities if spec.ignore_entities is None else spec.ignore_entities
        if entity in ignored:
            return False
        if spec.use_entities is not None:
            return entity in spec.use_entities
        return entity in self.entities and entity not in self.silent_entities

    def slots_for_entities(self, entities: tuple[EntityValue, ...]) -> list[SlotSet]:
        """The slots that annotated entities of a story fill, outside of any form."""
        if not self.store_entities_as_slots or not entities:
            return []
        events = []
        for slot in self.slots.values():
            values = [
                found.value
                for mapping in slot.mappings
                if mapping.type == "from_entity"
                and not (mapping.conditions and mapping.conditions[0].active_loop is not None)
                for found in entities
                if mapping.matches(found)
            ]
            if values:
                events.append(SlotSet(slot.name, values if slot.type == "list" else values[-1]))
        return events
