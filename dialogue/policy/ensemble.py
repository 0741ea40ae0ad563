"""The policies together: (state) -> decision. Pure; no model, database or clock behind it but
what was compiled from the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dialogue.decisions import FOLLOWUP, RULES, Decision
from dialogue.domain import Domain
from dialogue.events import ACTION_LISTEN, ActionExecuted, ActionRejected, UserUttered
from dialogue.history import Lookback, RuleOnly, State, learned_states
from dialogue.policy.memory import Memory
from dialogue.policy.paths import paths_of
from dialogue.policy.rules import RulePolicy
from dialogue.project.model import Project
from dialogue.tracker import Tracker


class Scorer(Protocol):
    """A trained policy: every action with its probability, best first."""

    def decide(self, states: Sequence[State]) -> list[Decision]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    candidates: tuple[Decision, ...]
    """What each policy proposed, for the trace."""


class Policies:
    """Rules, memory and the trained policy of one project."""

    def __init__(
        self, domain: Domain, rules: RulePolicy, memory: Memory, scorer: Scorer | None = None
    ) -> None:
        self.domain = domain
        self.rules = rules
        self.memory = memory
        self.scorer = scorer

    @classmethod
    def build(cls, project: Project, scorer: Scorer | None = None) -> Policies:
        domain = project.domain
        stories = paths_of(domain, project.stories)
        rules = RulePolicy.build(domain, project.policies, paths_of(domain, project.rules), stories)
        memory = Memory.build(domain, stories, project.policies.max_history)
        return cls(domain, rules, memory, scorer)

    @property
    def rule_only(self) -> RuleOnly:
        return self.rules.rule_only

    def decide(self, tracker: Tracker, lookback: Lookback | None = None) -> Verdict:
        """The next action after `tracker`.

        `lookback` spares folding the history again when the same tracker is asked repeatedly.
        """
        if tracker.followup is not None and (
            tracker.followup in self.domain.action_names or tracker.followup == ACTION_LISTEN
        ):
            decision = Decision(tracker.followup, FOLLOWUP, 1.0)
            return Verdict(decision, (decision,))
        moments = (lookback or Lookback(tracker)).moments()
        states = [moment.state for moment in moments]
        proposals = self.rules.decide(tracker, states)
        proposals += self.memory.decide(tracker, moments, self.rule_only)
        if (
            self.scorer is not None
            and not any(p.no_user for p in proposals)
            and not _followed_up(tracker)
        ):
            sure = any(p.confidence >= 1.0 for p in proposals)
            if not sure or _rejected(tracker) is not None:
                proposals += self.scorer.decide(learned_states(moments, self.rule_only))
        return _best(proposals, _rejected(tracker))


def _rejected(tracker: Tracker) -> str | None:
    """The action that has just refused to run."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionRejected):
            return event.name
        if isinstance(event, ActionExecuted):
            return None
    return None


def _followed_up(tracker: Tracker) -> bool:
    """An action has named the one that has just run. After it comes what is written, or nothing:
    it stood in no story, and a guess might begin a task that nobody asked for."""
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted):
            return event.policy == FOLLOWUP
        if isinstance(event, UserUttered):
            return False
    return False


def _best(proposals: Sequence[Decision], rejected: str | None) -> Verdict:
    usable = []
    for proposal in proposals:
        if proposal.action == rejected:
            others = [item for item in proposal.ranking if item[0] != rejected]
            if not others:
                continue
            proposal = replace(proposal, action=others[0][0], confidence=others[0][1])
        usable.append(proposal)
    if not usable:
        nothing = Decision(ACTION_LISTEN, RULES, 0.0)
        return Verdict(nothing, (nothing,))
    best = max(usable, key=lambda p: (p.no_user, p.confidence, p.priority))
    return Verdict(best, tuple(usable))
