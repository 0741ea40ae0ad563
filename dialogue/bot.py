"""A bot that is ready: what every turn needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dialogue.actions.types import ActionRunner
from dialogue.domain import Domain
from dialogue.policy.ensemble import Policies
from dialogue.project.model import AssistantSettings, Project, UserStep
from dialogue.replies.words import Words


@dataclass(frozen=True)
class Bot:
    """Everything a turn needs that outlives it. Immutable."""

    project: Project
    policies: Policies
    actions: ActionRunner
    words: Words

    @cached_property
    def spoken(self) -> frozenset[str]:
        """What end-to-end stories let the customer say word for word: the words count, no intent."""
        steps = (step for story in self.project.stories for step in story.steps)
        return frozenset(
            step.text.strip()
            for step in steps
            if isinstance(step, UserStep) and step.text and step.intent is None
        )

    @property
    def domain(self) -> Domain:
        return self.project.domain

    @property
    def settings(self) -> AssistantSettings:
        return self.project.assistant
