"""What the law lets a customer ask for: all that is kept of them, and that it be forgotten."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.orm import Session

from app.audit import record
from app.chat.hints import CustomerErased
from app.db import Database, tell
from app.errors import DatabaseUnavailable, NotFound
from app.files.service import FilesService
from app.models import Visitor, now
from app.privacy import repository
from app.privacy.repository import Rows

FOUND_LIMIT = 50
AT_ONCE = 100
"""Conversations forgotten in one transaction."""
LOOK_EVERY_S = 3600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Files that nothing refers to any more."""

    digests: set[str]
    clips: set[str]


class PrivacyService:
    def __init__(
        self, database: Database, files: FilesService, clips: Path, kept_days: int | None = None
    ) -> None:
        """`kept_days` holds until the owner says something else; None keeps everything."""
        self._database = database
        self._files = files
        self._clips = clips
        self._default_days = kept_days
        self._said = asyncio.Event()

    async def find(self, text: str) -> Sequence[tuple[Visitor, int]]:
        return await self._database.read(lambda s: repository.customers(s, text, FOUND_LIMIT))

    async def export(self, visitor_id: str, actor: str) -> dict[str, list[dict[str, Any]]]:
        """Every row about a customer, by table. Raises `NotFound`."""
        rows = repository.of_customer(visitor_id)

        def work(session: Session) -> dict[str, list[dict[str, Any]]]:
            found = repository.read(session, rows)
            if not found["visitors"]:
                raise NotFound()
            return found

        found = await self._database.read(work)
        await self._database.write(
            lambda s: record(s, actor, "customer_exported", visitor_id)  # who looked, is kept
        )
        return found

    async def erase(self, visitor_id: str, actor: str) -> None:
        """Forget a customer: rows, files and clips, and their bytes. Raises `NotFound`."""
        rows = repository.of_customer(visitor_id)

        def work(session: Session) -> Leftover:
            if session.get(Visitor, visitor_id) is None:
                raise NotFound()
            session.expunge_all()
            left = self._delete(session, rows)
            record(session, actor, "customer_erased", visitor_id)
            return left

        await self._remove(await self._database.write(work))
        await self._database.scrub()

    def kept_days(self, session: Session) -> int | None:
        """After how many days without a word a conversation is forgotten; None: never."""
        row = repository.retention(session)
        return row.days if row else self._default_days

    async def keep_for(self, days: int | None, actor: str) -> None:
        """What is older is forgotten from now on, beginning at once."""

        def work(session: Session) -> None:
            repository.put_retention(session, days, actor)
            record(session, actor, "retention_changed", detail={"days": days})

        await self._database.write(work)
        self._said.set()

    async def run(self) -> None:
        """Until cancelled: forget what is older than what the owner keeps."""
        while True:
            self._said.clear()
            try:
                days = await self._database.read(self.kept_days)
                while days is not None and await self.forget_old(timedelta(days=days)):
                    pass
            except DatabaseUnavailable as error:
                log.warning("retention_waits_for_database", code=error.code)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):  # `wait_for` can lose a cancellation
                    await self._said.wait()

    async def forget_old(self, age: timedelta) -> bool:
        """Forget a batch of what is older; whether there was any."""
        before = now() - age

        def work(session: Session) -> tuple[int, Leftover]:
            ids = repository.ended_before(session, before, AT_ONCE)
            left = self._delete(session, repository.of_conversations(ids)) if ids else NOTHING
            gone = repository.visitors_unseen_since(session, before, AT_ONCE)
            for visitor_id in gone:
                repository.delete(session, repository.of_customer(visitor_id))
            repository.forget_pages(session, before)
            if ids or gone:
                counts = {"conversations": len(ids), "customers": len(gone)}
                record(session, "system", "retention", detail=counts)
            return len(ids) + len(gone), left

        count, left = await self._database.write(work)
        await self._remove(left)
        if count:
            await self._database.scrub()
        return count > 0

    @staticmethod
    def _delete(session: Session, rows: Rows) -> Leftover:
        digests, clips = repository.digests(session, rows), repository.clips(session, rows)
        for conversation_id in repository.conversations(session, rows):
            tell(session, CustomerErased(conversation_id=conversation_id))
        repository.delete(session, rows)
        return Leftover(digests, clips - repository.clips_in_use(session, clips))

    async def _remove(self, left: Leftover) -> None:
        await self._files.forget(left.digests)
        for url in left.clips:
            clip = self._clips / Path(url).name
            await asyncio.to_thread(clip.unlink, missing_ok=True)


NOTHING = Leftover(set(), set())
