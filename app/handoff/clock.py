"""The desk's own clock: what was put off comes back, and who waits is given out."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import DatabaseUnavailable
from app.handoff.assignment import AssignmentService
from app.handoff.triage import TriageService

TICK_S = 1.0
"""How late a snoozed chat comes back, and how long a customer waits for an agent who is free."""

log = structlog.get_logger(__name__)


class DeskClock:
    def __init__(
        self, database: Database, triage: TriageService, assignment: AssignmentService
    ) -> None:
        self._database = database
        self._triage = triage
        self._assignment = assignment

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self.tick()
            except DatabaseUnavailable as error:
                log.warning("desk_clock_waits_for_database", code=error.code)

    async def tick(self) -> None:
        """Look first: most ticks find nothing, and reading disturbs nobody."""
        if await self._database.read(self._has_work):
            await self._database.write(self._work)

    def _has_work(self, session: Session) -> bool:
        return self._triage.has_sleepers(session) or self._assignment.has_work(session)

    def _work(self, session: Session) -> None:
        self._triage.wake(session)
        self._assignment.give_out(session)
