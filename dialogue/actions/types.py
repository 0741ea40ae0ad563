"""The border to a bot's own actions, wherever they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from dialogue.events import Event

FailureKind = Literal["unknown", "raised", "timeout", "unavailable", "invalid"]

MAX_RESPONSES = 20
"""Messages of one action that are shown; a flood beyond is cut and noted."""
MAX_EVENTS = 500
MAX_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What an action returned. `responses` are rasa-sdk's messages, as it sends them."""

    events: tuple[Event, ...] = ()
    responses: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


class ActionFailedError(Exception):
    """An action did not do its work; `words` is for logs and traces, never for a customer."""

    def __init__(self, action: str, kind: FailureKind, words: str) -> None:
        super().__init__(f"{action}: {words}")
        self.action = action
        self.kind = kind
        self.words = words


class ActionRejectedError(Exception):
    """An action refused to run, so that another may answer (``ActionExecutionRejection``)."""

    def __init__(self, action: str, words: str = "") -> None:
        super().__init__(words or f"{action} refused to run")
        self.action = action


class ActionRunner(Protocol):
    """Runs custom actions."""

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        """Run `name` on a tracker and a domain in Rasa's JSON form.

        Raises `ActionRejectedError` when the action refuses and `ActionFailedError` for anything
        else; it returns within its timeout.
        """
        ...

    async def close(self) -> None: ...


class NoActions:
    """For a bot without any: every custom action is unknown."""

    def __init__(self, why: str = "the project has no actions") -> None:
        self._why = why

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        raise ActionFailedError(name, "unknown", self._why)

    async def close(self) -> None:
        return None
