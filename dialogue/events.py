"""Tracker events: typed inside the dialogue, Rasa's JSON where they are stored or sent.

A conversation is the list of its events and nothing else: whoever replays them has its state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from dialogue.types import StoredEvent

ACTION_LISTEN = "action_listen"
ACTION_SESSION_START = "action_session_start"
REQUESTED_SLOT = "requested_slot"


@dataclass(frozen=True, slots=True)
class EntityValue:
    """One entity of a message as slots and policies see it."""

    entity: str
    value: Any
    role: str | None = None
    group: str | None = None
    start: int | None = None
    end: int | None = None
    confidence: float | None = None
    extractor: str | None = None


@dataclass(frozen=True, slots=True)
class UserUttered:
    text: str | None
    intent: str | None
    """The base intent: ``faq`` of ``faq/opening_hours``."""
    entities: tuple[EntityValue, ...] = ()
    confidence: float = 1.0
    full_intent: str | None = None
    """``faq/opening_hours`` where a response selector or a story named it."""
    parse_data: Mapping[str, Any] = field(default_factory=dict)
    channel: str | None = None
    message_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timestamp: float = 0.0

    @property
    def said(self) -> str | None:
        """The text, in Chinese characters where it was typed in pinyin."""
        return self.parse_data.get("read_as") or self.text


@dataclass(frozen=True, slots=True)
class ActionExecuted:
    name: str
    policy: str | None = None
    confidence: float | None = None
    action_text: str | None = None
    hide_rule_turn: bool = False
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class BotUttered:
    text: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class SlotSet:
    name: str
    value: Any = None
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ActiveLoop:
    name: str | None
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class LoopInterrupted:
    is_interrupted: bool
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ActionRejected:
    name: str
    policy: str | None = None
    confidence: float | None = None
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class UserUtteranceReverted:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ActionReverted:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class Restarted:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionStarted:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class FollowupAction:
    name: str
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class SlotsReset:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ConversationPaused:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ConversationResumed:
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ReminderScheduled:
    intent: str
    trigger_date_time: str
    """ISO 8601, as the action gave it."""
    entities: tuple[EntityValue, ...] = ()
    name: str | None = None
    kill_on_user_message: bool = True
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class ReminderCancelled:
    name: str | None = None
    intent: str | None = None
    entities: tuple[EntityValue, ...] = ()
    timestamp: float = 0.0


@dataclass(frozen=True, slots=True)
class OtherEvent:
    """An event that changes nothing here (``user_featurization``, ``entities``, a stranger's)."""

    raw: Mapping[str, Any]
    timestamp: float = 0.0


Event: TypeAlias = (
    UserUttered
    | ActionExecuted
    | BotUttered
    | SlotSet
    | ActiveLoop
    | LoopInterrupted
    | ActionRejected
    | UserUtteranceReverted
    | ActionReverted
    | Restarted
    | SessionStarted
    | FollowupAction
    | SlotsReset
    | ConversationPaused
    | ConversationResumed
    | ReminderScheduled
    | ReminderCancelled
    | OtherEvent
)

_PLAIN: dict[str, type[Event]] = {
    "rewind": UserUtteranceReverted,
    "undo": ActionReverted,
    "restart": Restarted,
    "session_started": SessionStarted,
    "reset_slots": SlotsReset,
    "pause": ConversationPaused,
    "resume": ConversationResumed,
}
_PLAIN_NAMES = {kind: name for name, kind in _PLAIN.items()}


def stamped(event: Event, now: float) -> Event:
    """`event` with the time `now`, unless it has one of its own."""
    return event if event.timestamp else replace(event, timestamp=now)


def entities_from_json(items: Any) -> tuple[EntityValue, ...]:
    """Rasa's entity dicts, or ``{name: value}`` pairs, as values; anything else is ignored."""
    if isinstance(items, Mapping):
        return tuple(EntityValue(str(name), value) for name, value in items.items())
    found = []
    for item in items if isinstance(items, Sequence) and not isinstance(items, str) else ():
        if isinstance(item, Mapping) and isinstance(item.get("entity"), str):
            found.append(
                EntityValue(
                    entity=item["entity"],
                    value=item.get("value"),
                    role=item.get("role"),
                    group=item.get("group"),
                    start=item.get("start"),
                    end=item.get("end"),
                    confidence=item.get("confidence_entity", item.get("confidence")),
                    extractor=item.get("extractor"),
                )
            )
    return tuple(found)


def entity_to_json(entity: EntityValue) -> dict[str, Any]:
    out: dict[str, Any] = {"entity": entity.entity, "value": entity.value}
    optional = {
        "role": entity.role,
        "group": entity.group,
        "start": entity.start,
        "end": entity.end,
        "confidence_entity": entity.confidence,
        "extractor": entity.extractor,
    }
    out.update({key: value for key, value in optional.items() if value is not None})
    return out


def _user_from_json(raw: Mapping[str, Any], at: float) -> UserUttered:
    parse_data = raw.get("parse_data") or {}
    intent = parse_data.get("intent") or {}
    name = intent.get("name")
    full = parse_data.get("full_intent") or name
    return UserUttered(
        text=raw.get("text"),
        intent=name.split("/", 1)[0] if name else None,
        entities=entities_from_json(parse_data.get("entities") or ()),
        confidence=float(intent.get("confidence") or 0.0),
        full_intent=full,
        parse_data=parse_data,
        channel=raw.get("input_channel"),
        message_id=raw.get("message_id"),
        metadata=raw.get("metadata") or {},
        timestamp=at,
    )


def event_from_json(raw: StoredEvent) -> Event:
    """One stored event, typed. Unknown kinds are kept as `OtherEvent`, so nothing is lost."""
    at = float(raw.get("timestamp") or 0.0)
    kind = raw.get("event")
    if kind in _PLAIN:
        return _PLAIN[kind](timestamp=at)  # type: ignore[call-arg]
    if kind == "user":
        return _user_from_json(raw, at)
    if kind == "action":
        return ActionExecuted(
            name=raw.get("name") or "",
            policy=raw.get("policy"),
            confidence=raw.get("confidence"),
            action_text=raw.get("action_text"),
            hide_rule_turn=bool(raw.get("hide_rule_turn")),
            timestamp=at,
        )
    if kind == "slot":
        return SlotSet(str(raw.get("name")), raw.get("value"), at)
    if kind == "bot":
        return BotUttered(raw.get("text"), raw.get("data") or {}, raw.get("metadata") or {}, at)
    if kind in ("active_loop", "form"):
        return ActiveLoop(raw.get("name"), at)
    if kind in ("loop_interrupted", "form_validation"):
        interrupted = raw.get("is_interrupted", not raw.get("validate", True))
        return LoopInterrupted(bool(interrupted), at)
    if kind == "action_execution_rejected":
        return ActionRejected(raw.get("name") or "", raw.get("policy"), raw.get("confidence"), at)
    if kind == "followup":
        return FollowupAction(str(raw.get("name")), at)
    if kind == "reminder":
        return ReminderScheduled(
            intent=str(raw.get("intent")),
            trigger_date_time=str(raw.get("date_time")),
            entities=entities_from_json(raw.get("entities") or ()),
            name=raw.get("name"),
            kill_on_user_message=bool(raw.get("kill_on_user_msg", True)),
            timestamp=at,
        )
    if kind == "cancel_reminder":
        return ReminderCancelled(
            raw.get("name"), raw.get("intent"), entities_from_json(raw.get("entities") or ()), at
        )
    return OtherEvent(raw, at)


def event_to_json(event: Event) -> dict[str, Any]:
    """Rasa's JSON form of `event`; `event_from_json` reads it back to the same event."""
    body = _body(event)
    if event.timestamp:
        body["timestamp"] = event.timestamp
    return body


def _body(event: Event) -> dict[str, Any]:
    match event:
        case UserUttered():
            parse = dict(event.parse_data)
            parse.setdefault("text", event.text)
            parse.setdefault("intent", {"name": event.intent, "confidence": event.confidence})
            parse.setdefault("entities", [entity_to_json(e) for e in event.entities])
            if event.full_intent and event.full_intent != event.intent:
                parse["full_intent"] = event.full_intent
            return {
                "event": "user",
                "text": event.text,
                "parse_data": parse,
                "input_channel": event.channel,
                "message_id": event.message_id,
                "metadata": dict(event.metadata),
            }
        case ActionExecuted():
            return {
                "event": "action",
                "name": event.name,
                "policy": event.policy,
                "confidence": event.confidence,
                "action_text": event.action_text,
                "hide_rule_turn": event.hide_rule_turn,
            }
        case BotUttered():
            return {
                "event": "bot",
                "text": event.text,
                "data": dict(event.data),
                "metadata": dict(event.metadata),
            }
        case SlotSet():
            return {"event": "slot", "name": event.name, "value": event.value}
        case ActiveLoop():
            return {"event": "active_loop", "name": event.name}
        case LoopInterrupted():
            return {"event": "loop_interrupted", "is_interrupted": event.is_interrupted}
        case ActionRejected():
            return {
                "event": "action_execution_rejected",
                "name": event.name,
                "policy": event.policy,
                "confidence": event.confidence,
            }
        case FollowupAction():
            return {"event": "followup", "name": event.name}
        case ReminderScheduled():
            return {
                "event": "reminder",
                "intent": event.intent,
                "date_time": event.trigger_date_time,
                "entities": [entity_to_json(e) for e in event.entities],
                "name": event.name,
                "kill_on_user_msg": event.kill_on_user_message,
            }
        case ReminderCancelled():
            return {
                "event": "cancel_reminder",
                "name": event.name,
                "intent": event.intent,
                "entities": [entity_to_json(e) for e in event.entities],
            }
        case OtherEvent():
            return dict(event.raw)
        case _:
            return {"event": _PLAIN_NAMES[type(event)]}
