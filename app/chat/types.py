"""The dialogue, as the host sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dialogue.policy.ensemble import Verdict
from dialogue.project.model import Project
from dialogue.tracker import Tracker
from dialogue.types import Labels, Progress, StoredEvent, TurnRequest, TurnResult
from nlu.types import Understanding


class Assistant(Protocol):
    async def turn(self, request: TurnRequest, progress: Progress | None = None) -> TurnResult: ...

    async def hear(self, request: TurnRequest) -> TurnResult: ...

    async def execute(
        self,
        request: TurnRequest,
        action: str,
        policy: str | None = None,
        confidence: float | None = None,
    ) -> TurnResult: ...

    async def trigger(
        self, request: TurnRequest, intent: str, entities: Sequence[Mapping[str, Any]] = ()
    ) -> TurnResult: ...

    async def append(self, request: TurnRequest, events: Sequence[StoredEvent]) -> TurnResult: ...

    async def remind(self, request: TurnRequest) -> TurnResult: ...

    def understood(self, understanding: Understanding) -> Understanding: ...

    def knows_intent(self, name: str) -> bool: ...

    def knows_action(self, name: str) -> bool: ...

    def labels(self) -> Labels: ...

    def tracker(self, history: Sequence[StoredEvent], sender_id: str = "default") -> Tracker: ...

    def predict(self, history: Sequence[StoredEvent], sender_id: str = "default") -> Verdict: ...

    @property
    def project(self) -> Project: ...
