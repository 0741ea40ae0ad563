"""A conversation's history as the policies see it: a state before every action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dialogue.domain import SHOULD_NOT_BE_SET, Domain
from dialogue.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActiveLoop,
    Event,
    FollowupAction,
    SessionStarted,
    SlotSet,
    SlotsReset,
    UserUttered,
)
from dialogue.tracker import Tracker


@dataclass(frozen=True, slots=True)
class State:
    """What the policies see at one moment, just before an action."""

    intent: str | None = None
    entities: tuple[str, ...] = ()
    text: str | None = None
    """Only of a message that a story gives without an intent."""
    previous: str | None = None
    loop: str | None = None
    slots: tuple[tuple[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        user: dict[str, Any] = {}
        if self.intent:
            user["intent"] = self.intent
        if self.text:
            user["text"] = self.text
        if self.entities:
            user["entities"] = list(self.entities)
        parts = {
            "user": user,
            "prev_action": {"action_name": self.previous} if self.previous else {},
            "active_loop": {"name": self.loop} if self.loop else {},
            "slots": dict(self.slots),
        }
        return {name: part for name, part in parts.items() if part}


@dataclass(frozen=True, slots=True)
class Moment:
    """A state, and how the action that followed it was predicted."""

    state: State
    hidden: bool
    steady: bool
    """A follow-up or the loop's own: such an action does not change whether a turn is hidden."""


class History:
    """States of an applied history, folded event by event.

    With `of_rule` a slot or loop that is set to null must not be set (`SHOULD_NOT_BE_SET`).
    """

    def __init__(self, domain: Domain, *, of_rule: bool = False) -> None:
        self._domain = domain
        self._of_rule = of_rule
        self._begin()

    def _begin(self) -> None:
        self.moments: list[Moment] = []
        self.actions: list[ActionExecuted] = []
        self._user: tuple[str | None, tuple[str, ...], str | None] = (None, (), None)
        self._previous: str | None = None
        self._loop: str | None = None
        self._followup: str | None = ACTION_LISTEN
        self._slots: dict[str, Any] = {}
        if not self._of_rule:
            self._reset_slots()

    def _reset_slots(self) -> None:
        self._slots = {}
        for slot in self._domain.slots.values():
            features = slot.features(slot.initial_value)
            if any(features):
                self._slots[slot.name] = features

    def state(self) -> State:
        intent, entities, text = self._user
        return State(
            intent, entities, text, self._previous, self._loop, tuple(sorted(self._slots.items()))
        )

    def moment(self, *, hidden: bool = False) -> Moment:
        steady = self._followup is not None or (
            self._loop is not None and self._previous == self._loop
        )
        return Moment(self.state(), hidden, steady)

    def add(self, event: Event) -> None:
        match event:
            case ActionExecuted():
                self.moments.append(self.moment(hidden=event.hide_rule_turn))
                self.actions.append(event)
                self._previous = event.name or event.action_text
                self._followup = None
            case UserUttered():
                text = event.text if event.intent is None else None
                entities = self._domain.featurised_entities(event.intent, event.entities)
                self._user = (event.intent, entities, text)
                self._followup = None
            case SlotSet():
                self._set_slot(event.name, event.value)
            case ActiveLoop():
                unset = SHOULD_NOT_BE_SET if self._of_rule else None
                self._loop = event.name or unset
            case FollowupAction():
                self._followup = event.name
            case SlotsReset():
                self._reset_slots()
            case SessionStarted():
                self._begin()  # an earlier session is no part of this one's story

    def _set_slot(self, name: str, value: Any) -> None:
        slot = self._domain.slots.get(name)
        if slot is None or not slot.feature_width:
            return
        self._slots.pop(name, None)
        if value is None:
            if self._of_rule:
                self._slots[name] = SHOULD_NOT_BE_SET
            return
        features = slot.features(value)
        if any(features):
            self._slots[name] = features


class Lookback:
    """The states of a tracker, kept up to date as it grows."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._start()

    def _start(self) -> None:
        self._history = History(self._tracker.domain)
        self._seen = 0
        self._rewrites = self._tracker.rewrites

    def moments(self) -> list[Moment]:
        """One for every applied action, and the present one last."""
        if self._rewrites != self._tracker.rewrites:
            self._start()
        for event in self._tracker.applied[self._seen :]:
            self._history.add(event)
        self._seen = len(self._tracker.applied)
        return [*self._history.moments, self._history.moment()]


@dataclass(frozen=True, slots=True)
class RuleOnly:
    """Slots and loops that no story mentions: memory and trained policy do not see them."""

    slots: frozenset[str] = frozenset()
    loops: frozenset[str] = frozenset()


def learned_states(moments: Sequence[Moment], rule_only: RuleOnly) -> list[State]:
    """The states without the turns that only rules govern.

    Such a turn neither appears itself nor shows in the previous action of a later one, so that
    a story goes on after an interruption that a rule answered.
    """
    states: list[State] = []
    hidden = False
    last_learned: str | None = None
    for moment in moments:
        if not hidden:
            last_learned = moment.state.previous
        if not moment.steady:
            hidden = moment.hidden
        if hidden:
            continue
        state = _without(moment.state, rule_only)
        if states and state.previous != ACTION_LISTEN:
            before = states[-1]
            state = replace(state, intent=before.intent, entities=before.entities, text=before.text)
        if last_learned is not None and state.previous != last_learned:
            state = replace(state, previous=last_learned)
        states.append(state)
    return states


def _without(state: State, rule_only: RuleOnly) -> State:
    loop = None if state.loop in rule_only.loops else state.loop
    if loop == state.loop and not rule_only.slots:
        return state
    slots = tuple(item for item in state.slots if item[0] not in rule_only.slots)
    return replace(state, loop=loop, slots=slots)
