"""Runs test stories as Rasa judges them: teacher-forced, so no action is ever run.

At each step the policies see the story so far as it is written, and say what comes next; what
the story says then happens. A story passes when every intent, every set of entities and every
action agree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialogue.domain import Domain
from dialogue.events import (
    ActionExecuted,
    ActionRejected,
    EntityValue,
    UserUttered,
)
from dialogue.history import Lookback
from dialogue.policy.ensemble import Policies
from dialogue.policy.paths import Path, paths_of
from dialogue.project.model import Project, Story
from dialogue.tracker import Tracker
from nlu.types import Understanding

UNLIKELY = "action_unlikely_intent"
Understand = Callable[[str], Awaitable[Understanding]]


@dataclass(frozen=True, slots=True)
class Divergence:
    """One place where the bot does not do what the story says."""

    kind: str
    """``action``, ``intent`` or ``entities``."""
    expected: str
    got: str
    after: str
    """The last thing the customer said, or the intent of it."""
    policy: str | None = None
    confidence: float | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "expected": self.expected,
            "got": self.got,
            "after": self.after,
            "policy": self.policy,
            "confidence": self.confidence,
        }


@dataclass(slots=True)
class StoryResult:
    name: str
    story: Story
    actions: int = 0
    actions_correct: int = 0
    intents: int = 0
    intents_correct: int = 0
    entities_correct: int = 0
    """Messages all of whose entities were found, and no other."""
    divergences: list[Divergence] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.divergences


@dataclass(frozen=True, slots=True)
class TestReport:
    results: tuple[StoryResult, ...]
    warnings: tuple[str, ...] = ()

    __test__ = False

    @property
    def failed(self) -> list[StoryResult]:
        return [result for result in self.results if not result.passed]

    def as_json(self) -> Mapping[str, Any]:
        results = self.results
        return {
            "stories": len(results),
            "stories_passed": sum(result.passed for result in results),
            "actions": sum(result.actions for result in results),
            "actions_correct": sum(result.actions_correct for result in results),
            "intents": sum(result.intents for result in results),
            "intents_correct": sum(result.intents_correct for result in results),
            "entities_correct": sum(result.entities_correct for result in results),
            "failed": [result.name for result in self.failed],
            "divergences": {result.name: result.divergences[0].as_json() for result in self.failed},
            "warnings": [*self.warnings, *(w for result in results for w in result.warnings)],
        }


async def run_tests(
    project: Project, policies: Policies, understand: Understand | None = None
) -> TestReport:
    """Judge every test story; without `understand` the stories' own annotation is believed."""
    results = []
    for story, path in _test_paths(project.domain, project.tests):
        results.append(await _run(project.domain, policies, story, path, understand))
    return TestReport(tuple(results), tuple(str(problem) for problem in project.warnings))


def _test_paths(domain: Domain, stories: Sequence[Story]) -> Iterable[tuple[Story, Path]]:
    for path in paths_of(domain, stories):
        if path.story is not None:
            yield path.story, path


async def _run(
    domain: Domain, policies: Policies, story: Story, path: Path, understand: Understand | None
) -> StoryResult:
    result = StoryResult(path.name, story)
    tracker = Tracker(domain)
    lookback = Lookback(tracker)
    for index, event in enumerate(path.events):
        if index and isinstance(event, ActionExecuted):
            event = _judged(policies, tracker, lookback, event, result)
        elif isinstance(event, UserUttered) and event.text is not None and understand:
            await _judge_message(event, understand, result)
        tracker.update(event)
    return result


def _judged(
    policies: Policies,
    tracker: Tracker,
    lookback: Lookback,
    expected: ActionExecuted,
    result: StoryResult,
) -> ActionExecuted:
    """What goes on the record: the expected action, under the name that the policies know."""
    decision = policies.decide(tracker, lookback).decision
    if decision.action == UNLIKELY and expected.name != UNLIKELY:
        result.warnings.append(f"{result.name}: {UNLIKELY} before {expected.name}")
    right = same_action(decision.action, expected.name, tracker.latest_message)
    if not right and decision.action == tracker.loop_name in tracker.domain.forms:
        # the form might have refused to run, as forms do when a message does not fit
        tracker.update(ActionRejected(decision.action))
        decision = policies.decide(tracker, lookback).decision
        right = same_action(decision.action, expected.name, tracker.latest_message)
    result.actions += 1
    result.actions_correct += right
    if not right:
        result.divergences.append(
            Divergence(
                kind="action",
                expected=expected.name,
                got=decision.action,
                after=_said(tracker.latest_message),
                policy=decision.policy,
                confidence=round(decision.confidence, 3),
            )
        )
    in_full = right and expected.name.startswith(f"{decision.action}/")
    return replace(expected, name=decision.action) if in_full else expected


def same_action(got: str, expected: str, message: UserUttered | None) -> bool:
    """Equal, or the same retrieval action, one of them named in full.

    ``utter_faq`` after a message of ``faq/opening_hours`` is ``utter_faq/opening_hours``; after a
    message that the story gives as ``faq`` alone it may be any of them.
    """
    if got == expected or got.split("/", 1)[0] == expected:
        return True
    asked = (message.full_intent if message else None) or ""
    return expected.split("/", 1)[0] == got and ("/" not in asked or expected == f"utter_{asked}")


def _said(message: UserUttered | None) -> str:
    return (message.text or message.intent or "") if message else ""


async def _judge_message(event: UserUttered, understand: Understand, result: StoryResult) -> None:
    text = event.text or ""
    got = await understand(text)
    expected_intent = event.full_intent or ""
    got_intent = got.intent.name
    result.intents += 1
    if "/" not in expected_intent:
        got_intent = got_intent.split("/", 1)[0]
    if got_intent == expected_intent:
        result.intents_correct += 1
    else:
        result.divergences.append(
            Divergence("intent", expected_intent, got_intent, text, None, got.intent.confidence)
        )
    wanted = {_entity_key(e.entity, e.start, e.end, e.value) for e in event.entities}
    found = {_entity_key(e.entity, e.start, e.end, e.value) for e in got.entities}
    if wanted == found:
        result.entities_correct += 1
    else:
        result.divergences.append(
            Divergence("entities", _entities_words(wanted), _entities_words(found), text)
        )


def _entity_key(entity: str, start: int | None, end: int | None, value: Any) -> tuple[str, ...]:
    return entity, str(start), str(end), str(value)


def _entities_words(keys: set[tuple[str, ...]]) -> str:
    return ", ".join(f"{k[0]}={k[3]}[{k[1]}:{k[2]}]" for k in sorted(keys)) or "none"


def annotated(text: str, entities: Sequence[EntityValue]) -> str:
    """`text` with its entities marked as test stories mark them."""
    parts: list[str] = []
    at = 0
    for entity in sorted(entities, key=lambda e: e.start or 0):
        if entity.start is None or entity.end is None or entity.start < at:
            continue
        span = text[entity.start : entity.end]
        value = "" if entity.value == span else f', "value": "{entity.value}"'
        role = f', "role": "{entity.role}"' if entity.role else ""
        mark = f'{{"entity": "{entity.entity}"{value}{role}}}'
        if not value and not role:
            mark = f"({entity.entity})"
        parts += [text[at : entity.start], f"[{span}]{mark}"]
        at = entity.end
    parts.append(text[at:])
    return "".join(parts)
