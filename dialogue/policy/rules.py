"""Rules: if the conversation ends as a rule begins, the rule says what comes next.

The semantics are those of Rasa's RulePolicy, on states in memory instead of JSON keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogue.decisions import FALLBACK, LOOP, RULES, Decision
from dialogue.domain import SHOULD_NOT_BE_SET, Domain
from dialogue.events import ACTION_LISTEN, Event, LoopInterrupted
from dialogue.history import History, RuleOnly, State
from dialogue.policy.paths import RULE_START, Path
from dialogue.project.model import PolicySettings
from dialogue.tracker import Tracker

PRIORITY = 4
_DEFAULT_INTENTS = {
    "restart": "action_restart",
    "back": "action_back",
    "session_start": "action_session_start",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of a rule: the states it follows on, oldest first, and the action."""

    states: tuple[State, ...]
    action: str
    name: str
    weight: int
    """Length of the states written out: of several rules that match, the most detailed wins."""


def _fits(rule: State, real: State) -> bool:
    """Whether everything that the rule's state demands holds in the conversation's."""
    if rule.previous is None or real.previous is None:
        return rule.previous is None and real.previous is None
    if rule.previous != real.previous:
        return False
    if rule.intent is not None and rule.intent != real.intent:
        return False
    if rule.text is not None and rule.text != real.text:
        return False
    if rule.entities and rule.entities != real.entities:
        return False
    if rule.loop == SHOULD_NOT_BE_SET:
        if real.loop not in (None, SHOULD_NOT_BE_SET):
            return False
    elif rule.loop is not None and rule.loop != real.loop:
        return False
    if not rule.slots:
        return True
    slots = dict(real.slots)
    for name, value in rule.slots:
        found = slots.get(name)
        if value == SHOULD_NOT_BE_SET:
            if found is not None and found != SHOULD_NOT_BE_SET:
                return False
        elif found != value:
            return False
    return True


def _matches(states: Sequence[State], history: Sequence[State]) -> bool:
    if len(states) > len(history):
        return False
    return all(
        _fits(rule, real) for rule, real in zip(reversed(states), reversed(history), strict=False)
    )


@dataclass(frozen=True, slots=True)
class _Detour:
    """What the data says of one moment inside a loop that was left for another answer."""

    states: tuple[State, ...]
    loop_follows: bool
    """True: the loop is told that it was interrupted. False: the loop is not to follow."""


class RulePolicy:
    """Compiled rules. Immutable after `build`; `decide` is pure."""

    def __init__(
        self,
        settings: PolicySettings,
        rules: Sequence[Rule],
        detours: Sequence[_Detour],
    ) -> None:
        self._settings = settings
        self._index: dict[tuple[str | None, str | None], list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: -rule.weight):
            last = rule.states[-1]
            self._index.setdefault((last.previous, last.intent), []).append(rule)
        self._detours: dict[str | None, list[_Detour]] = {}
        for detour in detours:
            self._detours.setdefault(detour.states[-1].previous, []).append(detour)
        self._only_in_rules: frozenset[Rule] = frozenset()
        self.rule_only = RuleOnly()
        self.rules = tuple(rules)

    @classmethod
    def build(
        cls,
        domain: Domain,
        settings: PolicySettings,
        rules: Iterable[Path],
        stories: Iterable[Path],
    ) -> RulePolicy:
        rule_paths, story_paths = list(rules), list(stories)
        found: dict[tuple[tuple[State, ...], str], Rule] = {}
        detours: dict[tuple[State, ...], _Detour] = {}
        for path in (*rule_paths, *story_paths):
            for states, action in steps_of(domain, path):
                if path.is_rule and action != RULE_START:
                    rule = Rule(states, action, path.name, _weight(states))
                    found.setdefault((states, action), rule)
                detour = _detour(states, action)
                if detour is not None:
                    detours[detour.states] = detour
        policy = cls(settings, list(found.values()), list(detours.values()))
        policy._let_stories_go_on(domain, story_paths)
        if settings.check_contradictions:
            policy._note_what_stories_use(domain, rule_paths, story_paths)
        return policy

    def _note_what_stories_use(
        self, domain: Domain, rules: list[Path], stories: list[Path]
    ) -> None:
        used: set[Rule] = set()
        story_slots: set[str] = set()
        story_loops: set[str] = set()
        for path in stories:
            history = History(domain)
            for event in _applied(domain, path):
                count = len(history.moments)
                history.add(event)
                if len(history.moments) > count:
                    states = [moment.state for moment in history.moments]
                    rule = self._find(states)
                    if rule is not None and rule.action == history.actions[-1].name:
                        used.add(rule)
            for moment in history.moments:
                story_slots.update(name for name, _ in moment.state.slots)
                story_loops.update(filter(None, [moment.state.loop]))
        rule_slots: set[str] = set()
        rule_loops: set[str] = set()
        for rule in self.rules:
            for state in rule.states:
                rule_slots.update(name for name, _ in state.slots)
                rule_loops.update(filter(None, [state.loop]))
        self._only_in_rules = frozenset(set(self.rules) - used)
        self.rule_only = RuleOnly(
            frozenset(rule_slots - story_slots),
            frozenset(rule_loops - story_loops - {SHOULD_NOT_BE_SET}),
        )

    def _let_stories_go_on(self, domain: Domain, stories: list[Path]) -> None:
        """A rule that begins with an action does not end the turn where a story does more then.

        Rasa's RulePolicy does the same: of ``utter_menu, inform, utter_dish`` what counts is
        ``inform`` after ``utter_menu``, not that ``utter_menu`` ends every turn.
        """
        for path in stories:
            for states, action in steps_of(domain, path):
                rule = self._find(states)
                if rule is not None and action != ACTION_LISTEN and self._only_leads_up(rule):
                    last = rule.states[-1]
                    self._index[(last.previous, last.intent)].remove(rule)
                    self.rules = tuple(one for one in self.rules if one is not rule)

    def _only_leads_up(self, rule: Rule) -> bool:
        """Whether `rule` is the listening between a first action and the message after it."""
        if rule.action != ACTION_LISTEN or len(rule.states) > 1:
            return False
        return any(one.states[0] == rule.states[0] for one in self.rules if one is not rule)

    def _find(self, states: Sequence[State]) -> Rule | None:
        last = states[-1]
        best: Rule | None = None
        for key in ((last.previous, last.intent), (last.previous, None)):
            for rule in self._index.get(key, ()):
                if best is not None and rule.weight <= best.weight:
                    break
                if _matches(rule.states, states):
                    best = rule
                    break
            if last.intent is None:
                break
        return best

    def rule_for(self, states: Sequence[State]) -> Rule | None:
        """The rule that `states` end as, the most detailed of several."""
        return self._find(states)

    def knows_intent(self, intent: str) -> bool:
        """Whether some rule answers `intent`."""
        return any(key[1] == intent for key in self._index)

    def answers(self, intent: str) -> frozenset[str]:
        """The actions that rules give first to a message of `intent`, whatever was before it."""
        rules = self._index.get((ACTION_LISTEN, intent), ())
        anywhere = [rule for rule in rules if len(rule.states) == 1]
        return frozenset(rule.action for rule in anywhere or rules)

    def decide(self, tracker: Tracker, states: Sequence[State]) -> list[Decision]:
        """The rules' decision: at most one, plus the fallback when nothing matches."""
        default = self._default(tracker)
        if default is not None:
            return [default]
        steady = _steady_loop(tracker)
        if steady is not None:
            return [steady]
        rule = self._find(states)
        action = rule.action if rule else None
        hidden = rule is not None and rule in self._only_in_rules
        events: tuple[LoopInterrupted, ...] = ()
        loop = tracker.loop_name
        if loop is not None:
            follows = [detour.loop_follows for detour in self._find_detours(states)]
            general = rule is not None and rule.states[-1].loop in (None, SHOULD_NOT_BE_SET)
            if action == ACTION_LISTEN and general:
                if False not in follows:
                    interrupted = (LoopInterrupted(True),)
                    return [Decision(loop, RULES, 1.0, PRIORITY, events=interrupted)]
                action = None
            elif True in follows:
                events = (LoopInterrupted(True),)
        if action is not None:
            return [Decision(action, RULES, 1.0, PRIORITY, hide_rule_turn=hidden, events=events)]
        if not self._settings.fallback_enabled:
            return []
        fallback = self._settings.fallback_action
        threshold = self._settings.fallback_threshold
        return [Decision(fallback, FALLBACK, threshold, PRIORITY, events=events)]

    def _default(self, tracker: Tracker) -> Decision | None:
        message = tracker.latest_message
        if not tracker.listening or message is None or message.intent is None:
            return None
        action = _DEFAULT_INTENTS.get(message.intent)
        return Decision(action, RULES, 1.0, PRIORITY) if action else None

    def _find_detours(self, states: Sequence[State]) -> list[_Detour]:
        known = self._detours.get(states[-1].previous, ())
        return [detour for detour in known if _matches(detour.states, states)]


def _steady_loop(tracker: Tracker) -> Decision | None:
    loop = tracker.loop_name
    if loop is None or tracker.loop_rejected:
        return None
    action = ACTION_LISTEN if tracker.latest_action == loop else loop
    return Decision(action, LOOP, 1.0, PRIORITY, no_user=True)


def _weight(states: Sequence[State]) -> int:
    return len(json.dumps([state.as_json() for state in states], sort_keys=True))


def _applied(domain: Domain, path: Path) -> list[Event]:
    return Tracker.of(domain, path.events).applied


def steps_of(domain: Domain, path: Path) -> list[tuple[tuple[State, ...], str]]:
    """Each action of a path with the states before it, after the last `RULE_START`."""
    history = History(domain, of_rule=path.is_rule)
    for event in _applied(domain, path):
        history.add(event)
    steps = []
    for index, action in enumerate(history.actions):
        states = [moment.state for moment in history.moments[: index + 1]]
        cut = next(
            (at for at in range(len(states) - 1, -1, -1) if states[at].previous == RULE_START), -1
        )
        kept = tuple(states[cut + 1 :])
        if kept:
            steps.append((kept, action.name))
    return steps


def _detour(states: tuple[State, ...], action: str) -> _Detour | None:
    last = states[-1]
    if last.loop in (None, SHOULD_NOT_BE_SET):
        return None
    kept: tuple[State, ...] = (last,)
    if len(states) > 1 and states[-2].previous is not None:
        kept = (State(previous=states[-2].previous), last)
    listening = last.previous == ACTION_LISTEN
    if listening and action == last.loop:
        return _Detour(kept, True)
    if not listening and action != last.loop:
        return _Detour(kept, False)
    return None
