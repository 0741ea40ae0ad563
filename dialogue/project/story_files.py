"""Reads stories, rules and test stories."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialogue.events import EntityValue
from dialogue.payload import read_payload
from dialogue.project.model import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    Story,
    UserStep,
)
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.yaml_nodes import Map, items, line_of

STORY_KEYS = {"stories", "rules"}
_STEP_KEYS = (
    "intent",
    "user",
    "action",
    "bot",
    "slot_was_set",
    "active_loop",
    "form",
    "checkpoint",
    "or",
)
_ANNOTATION = re.compile(
    r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])+?)\]"
    r"(?:\((?P<entity>[^()]+?)\)|(?P<dict>\{[^{}]+\})|\[(?P<list>\s*\{[^\[\]]+\}\s*)\])"
)


def read_annotated(text: str) -> tuple[str, tuple[EntityValue, ...]]:
    """The plain text of an annotated message, and its entities.

    Worked example: ``去[北京](city)`` gives ``去北京`` and a city at 1..3.
    """
    plain: list[str] = []
    entities: list[EntityValue] = []
    at = 0
    length = 0
    for found in _ANNOTATION.finditer(text):
        before = text[at : found.start()]
        span = found["text"]
        start = length + len(before)
        plain += [before, span]
        length = start + len(span)
        at = found.end()
        entities.extend(_annotated_entities(found, span, start, length))
    plain.append(text[at:])
    return "".join(plain), tuple(entities)


def _annotated_entities(
    found: re.Match[str], span: str, start: int, end: int
) -> Iterator[EntityValue]:
    if found["entity"] is not None:
        name, _, value = found["entity"].partition(":")
        yield EntityValue(name.strip(), value.strip() or span, start=start, end=end)
        return
    body = found["dict"] or f"[{found['list']}]"
    try:
        parsed = json.loads(body)
    except ValueError:
        return
    for one in parsed if isinstance(parsed, list) else [parsed]:
        if isinstance(one, dict) and one.get("entity"):
            yield EntityValue(
                entity=str(one["entity"]),
                value=one.get("value", span),
                role=one.get("role"),
                group=one.get("group"),
                start=start,
                end=end,
            )


@dataclass(frozen=True, slots=True)
class _Place:
    file: Path
    line: int | None


class StoryReader:
    """Reads one kind of file after another into `stories` and `rules`."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.stories: list[Story] = []
        self.rules: list[Story] = []

    def read(self, data: Map, file: Path) -> None:
        for key, name_key in (("stories", "story"), ("rules", "rule")):
            section = data.get(key)
            if section is None:
                continue
            if not isinstance(section, list):
                self._report.error(f"expected a list under `{key}:`", file, line_of(data, key))
                continue
            for item, line in items(section):
                story = self._story(item, name_key, _Place(file, line))
                if story is not None:
                    (self.rules if story.is_rule else self.stories).append(story)

    def _story(self, item: Any, name_key: str, at: _Place) -> Story | None:
        if not isinstance(item, Map):
            self._report.error(f"expected `{name_key}:` and `steps:`", at.file, at.line)
            return None
        for key in item:
            allowed = (
                "story",
                "rule",
                "steps",
                "condition",
                "metadata",
                "conversation_start",
                "wait_for_user_input",
            )
            if key not in allowed:
                self._report.error(
                    f"unknown key {key!r} in a {name_key}",
                    at.file,
                    line_of(item, key),
                    did_you_mean(key, allowed),
                )
        name = item.get(name_key, item.get("story", item.get("rule")))
        if name is None:
            self._report.error(f"expected `{name_key}: <its name>`", at.file, at.line)
            return None
        steps = item.get("steps")
        if not isinstance(steps, list):
            self._report.error(
                f"the {name_key} {str(name)!r} has no steps",
                at.file,
                at.line,
                "write `steps:` with `- intent: ...` and `- action: ...` under it",
            )
            return None
        is_rule = name_key == "rule"
        return Story(
            name=str(name),
            steps=tuple(self._steps(steps, at.file)),
            file=at.file,
            line=at.line,
            is_rule=is_rule,
            conditions=tuple(self._conditions(item.get("condition"), at)) if is_rule else (),
            conversation_start=item.get("conversation_start") is True,
            waits=item.get("wait_for_user_input") is not False,
        )

    def _conditions(self, value: Any, at: _Place) -> Iterator[SlotStep | LoopStep]:
        if isinstance(value, Map):
            for key, part in value.items():
                step = self._state_step(key, part, at.line)
                if step is not None:
                    yield step
            return
        if value is not None and not isinstance(value, list):
            self._report.error(
                f"expected a list under `condition:`, got {value!r:.60}",
                at.file,
                at.line,
                "write `- active_loop: ...` or `- slot_was_set:` under it",
            )
        for item, line in items(value):
            if not isinstance(item, Map):
                self._report.error("expected `active_loop:` or `slot_was_set:`", at.file, line)
                continue
            for key, part in item.items():
                step = self._state_step(key, part, line)
                if step is None:
                    self._report.error(
                        f"a condition cannot be {key!r}",
                        at.file,
                        line,
                        "use active_loop or slot_was_set",
                    )
                else:
                    yield step

    def _state_step(self, key: str, value: Any, line: int | None) -> SlotStep | LoopStep | None:
        if key in ("active_loop", "form"):
            if isinstance(value, Map):
                value = value.get("name")
            return LoopStep(None if value is None else str(value), line)
        if key == "slot_was_set":
            return SlotStep(tuple(_slot_pairs(value)), line)
        return None

    def _steps(self, steps: list[Any], file: Path) -> Iterator[Step]:
        for item, line in items(steps):
            if item is None:
                continue
            if isinstance(item, Map):
                yield from self._step(item, _Place(file, line))
            else:
                self._report.error(
                    f"expected a step such as `- action: name`, got {str(item)!r}",
                    file,
                    line,
                    "put a colon after the key",
                )

    def _step(self, item: Map, at: _Place) -> Iterator[Step]:
        if item.get("intent") is None and item.get("user") is None and "intent" in item:
            self._report.error(
                "`intent:` names no intent", at.file, at.line, "write `- intent: name`"
            )
        elif "intent" in item or "user" in item:
            yield self._user(item, at)
        elif "or" in item:
            alternatives = tuple(self._alternatives(item["or"], at))
            if alternatives:
                yield OrStep(alternatives, at.line)
            else:
                self._report.error(
                    "`or:` needs intents or slots under it", at.file, at.line, "`- intent: name`"
                )
        elif "action" in item:
            if isinstance(item["action"], str):
                yield ActionStep(item["action"], None, at.line)
            else:
                self._report.error(
                    "`action:` names no action", at.file, at.line, "write `- action: name`"
                )
        elif "bot" in item:
            yield ActionStep(str(item["bot"]), str(item["bot"]), at.line)
        elif "checkpoint" in item:
            conditions = tuple(_slot_pairs(item.get("slot_was_set")))
            yield CheckpointStep(str(item["checkpoint"]), conditions, at.line)
        else:
            yield from self._other_step(item, at)
            return
        if "slot_was_set" in item and "checkpoint" not in item:
            yield SlotStep(tuple(_slot_pairs(item["slot_was_set"])), at.line)

    def _alternatives(self, value: Any, at: _Place) -> Iterator[UserStep | SlotStep]:
        for part, line in items(value):
            steps = list(self._step(part, _Place(at.file, line))) if isinstance(part, Map) else []
            told = [step for step in steps if isinstance(step, UserStep | SlotStep)]
            for step in told:  # of several slots in one item each is an alternative
                if isinstance(step, SlotStep):
                    yield from (SlotStep((pair,), step.line) for pair in step.slots)
                else:
                    yield step
            if steps and not told:
                self._report.error(
                    f"`or:` cannot hold {next(iter(part))!r}",
                    at.file,
                    line,
                    "its alternatives are intents or slots",
                )

    def _other_step(self, item: Map, at: _Place) -> Iterator[Step]:
        known = False
        for key, value in item.items():
            step = self._state_step(key, value, at.line)
            if step is not None:
                known = True
                yield step
        if not known and set(item) - {"metadata"}:
            name = next(iter(item))
            self._report.error(
                f"unknown step {name!r}",
                at.file,
                at.line,
                did_you_mean(name, _STEP_KEYS) or f"use one of {', '.join(_STEP_KEYS)}",
            )

    def _user(self, item: Map, at: _Place) -> UserStep:
        intent = item.get("intent")
        raw = item.get("user")
        text: str | None = None
        entities: tuple[EntityValue, ...] = ()
        if raw is not None:
            text, entities = read_annotated(str(raw).strip())
            payload = read_payload(text)
            if payload is not None:
                intent = intent or payload.intent
                entities = payload.entities
        if raw is None or not entities:
            entities = _story_entities(item.get("entities")) or entities
        if isinstance(intent, Map):
            self._report.error("expected the intent's name", at.file, at.line)
            intent = next(iter(intent), None)
        name = None if intent is None else str(intent).strip().removeprefix("/")
        return UserStep(name, entities, text, at.line)


def _slot_pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Slots of ``slot_was_set``; a bare name means that it holds something (`ANY_VALUE`)."""
    if isinstance(value, Map):
        yield from value.items()
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Map):
                yield from item.items()
            elif item is not None:
                yield str(item), ANY_VALUE
    elif value is not None:
        yield str(value), ANY_VALUE


class _AnyValue:
    def __repr__(self) -> str:
        return "any value"


ANY_VALUE = _AnyValue()


def _story_entities(value: Any) -> tuple[EntityValue, ...]:
    found: list[EntityValue] = []
    if isinstance(value, Map):
        value = [value]
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Map):
            if isinstance(item.get("entity"), str):
                name, content = item["entity"], item.get("value", "")
            else:
                pairs = [(k, v) for k, v in item.items() if k not in ("role", "group", "value")]
                if not pairs:
                    continue
                name, content = pairs[0]
            found.append(EntityValue(name, content, role=item.get("role"), group=item.get("group")))
        elif item is not None:
            found.append(EntityValue(str(item), ""))
    return tuple(found)
