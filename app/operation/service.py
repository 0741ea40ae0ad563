"""Which rung of the ladder of degradation is in use, by asking each part; and drills."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.audit import record
from app.chat.hints import DrillTold
from app.chat.hub import Hub
from app.db import Database, is_sqlite, tell
from app.errors import LingxiError, Refused
from app.models import now
from app.operation.drills import Drills, Part
from app.operation.types import Ladder, Rung, State
from nlu.types import Overloaded, Parser

PATIENCE_S = 4.0
"""A part that takes longer to say a word is as good as away."""
ASKED = "hello"


@dataclass(frozen=True, slots=True)
class Outside:
    """What only its builder knows of the parts."""

    generation: Callable[[], bool] | None
    """Whether it is ready; None: there is none."""
    actions: Callable[[], bool] | None
    actions_kind: str
    voice: bool


class OperationService:
    def __init__(
        self,
        drills: Drills,
        database: Database,
        hub: Hub,
        parser: Parser,
        outside: Outside,
        counts: Callable[[], tuple[int, int]],
        home: Path,
    ) -> None:
        """`counts` gives the open sockets and the turns under way."""
        self._drills = drills
        self._database = database
        self._hub = hub
        self._parser = parser
        self._outside = outside
        self._counts = counts
        self._home = home

    async def ladder(self) -> Ladder:
        rungs = await asyncio.gather(
            self._understanding(),
            self._ready("generation", self._outside.generation, ""),
            self._ready("actions", self._outside.actions, self._outside.actions_kind),
            self._ready("voice", (lambda: True) if self._outside.voice else None, ""),
            self._writing(),
            self._sharing(),
        )
        sockets, turns = self._counts()
        disk = await asyncio.to_thread(shutil.disk_usage, self._home)
        return Ladder(
            rungs=list(rungs),
            checked_at=now(),
            sockets=sockets,
            turns_running=turns,
            free_disk_mb=disk.free // 1024**2,
        )

    # --- each part --------------------------------------------------------------------------

    async def _understanding(self) -> Rung:
        kind = ""

        async def ask() -> None:
            nonlocal kind
            kind = (await self._parser.parse(ASKED)).model_id

        return self._rung("understanding", await _asked(ask), kind)

    async def _writing(self) -> Rung:
        kind = "sqlite" if is_sqlite(self._database.url) else "postgresql"
        return self._rung("database", await _asked(lambda: self._database.write(_nothing)), kind)

    async def _sharing(self) -> Rung:
        async def ask() -> None:
            if not await self._hub.ready():
                raise ConnectionError

        if not self._hub.shared:
            return Rung(part="hub", state="unused", kind="in_process", can_drill=False)
        return self._rung("hub", await _asked(ask), "redis")

    async def _ready(self, part: Part, ready: Callable[[], bool] | None, kind: str) -> Rung:
        if ready is None:
            return Rung(part=part, state="unused", kind=kind, can_drill=False)
        on = ready() and not self._drills.on(part)
        return self._rung(part, ("working" if on else "away", None), kind)

    def _rung(self, part: Part, found: tuple[State, float | None], kind: str) -> Rung:
        state, took_ms = found
        until = self._drills.until(part)
        return Rung(part=part, state=state, kind=kind, took_ms=took_ms, drill_until=until)

    # --- drills -----------------------------------------------------------------------------

    async def start(self, part: Part, seconds: int, by: str) -> None:
        """Let a part play dead in every worker. Raises `Refused` where there is none."""
        rungs = {rung.part: rung for rung in (await self.ladder()).rungs}
        if not rungs[part].can_drill:
            raise Refused("no_drill")
        until = now() + timedelta(seconds=seconds)

        def work(session: Session) -> None:
            record(session, by, "drill_started", part, {"seconds": seconds})
            tell(session, DrillTold(part=part, until=until))

        await self._database.write(work)

    async def end(self, part: Part, by: str) -> None:
        self._drills.set(part, None)  # first: what is told needs the database

        def work(session: Session) -> None:
            record(session, by, "drill_ended", part)
            tell(session, DrillTold(part=part, until=None))

        await self._database.write(work)


async def _asked(ask: Callable[[], Awaitable[object]]) -> tuple[State, float | None]:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ask()
    except Overloaded:
        return "weak", None
    except (LingxiError, OSError, TimeoutError):
        return "away", None
    return "working", round((time.perf_counter() - started) * 1000, 1)


def _nothing(_session: Session) -> None:
    """As a write it still has to wait for its turn, and for the disk."""
