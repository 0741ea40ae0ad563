"""A bot that is ready: what every turn needs of it."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.actions.types import ActionRunner
from dialogue.domain import Domain
from dialogue.policy.ensemble import Policies
from dialogue.project.model import AssistantSettings, Project
from dialogue.replies.words import Words


@dataclass(frozen=True, slots=True)
class Bot:
    """Everything a turn needs that outlives it. Immutable."""

    project: Project
    policies: Policies
    actions: ActionRunner
    words: Words

    @property
    def domain(self) -> Domain:
        return self.project.domain

    @property
    def settings(self) -> AssistantSettings:
        return self.project.assistant
