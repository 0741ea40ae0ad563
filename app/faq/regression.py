"""Asks the regression set before anything goes live, of the knowledge as it is and would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.db import Database
from app.errors import CheckFailed, Conflict, NotFound
from app.faq import repository
from app.faq.content import contents_of, language_of
from app.faq.keeper import entries_at, published
from app.faq.schemas.entries import Content
from app.faq.schemas.regression import CaseIn, CaseResult, CheckAnswer
from app.models import FaqCase, new_id, now
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.synonyms import Synonyms

MAX_CASES = 2_000
Changes = Mapping[str, Content | None]
"""Contents by entry id; None takes an entry away."""


class Answered(NamedTuple):
    entry_id: str | None
    score: float


async def has_cases(database: Database) -> bool:
    return bool(await database.read(repository.cases))


class Regression:
    """Questions and the entries that must answer them."""

    def __init__(self, database: Database, knowledge: LiveKnowledge) -> None:
        self._database = database
        self._knowledge = knowledge

    async def check(
        self, changes: Changes | None = None, synonyms: Synonyms | None = None
    ) -> CheckAnswer:
        """What would become of the set with `changes`; None means with every draft published.

        `synonyms` None: as they are.
        """
        cases = await self._database.read(repository.cases)
        if not cases:
            return CheckAnswer(
                cases=0,
                passed_before=0,
                passed_after=0,
                worse=[],
                better=[],
                failing=[],
                blocks=False,
            )
        contents = await published(self._database)
        if changes is None:
            changes = await self._database.read(_drafts)
        after = {id_: content for id_, content in contents.items() if id_ not in changes}
        after |= {id_: content for id_, content in changes.items() if content is not None}
        trial = await self._knowledge.trial(entries_at(after, now()), synonyms)
        return _compared(cases, await _asked(self._knowledge, cases), await _asked(trial, cases))

    async def allow(self, changes: Changes, synonyms: Synonyms | None = None) -> None:
        """Raises `CheckFailed` where a question that is answered right would not be any more."""
        answer = await self.check(changes, synonyms)
        if answer.blocks:
            raise CheckFailed(len(answer.worse), answer.model_dump(mode="json"))

    def cases(self, session: Session) -> Sequence[FaqCase]:
        return repository.cases(session)

    def add(self, session: Session, case: CaseIn) -> FaqCase:
        """Raises `Conflict` for a question that is in the set; and for an entry that is not there."""
        if repository.case_of(session, case.query) is not None:
            raise Conflict("exists")
        if case.entry_id is not None and repository.entry(session, case.entry_id) is None:
            raise Conflict("faq_not_found")
        if repository.count_cases(session) >= MAX_CASES:
            raise Conflict("too_many_cases", limit=MAX_CASES)
        row = FaqCase(id=new_id(), query=case.query, entry_id=case.entry_id)
        session.add(row)
        session.flush()
        return row

    def add_new(self, session: Session, case: CaseIn) -> None:
        """Add a question that is not in the set yet, while it has room."""
        with suppress(Conflict):
            self.add(session, case)

    def delete(self, session: Session, case_id: str) -> None:
        row = session.get(FaqCase, case_id)
        if row is None:
            raise NotFound()
        session.delete(row)


def _drafts(session: Session) -> dict[str, Content]:
    return contents_of(repository.unpublished(session))


async def _asked(knowledge: LiveKnowledge, cases: Sequence[FaqCase]) -> list[Answered]:
    found = []
    for case in cases:
        entry = knowledge.entry(case.entry_id or "", "staff")
        result = await knowledge.search(
            case.query,
            language=language_of(case.query),
            limit=1,
            audience=entry.audience if entry else "everyone",
        )
        best = result.best
        answers = best is not None and result.verdict == "answer"
        found.append(
            Answered(best.entry.id if best and answers else None, best.score if best else 0.0)
        )
    return found


def _compared(
    cases: Sequence[FaqCase], before: Sequence[Answered], after: Sequence[Answered]
) -> CheckAnswer:
    worse: list[CaseResult] = []
    better: list[CaseResult] = []
    failing: list[CaseResult] = []
    for case, old, new in zip(cases, before, after, strict=True):
        was, is_ = old.entry_id == case.entry_id, new.entry_id == case.entry_id
        if was and is_:
            continue
        (failing if was == is_ else worse if was else better).append(
            CaseResult(
                query=case.query,
                expected=case.entry_id,
                before=old.entry_id,
                after=new.entry_id,
                score_before=round(old.score, 4),
                score_after=round(new.score, 4),
            )
        )
    passed = sum(old.entry_id == case.entry_id for case, old in zip(cases, before, strict=True))
    return CheckAnswer(
        cases=len(cases),
        passed_before=passed,
        passed_after=passed - len(worse) + len(better),
        worse=worse,
        better=better,
        failing=failing,
        blocks=bool(worse),
    )
