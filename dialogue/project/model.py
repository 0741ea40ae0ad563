"""A bot project as it was read: plain, immutable data with places for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialogue.domain import Domain
from dialogue.events import EntityValue
from dialogue.project.problems import Problem


@dataclass(frozen=True, slots=True)
class UserStep:
    """What the customer says. Without an intent it is matched by its text alone."""

    intent: str | None
    """As written: ``faq/opening_hours`` for a retrieval intent."""
    entities: tuple[EntityValue, ...] = ()
    text: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ActionStep:
    name: str
    text: str | None = None
    """An end-to-end story's own words of the bot (``bot:``)."""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SlotStep:
    slots: tuple[tuple[str, Any], ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class LoopStep:
    name: str | None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class CheckpointStep:
    name: str
    conditions: tuple[tuple[str, Any], ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class OrStep:
    alternatives: tuple[UserStep | SlotStep, ...]
    line: int | None = None


Step = UserStep | ActionStep | SlotStep | LoopStep | CheckpointStep | OrStep


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    steps: tuple[Step, ...]
    file: Path
    line: int | None = None
    is_rule: bool = False
    conditions: tuple[SlotStep | LoopStep, ...] = ()
    conversation_start: bool = False
    waits: bool = True
    """False: ``wait_for_user_input: false``."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What ``policies:`` of ``config.yml`` asks for, as far as Lingxi has it."""

    max_history: int | None = None
    trained: bool = True
    trained_max_history: int = 8
    epochs: int = 60
    fallback_enabled: bool = True
    fallback_threshold: float = 0.3
    fallback_action: str = "action_default_fallback"
    restrict_rules: bool = True
    """Rules have one message of the customer."""
    check_contradictions: bool = True
    """Rasa looks for what stories use of rules as it checks them; without, no turn is hidden."""


@dataclass(frozen=True, slots=True)
class AssistantSettings:
    """The key ``lingxi:`` of ``config.yml``: what Lingxi does beyond Rasa."""

    enabled: bool = False
    """True with a ``lingxi:`` key or a ``faq/`` folder; a plain Rasa project stays Rasa-like."""
    sure_intent: float = 0.8
    """From this confidence on an intent with a rule goes before the FAQ."""
    commit_intent: float = 0.6
    """Below this an intent that starts a form or runs an action is confirmed first; below
    `sure_intent` one that hands over to a human."""
    nlu_threshold: float = 0.0
    """Below this an intent is ``nlu_fallback``: the ``FallbackClassifier``'s ``threshold``."""
    nlu_ambiguity: float = 0.0
    """Its ``ambiguity_threshold``, for a plain Rasa project (Lingxi clarifies instead)."""
    clarify_margin: float = 0.12
    """Two intents nearer than this, both plausible, are offered as buttons."""
    clarify_floor: float = 0.25
    misses_before_handoff: int = 2
    anger_strength: float = 0.85
    anger_extreme: float = 0.97
    calm_intents: tuple[str, ...] = (
        "nlu_fallback",
        "out_of_scope",
        "chitchat",
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "inform",
        "bot_challenge",
    )
    """A mood read into such a message is chance: gibberish and small talk are no anger."""
    related_questions: int = 2
    """Offered as buttons under an answer from the knowledge; 0 for none."""
    digressions: bool = True
    early_slots: bool = True
    multi_request: bool = True
    subject_entities: tuple[str, ...] = ()
    """Entities that ``it`` and ``那个`` may stand for in a question to the knowledge."""
    action_timeout_s: float = 10.0
    max_predictions: int = 10
    human_intents: tuple[str, ...] = (
        "human_agent",
        "human_handoff",
        "handoff",
        "request_human",
        "talk_to_human",
        "speak_to_human",
    )
    cancel_intents: tuple[str, ...] = ("stop", "cancel", "never_mind", "nevermind", "abort")
    inform_intents: tuple[str, ...] = ("inform",)
    """What such a clause tells belongs to the request beside it; it is none of its own."""
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Button titles of intents by language: ``{track_order: {zh: 查订单, en: Track an order}}``."""


@dataclass(frozen=True, slots=True)
class Project:
    root: Path
    name: str
    language: str
    domain: Domain
    stories: tuple[Story, ...]
    rules: tuple[Story, ...]
    tests: tuple[Story, ...]
    policies: PolicySettings
    assistant: AssistantSettings
    config: Mapping[str, Any]
    warnings: tuple[Problem, ...] = ()
    training_files: tuple[Path, ...] = ()
    """Files that may hold NLU data."""
    dialogue_files: tuple[Path, ...] = ()
    """Files that the domain, stories and rules come from."""
    actions_dir: Path | None = None
    action_endpoint: str | None = None
    """``action_endpoint.url`` of ``endpoints.yml``."""
