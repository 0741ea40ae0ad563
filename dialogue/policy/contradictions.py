"""Where rules and stories of a project say different things, told before anybody talks to it.

Rasa refuses to train such a project. Here it runs, the rule before the story, and every place is
named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dialogue.decisions import FALLBACK
from dialogue.domain import SHOULD_NOT_BE_SET, Domain, Slot
from dialogue.events import ActionExecuted, ActionRejected, ActiveLoop, SlotSet, UserUttered
from dialogue.history import Lookback, State
from dialogue.policy.paths import RULE_START, Path, paths_of
from dialogue.policy.rules import RulePolicy, steps_of
from dialogue.project.model import Project
from dialogue.project.problems import Problem
from dialogue.tracker import Tracker

NO_SLOT = Slot("", "any")


def contradictions(project: Project) -> list[Problem]:
    """Rules against rules, rules against stories, and stories against each other."""
    domain = project.domain
    rules, stories = paths_of(domain, project.rules), paths_of(domain, project.stories)
    policy = RulePolicy.build(domain, project.policies, rules, stories)
    found = [
        problem for path in (*rules, *stories) for problem in _against_rules(domain, policy, path)
    ]
    found += _incomplete(domain, rules)
    found += _between_stories(domain, stories, project.policies.max_history)
    return list(dict.fromkeys(found))


def _incomplete(domain: Domain, rules: Sequence[Path]) -> Iterator[Problem]:
    """Rules that do not say what an action sets, where others say it: they match other moments
    than they seem to."""
    slots, loops = _set_after_actions(domain, rules)
    for path in rules:
        for states, action in steps_of(domain, path):
            last = states[-1]
            if last.previous is None or action == RULE_START or path.story is None:
                continue
            told = {name for name, _ in last.slots}
            lacking = [
                f"`slot_was_set` of {name!r}"
                for name in sorted(slots.get(last.previous, set()) - told)
            ]
            if last.loop not in (expected := loops.get(last.previous, {last.loop})):
                names = sorted("null" if n == SHOULD_NOT_BE_SET else str(n) for n in expected)
                lacking.append(f"`active_loop: {' or '.join(names)}`")
            if lacking:
                yield Problem(
                    f"the rule {path.name!r} lacks {' and '.join(lacking)} after {last.previous!r}, "
                    "which other rules give there",
                    path.story.file,
                    path.story.line,
                    "add it; `null` where nothing is set",
                    mistake=True,
                )


def _set_after_actions(
    domain: Domain, rules: Sequence[Path]
) -> tuple[dict[str, set[str]], dict[str, set[str | None]]]:
    """The slots and the loops that rules give directly after each action."""
    slots: dict[str, set[str]] = {}
    loops: dict[str, set[str | None]] = {}
    for path in rules:
        action: str | None = None
        for event in path.events:
            match event:
                case ActionExecuted():
                    action = event.name or event.action_text
                case UserUttered():
                    action = None
                case SlotSet() if action and domain.slots.get(event.name, NO_SLOT).feature_width:
                    slots.setdefault(action, set()).add(event.name)
                case ActiveLoop() if action:
                    loops.setdefault(action, set()).add(event.name or SHOULD_NOT_BE_SET)
    return slots, loops


def _against_rules(domain: Domain, policy: RulePolicy, path: Path) -> Iterator[Problem]:
    tracker = Tracker(domain)
    lookback = Lookback(tracker)
    known = False
    """What comes first, and first after `RULE_START`, follows from nothing that is written."""
    for event in path.events:
        if isinstance(event, ActionExecuted):
            if event.name != RULE_START and known:
                predicted = _predicted(policy, tracker, lookback, event.name)
                if predicted not in (None, event.name or event.action_text):
                    yield _contradiction(policy, path, event, str(predicted), tracker, lookback)
            known = event.name != RULE_START
        tracker.update(event)


def _predicted(
    policy: RulePolicy, tracker: Tracker, lookback: Lookback, expected: str
) -> str | None:
    action = _decided(policy, tracker, lookback)
    if action is not None and action == tracker.loop_name != expected:
        refused = tracker.copy_with([ActionRejected(action)])
        return _decided(policy, refused, Lookback(refused))
    return action


def _decided(policy: RulePolicy, tracker: Tracker, lookback: Lookback) -> str | None:
    states = [moment.state for moment in lookback.moments()]
    decided = policy.decide(tracker, states)
    return next((one.action for one in decided if one.policy != FALLBACK), None)


def _contradiction(
    policy: RulePolicy,
    path: Path,
    event: ActionExecuted,
    predicted: str,
    tracker: Tracker,
    lookback: Lookback,
) -> Problem:
    rule = policy.rule_for([moment.state for moment in lookback.moments()])
    by = f"the rule {rule.name!r}" if rule is not None and rule.action == predicted else "a rule"
    kind = "rule" if path.is_rule else "story"
    said = tracker.latest_message
    after = f" after {said.intent!r}" if said is not None and said.intent else ""
    expected = event.name or event.action_text
    return Problem(
        f"the {kind} {path.name!r} expects {expected!r}{after}, {by} says {predicted!r}",
        path.story.file if path.story else None,
        path.story.line if path.story else None,
        "change one of them, or add a condition to the rule",
        mistake=True,
    )


def _between_stories(
    domain: Domain, stories: Sequence[Path], max_history: int | None
) -> Iterator[Problem]:
    """Where memory is of no help: the same conversation goes on in two ways."""
    first: dict[tuple[State, ...], tuple[str, Path]] = {}
    for path in stories:
        for states, action in steps_of(domain, path):
            key = states[-max_history:] if max_history else states
            if not any(state.intent or state.text for state in key):
                continue  # how a story begins follows from nothing
            other, told = first.setdefault(key, (action, path))
            if other != action and path.story is not None:
                yield Problem(
                    f"after the same conversation the story {path.name!r} goes on with "
                    f"{action!r}, {told.name!r} with {other!r}",
                    path.story.file,
                    path.story.line,
                    "let a slot or an earlier message tell them apart",
                )
