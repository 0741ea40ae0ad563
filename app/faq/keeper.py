"""Keeps the index that is searched as the store has it, in every worker.

A change is heard of through the hub, at once; what the hub lost, what the command line wrote and
what begins or ends to be valid is found by looking. The new index is built beside the old one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session

from app.chat.hints import Hint, KnowledgeChanged
from app.chat.hub import INBOX, Hub
from app.db import Database
from app.errors import DatabaseUnavailable
from app.faq import repository, synonym_repository
from app.faq.content import contents_of, to_entry, valid_at
from app.faq.schemas.entries import Content
from app.models import now
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.shared import VectorsUnavailable
from dialogue.knowledge.synonyms import Synonyms
from dialogue.knowledge.types import Entry

LOOK_EVERY_S = 5.0
PAGE = 500
"""Entries read at once: some milliseconds of the event loop on PostgreSQL."""
PATIENCE_S = 2.0
"""Whoever edits and then asks should see it; a large index takes longer, and is not waited for."""

Row = TypeVar("Row", bound=tuple[Any, ...])

log = structlog.get_logger(__name__)


async def published(database: Database) -> dict[str, Content]:
    """Everything that is published, valid now or not."""
    return await _all(database, repository.published)


async def newest(database: Database) -> dict[str, Content]:
    """The newest version of everything that is not archived."""
    return await _all(database, repository.newest)


async def _all(
    database: Database, page_of: Callable[[Session, str, int], list[repository.Stored]]
) -> dict[str, Content]:
    found: dict[str, Content] = {}
    async for page in pages(database, page_of):
        found |= await asyncio.to_thread(contents_of, page)
    return found


async def pages(
    database: Database, page_of: Callable[[Session, str, int], list[Row]]
) -> AsyncIterator[list[Row]]:
    """All rows of `page_of`, some at a time; it gives those behind an id, which each begins with."""
    after = ""
    while True:
        page = await database.read(lambda s, after=after: page_of(s, after, PAGE))  # type: ignore[misc]
        yield page
        if len(page) < PAGE:
            return
        after = page[-1][0]


def entries_at(contents: Mapping[str, Content], moment: datetime) -> list[Entry]:
    """What customers get at `moment`."""
    return [
        to_entry(id_, content) for id_, content in contents.items() if valid_at(content, moment)
    ]


class KnowledgeKeeper:
    """Owns the live index of this worker."""

    def __init__(self, database: Database, hub: Hub, knowledge: LiveKnowledge) -> None:
        self._database = database
        self._hub = hub
        self._knowledge = knowledge
        self._revision = -1
        self._turns_at: datetime | None = None
        """When something next begins or ends to be valid."""
        self._look = asyncio.Event()
        self._loaded = asyncio.Condition()
        self.progress = 1.0
        """Share of the index under way that is embedded."""

    def hear(self, hint: Hint) -> None:
        if isinstance(hint, KnowledgeChanged):
            self._look.set()

    async def run(self) -> None:
        """Look whenever a change is told of, and now and then."""
        self._hub.subscribe(INBOX, self)
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):  # `wait_for` can lose a cancellation
                        await self._look.wait()
                self._look.clear()
                try:
                    await self.refresh()
                except (DatabaseUnavailable, VectorsUnavailable) as error:
                    log.warning("knowledge_not_refreshed", reason=str(error))
        finally:
            self._hub.unsubscribe(INBOX, self)

    async def refresh(self) -> None:
        """Build a new index if the store has changed since the last one."""
        revision = await self._database.read(repository.revision)
        due = self._turns_at is not None and now() >= self._turns_at
        if revision == self._revision and not due:
            return
        contents = await published(self._database)
        moment = now()
        entries = await asyncio.to_thread(entries_at, contents, moment)
        self.progress = 0.0
        synonyms = Synonyms(await self._database.read(synonym_repository.groups))
        await self._knowledge.replace(entries, self._progressed, synonyms)
        self.progress = 1.0
        self._turns_at = _next_turn(contents, moment)
        async with self._loaded:
            self._revision = revision
            self._loaded.notify_all()
        log.info("knowledge_indexed", entries=len(entries), revision=revision)

    async def caught_up(self, revision: int) -> None:
        """Wait until searches see that revision of the store."""
        async with self._loaded:
            await self._loaded.wait_for(lambda: self._revision >= revision)

    async def settle(self, revision: int) -> None:
        """The same, with the patience of somebody who has just clicked."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.caught_up(revision), PATIENCE_S)

    def _progressed(self, share: float) -> None:
        self.progress = share


def _next_turn(contents: Mapping[str, Content], moment: datetime) -> datetime | None:
    bounds = (b for c in contents.values() for b in (c.valid_from, c.valid_until) if b is not None)
    return min((bound for bound in bounds if bound > moment), default=None)
