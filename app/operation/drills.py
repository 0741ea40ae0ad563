"""Drills: a part of the product plays dead for a while, so that its owner sees what then happens.

Nothing here can outlast its time: each worker counts for itself, and a restart forgets them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from app.chat.hints import DrillTold, Hint
from app.errors import DatabaseUnavailable
from app.models import now
from app.voice.types import VoiceUnavailable
from dialogue.actions.types import ActionFailedError, ActionResult, ActionRunner
from dialogue.generate.types import Generated, GenerationRequest, Generator, Judge, Refused
from dialogue.types import OnPartial
from nlu.types import Overloaded, Parser, Understanding

Part = Literal["understanding", "generation", "actions", "voice", "database", "hub"]
PARTS: Sequence[Part] = get_args(Part)
WHY = "a drill"
RETRY_AFTER_S = 2.0


class Drills:
    """Which parts play dead in this worker, and until when."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def hear(self, hint: Hint) -> None:
        """Another worker's drills are this one's too."""
        if isinstance(hint, DrillTold):
            self.set(hint.part, hint.until)

    def set(self, part: str, until: datetime | None) -> None:
        if until is None:
            self._until.pop(part, None)
        else:
            self._until[part] = until

    def until(self, part: Part) -> datetime | None:
        """When the drill of `part` ends by itself; None where there is none."""
        end = self._until.get(part)
        return end if end is not None and end > self._clock() else None

    def on(self, part: Part) -> bool:
        return self.until(part) is not None

    # --- what the parts ask -----------------------------------------------------------------

    def check_database(self) -> None:
        """Raises `DatabaseUnavailable` while it plays locked."""
        if self.on("database"):
            raise DatabaseUnavailable("database_busy", retry_after_s=RETRY_AFTER_S)

    def check_voice(self) -> None:
        """Raises `VoiceUnavailable` while it plays dead."""
        if self.on("voice"):
            raise VoiceUnavailable(WHY)

    def hub_is_away(self) -> bool:
        return self.on("hub")


class DrilledParser:
    """A `Parser` that can play overloaded."""

    def __init__(self, parser: Parser, drills: Drills) -> None:
        self._parser = parser
        self._drills = drills

    async def parse(self, text: str) -> Understanding:
        if self._drills.on("understanding"):
            raise Overloaded(0, RETRY_AFTER_S)
        return await self._parser.parse(text)


class DrilledGenerator:
    """A `Generator` that can play dead."""

    def __init__(self, generator: Generator, drills: Drills) -> None:
        self._generator = generator
        self._drills = drills

    @property
    def ready(self) -> bool:
        return self._generator.ready and not self._drills.on("generation")

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated | Refused:
        if self._drills.on("generation"):
            return Refused("broken", words=WHY)
        return await self._generator.generate(request, on_partial)

    async def close(self) -> None:
        await self._generator.close()


class DrilledJudge:
    """A `Judge` that can play dead, with the generator."""

    def __init__(self, judge: Judge, drills: Drills) -> None:
        self._judge = judge
        self._drills = drills

    async def judge(self, request: GenerationRequest) -> tuple[float, ...] | None:
        return None if self._drills.on("generation") else await self._judge.judge(request)


class DrilledActions:
    """An `ActionRunner` that can play a server that is down."""

    def __init__(self, runner: ActionRunner, drills: Drills) -> None:
        self._runner = runner
        self._drills = drills

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if self._drills.on("actions"):
            raise ActionFailedError(name, "unavailable", WHY)
        return await self._runner.run(name, tracker, domain)

    async def close(self) -> None:
        await self._runner.close()
