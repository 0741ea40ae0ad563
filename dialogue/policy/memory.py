"""Memory of stories: a conversation that went exactly so goes on as it did.

On a miss the oldest actions are forgotten one by one, and with them the slots that were set
then, until what is left is a story's beginning (Rasa's AugmentedMemoizationPolicy).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dialogue.decisions import MEMORY, Decision
from dialogue.domain import Domain
from dialogue.events import ActionExecuted, Event, SessionStarted
from dialogue.history import History, Moment, RuleOnly, State, learned_states
from dialogue.policy.paths import Path
from dialogue.policy.rules import steps_of
from dialogue.tracker import Tracker

PRIORITY = 3
MAX_LOOKBACK_ACTIONS = 200
"""Beginnings further back than this are not tried: no story is that long."""

_End = tuple[str | None, str | None]


class Memory:
    """What followed on which states. Immutable after `build`."""

    def __init__(self, max_history: int | None) -> None:
        self._max_history = max_history
        self._actions: dict[tuple[State, ...], str] = {}
        self._lengths: dict[_End, set[int]] = {}

    @classmethod
    def build(cls, domain: Domain, stories: Iterable[Path], max_history: int | None) -> Memory:
        memory = cls(max_history)
        ambiguous: set[tuple[State, ...]] = set()
        for path in stories:
            for states, action in steps_of(domain, path):
                key = states[-max_history:] if max_history else states
                if key in ambiguous:
                    continue
                if memory._actions.setdefault(key, action) != action:
                    ambiguous.add(key)
                    del memory._actions[key]
        for key in memory._actions:
            memory._lengths.setdefault(_end(key[-1]), set()).add(len(key))
        return memory

    def __len__(self) -> int:
        return len(self._actions)

    def decide(
        self, tracker: Tracker, moments: Sequence[Moment], rule_only: RuleOnly
    ) -> list[Decision]:
        action = self._recall(learned_states(moments, rule_only))
        if action is None:
            action = self._recall_shorter(tracker, moments, rule_only)
        return [Decision(action, MEMORY, 1.0, PRIORITY)] if action else []

    def _recall(self, states: Sequence[State]) -> str | None:
        key = tuple(states[-self._max_history :] if self._max_history else states)
        return self._actions.get(key)

    def _recall_shorter(
        self, tracker: Tracker, moments: Sequence[Moment], rule_only: RuleOnly
    ) -> str | None:
        lengths = self._candidate_lengths(moments, rule_only)
        if not lengths:
            return None
        events = _of_session(tracker.applied)
        starts = [i for i, event in enumerate(events) if isinstance(event, ActionExecuted)]
        visible = _visible_counts(moments)
        longest = self._max_history or max(lengths)
        for at, start in enumerate(
            starts[-MAX_LOOKBACK_ACTIONS:], max(0, len(starts) - MAX_LOOKBACK_ACTIONS)
        ):
            # a turn at the edge may change whether it is hidden, hence one more and one less
            count = visible[-1] - visible[at] if at < len(visible) else 0
            near = {count - 1, count, count + 1}
            if count - 1 > longest or (not near & lengths and not self._max_history):
                continue
            history = History(tracker.domain)
            for event in events[start:]:
                history.add(event)
            states = learned_states([*history.moments, history.moment()], rule_only)
            action = self._recall(states)
            if action is not None:
                return action
        return None

    def _candidate_lengths(self, moments: Sequence[Moment], rule_only: RuleOnly) -> set[int]:
        states = learned_states(moments[-2:], rule_only)
        lengths: set[int] = set()
        if states:
            # the user's message may belong to a turn before these two, so any intent will do
            previous = states[-1].previous
            for (known, _), found in self._lengths.items():
                if known in (previous, moments[-1].state.previous):
                    lengths |= found
        return lengths


def _end(state: State) -> _End:
    return state.previous, state.intent


def _of_session(applied: Sequence[Event]) -> Sequence[Event]:
    for index in range(len(applied) - 1, -1, -1):
        if isinstance(applied[index], SessionStarted):
            return applied[index + 1 :]
    return applied


def _visible_counts(moments: Sequence[Moment]) -> list[int]:
    """How many moments before each are not hidden; one longer than `moments`."""
    counts = [0]
    hidden = False
    for moment in moments:
        if not moment.steady:
            hidden = moment.hidden
        counts.append(counts[-1] + (not hidden))
    return counts
