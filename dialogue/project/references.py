"""Checks that what stories, rules and test stories name is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dialogue.domain import Domain
from dialogue.project.model import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    PolicySettings,
    SlotStep,
    Step,
    Story,
    UserStep,
)
from dialogue.project.problems import Report, did_you_mean


class References:
    def __init__(self, domain: Domain, report: Report) -> None:
        self._domain = domain
        self._report = report
        self._actions = set(domain.action_names)
        self._retrieval = {
            name.split("/", 1)[0].removeprefix("utter_") for name in domain.responses if "/" in name
        }
        self._said = {name.split("/", 1)[0] for name in domain.responses}
        self.missing_actions: dict[str, None] = {}
        self._restricted = True
        self._told_unlikely = False

    def check_policies(self, policies: PolicySettings, file: Path) -> None:
        """What the configuration in `file` names."""
        self._restricted = policies.restrict_rules
        action = policies.fallback_action
        if policies.fallback_enabled and action not in self._actions:
            self._report.dangling("action", action, tuple(self._actions), file, None)

    def check(self, story: Story) -> None:
        for step in (*story.conditions, *story.steps):
            self._check_step(step, story.file)
        if story.is_rule:
            messages = sum(isinstance(s, UserStep | OrStep) for s in story.steps)
            if messages > 1 and self._restricted:
                self._report.warn(
                    f"the rule {story.name!r} has {messages} messages of the customer; Rasa "
                    "allows one",
                    story.file,
                    story.line,
                    "write it as a story",
                )

    def _check_step(self, step: Step, file: Path) -> None:
        domain, report = self._domain, self._report
        match step:
            case UserStep(intent=str(intent)):
                base = intent.split("/", 1)[0]
                if base not in domain.intents and base not in self._retrieval:
                    report.dangling("intent", base, tuple(domain.intents), file, step.line)
                for entity in step.entities:
                    if entity.entity not in domain.entities:
                        report.dangling("entity", entity.entity, domain.entities, file, step.line)
            case ActionStep(name="action_unlikely_intent"):
                self._tell_unlikely(file, step.line)
            case ActionStep(text=None):
                base = step.name.split("/", 1)[0]
                if base not in self._actions and step.name not in self._actions:
                    self.missing_actions[step.name] = None
                    known = tuple(self._actions)
                    report.dangling("action", step.name, known, file, step.line)
                elif base.startswith("utter_") and base not in self._said:
                    known = tuple(domain.responses)
                    hint = did_you_mean(base, known) or "add it to the domain's responses"
                    report.warn(f"no response {base!r} is defined", file, step.line, hint)
            case SlotStep():
                for name, value in step.slots:
                    if name not in domain.slots:
                        report.dangling("slot", name, tuple(domain.slots), file, step.line)
                    else:
                        self._check_value(name, value, file, step.line)
            case LoopStep(name=str(name)):
                if not domain.is_loop(name):
                    report.dangling("form", name, tuple(domain.forms), file, step.line)
            case OrStep():
                for one in step.alternatives:
                    self._check_step(one, file)

    def _tell_unlikely(self, file: Path, line: int | None) -> None:
        if not self._told_unlikely:
            self._told_unlikely = True
            self._report.warn(
                "nothing predicts action_unlikely_intent: UnexpecTEDIntentPolicy is not run",
                file,
                line,
                "what follows it here is not reached",
            )

    def _check_value(self, name: str, value: object, file: Path, line: int | None) -> None:
        """A categorical slot never holds what is not among its values."""
        known = self._domain.slots[name].values
        if not known or not isinstance(value, str) or value.lower() in (*known, "__other__"):
            return
        hint = did_you_mean(value, known) or f"use one of {', '.join(known)}"
        self._report.warn(f"the slot {name!r} has no value {value!r}", file, line, hint)

    def check_joints(self, stories: Sequence[Story]) -> None:
        """Checkpoints that nothing leads to, and those that nothing follows."""
        starts: dict[str, tuple[Path, int | None]] = {}
        ends: dict[str, tuple[Path, int | None]] = {}
        for story in stories:
            for place, step in enumerate(story.steps):
                if isinstance(step, CheckpointStep):
                    at = (story.file, step.line)
                    if place < len(story.steps) - 1:
                        starts.setdefault(step.name, at)
                    if place > 0:
                        ends.setdefault(step.name, at)
        for name in starts.keys() - ends.keys():
            hint = did_you_mean(name, tuple(ends))
            self._report.warn(f"no story leads to the checkpoint {name!r}", *starts[name], hint)
        for name in ends.keys() - starts.keys():
            hint = did_you_mean(name, tuple(starts))
            self._report.warn(f"no story follows the checkpoint {name!r}", *ends[name], hint)
