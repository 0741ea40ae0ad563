"""Conversations as stories: what was said and what the policies decided, in Rasa's format.

The stories train a bot (under ``data/``) and test it (under ``tests/``): a message carries its
intent and its annotated text. What was answered beside the flow is no policy's decision and is
left out, as is a message that was taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from dialogue.events import (
    ACTION_LISTEN,
    ACTION_SESSION_START,
    REQUESTED_SLOT,
    ActionExecuted,
    ActiveLoop,
    EntityValue,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
    event_from_json,
)
from dialogue.payload import read_payload
from dialogue.reminders import EXTERNAL
from dialogue.tracker import ASIDE_POLICY
from dialogue.types import StoredEvent

Step = dict[str, Any]
_UNSAID = (ACTION_LISTEN, ACTION_SESSION_START)


def story_yaml(conversations: Iterable[tuple[str, Sequence[StoredEvent]]]) -> str:
    """A story file of named conversations; each session of one is a story of its own."""
    stories = [story for name, history in conversations for story in _stories(name, history)]
    body = {"version": "3.1", "stories": stories}
    text: str = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=100)
    return text


def _stories(name: str, history: Sequence[StoredEvent]) -> list[Mapping[str, Any]]:
    told = [steps for steps in map(_steps, _sessions(history)) if steps]
    names = [name] if len(told) == 1 else [f"{name}, part {n}" for n in range(1, len(told) + 1)]
    return [{"story": one, "steps": steps} for one, steps in zip(names, told, strict=True)]


def _sessions(history: Sequence[StoredEvent]) -> list[list[Event]]:
    sessions: list[list[Event]] = [[]]
    for event in map(event_from_json, history):
        if isinstance(event, Restarted | SessionStarted):
            sessions.append([])
        sessions[-1].append(event)
    return sessions


def _steps(events: Sequence[Event]) -> list[Step]:
    """The messages that a policy acted on, each with what followed."""
    turns: list[list[Step]] = [[]]
    for event in events:
        if isinstance(event, UserUttered):
            turns.append([_message(event)])
        elif isinstance(event, UserUtteranceReverted) and len(turns) > 1:
            turns.pop()
        else:
            _add(turns[-1], event)
    return [step for turn in turns for step in turn if any("action" in one for one in turn)]


def _add(steps: list[Step], event: Event) -> None:
    match event:
        case ActionExecuted(name=name, policy=policy):
            if name not in _UNSAID and policy != ASIDE_POLICY:
                steps.append({"action": name})
        case ActiveLoop(name=name):
            steps.append({"active_loop": name})
        case SlotSet(name=name, value=value) if name != REQUESTED_SLOT:
            if steps and "slot_was_set" in steps[-1]:
                told = steps[-1]["slot_was_set"]  # a form repeats what it has checked
                steps[-1]["slot_was_set"] = [
                    *(one for one in told if name not in one),
                    {name: value},
                ]
            else:
                steps.append({"slot_was_set": [{name: value}]})


def _message(message: UserUttered) -> Step:
    step: Step = {"intent": message.full_intent or message.intent}
    text = message.text or ""
    plain = read_payload(text) is None and not message.metadata.get(EXTERNAL)
    annotated = _annotated(text, message.entities) if plain else None
    if annotated is not None:
        step["user"] = annotated
    if message.entities and annotated in (None, text):
        step["entities"] = [_listed(entity) for entity in message.entities]
    return step


def _annotated(text: str, entities: Sequence[EntityValue]) -> str | None:
    """``去[北京](city)``; the plain text where a span has no place in it."""
    if any(mark in text for mark in "[]"):
        return None if entities else text
    parts, at = [], 0
    for entity in sorted(entities, key=lambda one: one.start or 0):
        start, end = entity.start, entity.end
        if start is None or end is None or start < at or end <= start or end > len(text):
            return text
        parts += [text[at:start], f"[{text[start:end]}]", _label(entity, text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _label(entity: EntityValue, span: str) -> str:
    if entity.value == span and not entity.role and not entity.group:
        return f"({entity.entity})"
    return json.dumps(_listed(entity, "entity"), ensure_ascii=False)


def _listed(entity: EntityValue, key: str | None = None) -> Step:
    named = {key: entity.entity, "value": entity.value} if key else {entity.entity: entity.value}
    extra = {"role": entity.role, "group": entity.group}
    return named | {name: value for name, value in extra.items() if value}
