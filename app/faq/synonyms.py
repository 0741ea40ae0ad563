"""What the owner says means the same: kept, checked against the test questions, then searched by."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.auth.service import AgentIdentity
from app.db import Database
from app.errors import Conflict, NotFound
from app.faq import synonym_repository as repository
from app.faq.desk import author_of
from app.faq.keeper import KnowledgeKeeper
from app.faq.regression import Regression
from app.faq.schemas.synonyms import MAX_GROUPS, SynonymsOut
from app.faq.service import FaqService
from app.models import FaqSynonyms, new_id, now
from dialogue.knowledge.synonyms import Synonyms
from dialogue.knowledge.text import plain


def groups(session: Session) -> list[list[str]]:
    """Each with the word first that the others are read as."""
    return repository.groups(session)


def put(session: Session, words: Sequence[str], by: str) -> None:
    """In the place of every group that shares a word with them. Raises `Conflict`."""
    repository.put(session, words, by)
    if len(repository.rows(session)) > MAX_GROUPS:
        raise Conflict("too_many_synonyms", limit=MAX_GROUPS)


def forget(session: Session, words: Sequence[str]) -> None:
    """The groups that have any of these words."""
    for row in repository.alike(session, words):
        session.delete(row)


class SynonymDesk:
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

    def all(self, session: Session) -> list[SynonymsOut]:
        return [SynonymsOut.model_validate(row) for row in repository.rows(session)]

    async def add(self, agent: AgentIdentity, words: Sequence[str]) -> SynonymsOut:
        """Raises `Conflict`, `CheckFailed`."""
        return await self._put(agent, new_id(), words, new=True)

    async def change(self, agent: AgentIdentity, id_: str, words: Sequence[str]) -> SynonymsOut:
        """Raises `NotFound`, `Conflict`, `CheckFailed`."""
        return await self._put(agent, id_, words, new=False)

    async def delete(self, agent: AgentIdentity, id_: str) -> None:
        """Raises `NotFound`, `CheckFailed`."""
        await self._check(id_, None)

        def work(session: Session) -> int:
            row = repository.row(session, id_)
            if row is None:
                raise NotFound()
            session.delete(row)
            return self._store.went_live(session, author_of(agent), "faq_synonyms_deleted", id_)

        await self._keeper.settle(await self._database.write(work))

    async def _put(
        self, agent: AgentIdentity, id_: str, words: Sequence[str], *, new: bool
    ) -> SynonymsOut:
        await self._check(id_, words)

        def work(session: Session) -> tuple[SynonymsOut, int]:
            row = FaqSynonyms(id=id_) if new else repository.row(session, id_)
            if row is None:
                raise NotFound()
            self._check_free(session, id_, words)
            row.words, row.updated_at, row.updated_by = list(words), now(), agent.name
            session.add(row)
            session.flush()
            revision = self._store.went_live(session, author_of(agent), "faq_synonyms_set", id_)
            return SynonymsOut.model_validate(row), revision

        out, revision = await self._database.write(work)
        await self._keeper.settle(revision)
        return out

    def _check_free(self, session: Session, id_: str, words: Sequence[str]) -> None:
        """A word is in one group at most."""
        others = [row for row in repository.rows(session) if row.id != id_]
        if len(others) >= MAX_GROUPS:
            raise Conflict("too_many_synonyms", limit=MAX_GROUPS)
        taken = {plain(word): row.words[0] for row in others for word in row.words}
        for word in words:
            if plain(word) in taken:
                raise Conflict("synonym_taken", word=word, group=taken[plain(word)])

    async def _check(self, id_: str, words: Sequence[str] | None) -> None:
        """The test questions must be answered as well as before."""
        rows = await self._database.read(self.all)
        groups = [row.words for row in rows if row.id != id_]
        await self._regression.allow({}, Synonyms([*groups, list(words)] if words else groups))
