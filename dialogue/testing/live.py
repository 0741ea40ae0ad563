"""Test stories as scripts for a live bot: what to say, and which actions each message should lead to.

Nothing is forced here: the bot's own actions, slots and forms make the conversation. A story that
collapses a form (``active_loop: f``, ``active_loop: null`` in one turn) can therefore diverge from
a bot that does ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogue.events import ACTION_LISTEN, ACTION_SESSION_START, ActionExecuted, UserUttered
from dialogue.policy.paths import paths_of
from dialogue.project.model import Project
from dialogue.testing.stories import Divergence, same_action
from dialogue.types import StoredEvent

_UNSAID = (ACTION_LISTEN, ACTION_SESSION_START)


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a script."""

    text: str
    actions: tuple[str, ...]
    message: UserUttered


@dataclass(frozen=True, slots=True)
class Script:
    name: str
    lines: tuple[Line, ...]


@dataclass(slots=True)
class LiveResult:
    name: str
    turns: int = 0
    turns_agreed: int = 0
    divergences: list[Divergence] = field(default_factory=list)

    def judge(self, line: Line, events: Sequence[StoredEvent]) -> None:
        """Compare what the bot did after `line` with what the story says."""
        done = [
            str(event.get("name") or event.get("action_text"))
            for event in events
            if event.get("event") == "action" and event.get("name") not in _UNSAID
        ]
        agreed = len(done) == len(line.actions) and all(
            same_action(got, expected, line.message)
            for got, expected in zip(done, line.actions, strict=True)
        )
        self.turns += 1
        self.turns_agreed += agreed
        if not agreed:
            expected, got = ", ".join(line.actions) or "nothing", ", ".join(done) or "nothing"
            self.divergences.append(Divergence("actions", expected, got, line.text))


@dataclass(frozen=True, slots=True)
class LiveReport:
    results: tuple[LiveResult, ...]
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> list[LiveResult]:
        return [result for result in self.results if result.divergences]

    def as_json(self) -> Mapping[str, Any]:
        results = self.results
        return {
            "stories": len(results),
            "stories_passed": len(results) - len(self.failed),
            "turns": sum(result.turns for result in results),
            "turns_agreed": sum(result.turns_agreed for result in results),
            "failed": [result.name for result in self.failed],
            "divergences": {result.name: result.divergences[0].as_json() for result in self.failed},
            "warnings": list(self.warnings),
        }


def scripts_of(project: Project) -> tuple[list[Script], list[str]]:
    """The test stories that can be spoken, and a warning for each that cannot."""
    scripts: list[Script] = []
    warnings: list[str] = []
    for path in paths_of(project.domain, project.tests):
        lines = tuple(_lines(path.events))
        if lines and all(line.text for line in lines):
            scripts.append(Script(path.name, lines))
        else:
            warnings.append(f"{path.name}: a message without `user:` text cannot be spoken")
    return scripts, warnings


def _lines(events: Sequence[object]) -> Iterator[Line]:
    message: UserUttered | None = None
    actions: list[str] = []
    for event in events:
        if isinstance(event, UserUttered):
            if message is not None:
                yield Line(message.text or "", tuple(actions), message)
            message, actions = event, []
        elif isinstance(event, ActionExecuted) and event.name not in _UNSAID:
            actions.append(event.name)
    if message is not None:
        yield Line(message.text or "", tuple(actions), message)
