"""Turns stories and rules into the conversations they stand for: one event list for each path
through ``or`` and checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from dialogue.domain import Domain
from dialogue.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActiveLoop,
    Event,
    SlotSet,
    UserUttered,
)
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
from dialogue.project.story_files import ANY_VALUE

RULE_START = "..."
"""Stands in a rule for whatever went before (and, at its end, for whatever comes after)."""
MAX_PATHS = 5000
MAX_PATHS_PER_STORY = 500
MAX_CHECKPOINT_VISITS = 2


@dataclass(frozen=True, slots=True)
class Path:
    """One conversation that a story or rule describes."""

    name: str
    events: tuple[Event, ...]
    story: Story | None = None
    """Where it ends; None for a conversation that is put together of several."""

    @property
    def is_rule(self) -> bool:
        return self.story is not None and self.story.is_rule


@dataclass(slots=True)
class _Block:
    """A piece of a story between checkpoints."""

    story: Story
    start: CheckpointStep | None
    steps: list[Step] = field(default_factory=list)
    end: str | None = None


def paths_of(domain: Domain, stories: Iterable[Story]) -> list[Path]:
    """Every path, at most `MAX_PATHS` in all."""
    blocks = [block for story in stories for block in _blocks(story)]
    continuations: dict[str, list[_Block]] = {}
    for block in blocks:
        if block.start is not None:
            continuations.setdefault(block.start.name, []).append(block)
    ends = {block.end for block in blocks if block.end}
    paths: list[Path] = []
    for block in blocks:
        if block.start is not None and block.start.name in ends:
            continue  # reached through the blocks that end there
        for chain in _chains(block, continuations, {}):
            for steps in _alternatives(chain):
                path = _path(domain, chain, steps)
                if path is not None:
                    paths.append(path)
                if len(paths) >= MAX_PATHS:
                    return paths
    return paths


def _blocks(story: Story) -> Iterator[_Block]:
    block = _Block(story, None)
    for step in story.steps:
        if isinstance(step, CheckpointStep):
            if block.steps:
                block.end = step.name
                yield block
            block = _Block(story, step)
        else:
            block.steps.append(step)
    if block.steps:
        yield block


def _chains(
    block: _Block, continuations: dict[str, list[_Block]], visits: dict[str, int]
) -> Iterator[list[_Block]]:
    if block.end is None or block.end not in continuations:
        yield [block]
        return
    seen = visits.get(block.end, 0)
    if seen >= MAX_CHECKPOINT_VISITS:
        return
    for following in continuations[block.end]:
        for rest in _chains(following, continuations, {**visits, block.end: seen + 1}):
            yield [block, *rest]


def _alternatives(chain: Sequence[_Block]) -> Iterator[list[tuple[_Block, Step]]]:
    flat = [(block, step) for block in chain for step in block.steps]
    choices = [
        [(block, one) for one in step.alternatives] if isinstance(step, OrStep) else [(block, step)]
        for block, step in flat
    ]
    for count, combination in enumerate(product(*choices)):
        if count >= MAX_PATHS_PER_STORY:
            return
        yield list(combination)


def _path(domain: Domain, chain: Sequence[_Block], steps: list[tuple[_Block, Step]]) -> Path | None:
    """None where a checkpoint on the way asks for other slots than were set."""
    first = chain[0].story
    events: list[Event] = []
    if first.is_rule and not first.conversation_start:
        events.append(ActionExecuted(RULE_START))
    for condition in first.conditions:
        events.extend(_events(domain, condition))
    block = chain[0]
    for of, step in steps:
        if of is not block:
            block = of
            if not _passes(domain, block.start, events):
                return None
        if isinstance(step, UserStep) and not _ends_listening(events):
            events.append(ActionExecuted(ACTION_LISTEN))
        events.extend(_events(domain, step))
    last = chain[-1]
    if first.is_rule and not last.story.waits:
        events.append(ActionExecuted(RULE_START))
    elif last.end is None and not _ends_listening(events):
        events.append(ActionExecuted(ACTION_LISTEN))
    return Path(last.story.name, tuple(events), last.story)


def _passes(domain: Domain, start: CheckpointStep | None, events: Sequence[Event]) -> bool:
    """Whether the slots hold what the checkpoint's ``slot_was_set`` asks for."""
    if start is None or not start.conditions:
        return True
    slots = domain.initial_slots()
    slots.update({event.name: event.value for event in events if isinstance(event, SlotSet)})
    return all(
        slots.get(name) is not None if value is ANY_VALUE else slots.get(name) == value
        for name, value in start.conditions
    )


def _ends_listening(events: list[Event]) -> bool:
    """Whether the last event is listening; slots set afterwards do not count, as in Rasa."""
    last = events[-1] if events else None
    return isinstance(last, ActionExecuted) and last.name == ACTION_LISTEN


def _events(domain: Domain, step: Step) -> list[Event]:
    match step:
        case UserStep():
            return [user_event(step), *domain.slots_for_entities(step.entities)]
        case ActionStep():
            return [ActionExecuted(step.name, action_text=step.text)]
        case SlotStep():
            return [SlotSet(name, _value(domain, name, value)) for name, value in step.slots]
        case LoopStep():
            return [ActiveLoop(step.name)]
        case _:
            return []


def user_event(step: UserStep) -> UserUttered:
    base = step.intent.split("/", 1)[0] if step.intent else None
    return UserUttered(step.text, base, step.entities, full_intent=step.intent)


def _value(domain: Domain, name: str, value: Any) -> Any:
    if value is not ANY_VALUE:
        return value
    slot = domain.slots.get(name)
    examples = {"bool": True, "float": 1.0, "list": ["any"]}
    if slot is not None and slot.type == "categorical" and slot.values:
        return slot.values[0]
    return examples.get(slot.type, "any") if slot else "any"
