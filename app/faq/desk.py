"""What people do to the knowledge: who may, the check before it goes live, and that it is searched."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity
from app.db import Database
from app.errors import Forbidden
from app.faq.content import Author
from app.faq.keeper import KnowledgeKeeper
from app.faq.regression import Changes, Regression
from app.faq.schemas.entries import Content, EntryChange, EntryIn, EntryOut, RevertRequest
from app.faq.service import FaqService
from app.faq.shown import entry_of
from app.models import FaqEntry, now


def check_may_publish(agent: AgentIdentity) -> None:
    """Every agent drafts; what customers are told is for supervisors and admins to decide."""
    if agent.role not in ("supervisor", "admin"):
        raise Forbidden("faq_publish_forbidden")


def author_of(agent: AgentIdentity) -> Author:
    return Author(agent.id, agent.name)


class FaqDesk:
    def __init__(
        self,
        database: Database,
        store: FaqService,
        keeper: KnowledgeKeeper,
        regression: Regression,
    ) -> None:
        self._database = database
        self._store = store
        self._keeper = keeper
        self._regression = regression

    async def add(self, agent: AgentIdentity, body: EntryIn) -> EntryOut:
        changes = {body.id or "": body.content} if body.publish else {}
        return await self.apply(
            agent,
            "faq_added",
            changes,
            lambda s: self._store.add(
                s, author_of(agent), body.id, body.content, publish=body.publish
            ),
        )

    async def change(self, agent: AgentIdentity, entry_id: str, body: EntryChange) -> EntryOut:
        return await self.apply(
            agent,
            "faq_changed",
            {entry_id: body.content} if body.publish else {},
            lambda s: self._store.change(
                s,
                author_of(agent),
                entry_id,
                body.content,
                publish=body.publish,
                version=body.version,
            ),
        )

    async def publish(self, agent: AgentIdentity, entry_id: str) -> EntryOut:
        content = await self._database.read(lambda s: self._store.content(s, entry_id))
        return await self.apply(
            agent,
            "faq_published",
            {entry_id: content},
            lambda s: self._store.publish(s, author_of(agent), entry_id),
        )

    async def revert(self, agent: AgentIdentity, entry_id: str, body: RevertRequest) -> EntryOut:
        content: Content = await self._database.read(
            lambda s: self._store.content(s, entry_id, body.number)
        )
        return await self.apply(
            agent,
            "faq_reverted",
            {entry_id: content} if body.publish else {},
            lambda s: self._store.change(
                s, author_of(agent), entry_id, content, publish=body.publish, action="reverted"
            ),
        )

    async def archive(self, agent: AgentIdentity, entry_id: str) -> EntryOut:
        return await self.apply(
            agent,
            "faq_archived",
            {entry_id: None},
            lambda s: self._store.archive(s, author_of(agent), entry_id),
        )

    async def apply(
        self,
        agent: AgentIdentity,
        deed: str,
        changes: Changes,
        work: Callable[[Session], FaqEntry],
    ) -> EntryOut:
        """Do `work`; `changes` are what customers are told otherwise by it, if anything."""
        if changes:
            check_may_publish(agent)
            await self._regression.allow(changes)

        def unit(session: Session) -> tuple[EntryOut, int | None]:
            row = work(session)
            revision = None
            if changes:
                revision = self._store.went_live(session, author_of(agent), deed, row.id)
            else:
                record(session, agent.id, deed, row.id)
            return entry_of(row, self._store.content(session, row.id), now()), revision

        entry, revision = await self._database.write(unit)
        if revision is not None:
            await self._keeper.settle(revision)
        return entry
