"""What a policy decides: which action comes next, who says so and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogue.events import Event
from dialogue.types import Route

RULES = "RulePolicy"
MEMORY = "AugmentedMemoizationPolicy"
TRAINED = "TrainedPolicy"
FALLBACK = "RulePolicy.fallback"
LOOP = "RulePolicy.loop"
FOLLOWUP = "followup"

_ROUTES: dict[str, Route] = {
    RULES: "rule",
    MEMORY: "memory",
    TRAINED: "policy",
    FALLBACK: "fallback",
    LOOP: "form",
    FOLLOWUP: "rule",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The next action, as one policy proposes it."""

    action: str
    policy: str
    confidence: float
    priority: int = 0
    no_user: bool = False
    """An open form goes on: this beats every decision that looks at the message."""
    hide_rule_turn: bool = False
    events: tuple[Event, ...] = ()
    """To apply before the action runs, if this decision is taken."""
    ranking: tuple[tuple[str, float], ...] = ()
    """Further actions with their confidences, best first, for a policy that scores all."""

    @property
    def route(self) -> Route:
        return _ROUTES.get(self.policy, "rule")

    @property
    def is_fallback(self) -> bool:
        return self.policy == FALLBACK

    def as_json(self) -> Mapping[str, Any]:
        return {
            "action": self.action,
            "policy": self.policy,
            "confidence": round(self.confidence, 4),
        }
