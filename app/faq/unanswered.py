"""What customers asked in vain, put together by meaning, and what becomes of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity
from app.db import Database
from app.errors import NotFound
from app.faq import question_repository as questions
from app.faq.content import language_of, phrasings
from app.faq.desk import FaqDesk, author_of
from app.faq.hit_test import candidate
from app.faq.regression import Regression
from app.faq.schemas.entries import Content, EntryOut
from app.faq.schemas.hit_test import CandidateOut
from app.faq.schemas.regression import CaseIn
from app.faq.schemas.unanswered import (
    ClusterEntry,
    ClusterOut,
    UnansweredAnswer,
    UnansweredQuestion,
)
from app.faq.service import FaqService
from app.models import FaqEntry, now
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.score import load_blend
from dialogue.knowledge.text import plain, units
from dialogue.knowledge.vectors import VectorSpace
from nlu.types import Embedder, Overloaded

FloatArray = NDArray[np.float32]
Label = Callable[[Session, AgentIdentity, Collection[str], str, str], None]
"""Makes messages examples of an intent that an entry answers."""

MAX_QUESTIONS = 1_000
"""Looked at, latest first; all are compared with all."""
SHOWN_QUESTIONS = 50
"""Of one cluster."""
ALIKE_VECTORS = 0.18
"""Mean cosine within a cluster, in the space tuned to these questions. On the shop's phrasings
0.15 to 0.25 parted the entries best, of 20 questions as of 200."""
ALIKE_WORDS = 0.3
"""Mean share of common characters and letter runs, where there is no encoder."""
MAX_CASE_CHARS = 500


class Unanswered:
    def __init__(
        self,
        database: Database,
        store: FaqService,
        desk: FaqDesk,
        regression: Regression,
        knowledge: LiveKnowledge,
        embedder: Embedder | None,
    ) -> None:
        self._database = database
        self._store = store
        self._desk = desk
        self._regression = regression
        self._knowledge = knowledge
        self._embedder = embedder

    async def clusters(self, days: int, limit: int) -> UnansweredAnswer:
        """The largest first."""
        since = now() - timedelta(days=days)
        asked = await self._database.read(lambda s: questions.unsettled(s, since, MAX_QUESTIONS))
        groups = await self._grouped([question.text for question in asked])
        groups.sort(key=len, reverse=True)
        items = [await self._cluster([asked[n] for n in group]) for group in groups[:limit]]
        return UnansweredAnswer(items=items, questions=len(asked))

    async def entry(self, agent: AgentIdentity, body: ClusterEntry, label: Label) -> EntryOut:
        """A new entry for a cluster, or its questions as phrasings of one; they are settled.

        `label` makes them examples of an intent.
        """
        asked = await self._database.read(lambda s: questions.texts(s, body.message_ids))
        if not asked:
            raise NotFound("message_not_found")
        content, version = body.content, None
        if content is None:
            content, version = await self._with_phrasings(body.entry_id or "", asked.values())

        def work(session: Session) -> FaqEntry:
            author = author_of(agent)
            if body.entry_id is None:
                row = self._store.add(session, author, None, content, publish=body.publish)
            else:
                row = self._store.change(
                    session,
                    author,
                    body.entry_id,
                    content,
                    publish=body.publish,
                    version=version,
                )
            questions.settle(session, asked, row.id, agent.id)
            if body.intent is not None:
                label(session, agent, asked, body.intent, row.id)
            if body.cases:
                self._add_cases(session, asked.values(), row.id)
            return row

        changes = {body.entry_id or "": content} if body.publish else {}
        return await self._desk.apply(agent, "faq_question_answered", changes, work)

    async def dismiss(self, agent: AgentIdentity, message_ids: Sequence[str]) -> None:
        """No entry is wanted for these."""

        def work(session: Session) -> None:
            asked = questions.texts(session, message_ids)
            questions.settle(session, asked, None, agent.id)
            record(session, agent.id, "faq_questions_dismissed", detail={"questions": len(asked)})

        await self._database.write(work)

    async def _with_phrasings(self, entry_id: str, texts: Collection[str]) -> tuple[Content, int]:
        """The entry's newest content with `texts` among its phrasings, and its version."""

        def read(session: Session) -> tuple[Content, int]:
            return self._store.content(session, entry_id), self._store.get(
                session, entry_id
            ).version

        content, version = await self._database.read(read)
        known = {plain(question) for question in phrasings(content)}
        added = {language: list(some) for language, some in content.questions.items()}
        for text in texts:
            if plain(text) not in known and len(text) <= MAX_CASE_CHARS:
                known.add(plain(text))
                added.setdefault(language_of(text), []).append(text)
        fields = content.model_dump() | {"questions": added}
        return Content.model_validate(fields), version

    def _add_cases(self, session: Session, texts: Collection[str], entry_id: str) -> None:
        for text in dict.fromkeys(texts):
            if len(text) <= MAX_CASE_CHARS:
                self._regression.add_new(session, CaseIn(query=text, entry_id=entry_id))

    async def _cluster(self, asked: Sequence[UnansweredQuestion]) -> ClusterOut:
        """`asked` with the most typical first."""
        title = asked[0].text
        latest = sorted(asked, key=lambda question: question.at, reverse=True)
        return ClusterOut(
            title=title,
            language=language_of(title),
            size=len(asked),
            last_at=latest[0].at,
            questions=latest[:SHOWN_QUESTIONS],
            intent=_likeliest(asked),
            nearest=await self._nearest(title),
        )

    async def _nearest(self, text: str) -> CandidateOut | None:
        language = language_of(text)
        found = await self._knowledge.search(text, language=language, limit=1, audience="staff")
        return candidate(found.best, language) if found.best else None

    async def _grouped(self, texts: Sequence[str]) -> list[list[int]]:
        """Places of texts that mean about the same, the most typical of each group first."""
        if len(texts) < 2:
            return [[0]] if texts else []
        if self._embedder is not None:
            with suppress(Overloaded):  # customers come first; words do for now
                vectors = await self._embedder.embed([plain(text) for text in texts])
                return await asyncio.to_thread(_by_vectors, vectors, texts)
        return await asyncio.to_thread(_by_words, texts)


def _likeliest(asked: Sequence[UnansweredQuestion]) -> str | None:
    named = Counter(question.intent for question in asked if question.intent)
    return named.most_common(1)[0][0] if named else None


def _by_vectors(vectors: FloatArray, texts: Sequence[str]) -> list[list[int]]:
    """vectors: (n, width), unit length."""
    rows = VectorSpace(vectors, texts, load_blend().means).project(vectors, texts)
    return _linked(rows @ rows.T, ALIKE_VECTORS)


def _by_words(texts: Sequence[str]) -> list[list[int]]:
    grams = [frozenset(units(plain(text)).grams) for text in texts]
    alike = [[2 * len(a & b) / max(1, len(a) + len(b)) for b in grams] for a in grams]
    return _linked(np.asarray(alike, dtype=np.float32), ALIKE_WORDS)


def _linked(alike: FloatArray, least: float) -> list[list[int]]:
    """Average linkage of (n, n) likeness: groups whose members are `least` alike on average."""
    upper = np.triu_indices(len(alike), 1)
    distances = np.clip(1 - alike[upper], 0, 2)
    labels = fcluster(linkage(distances, "average"), 1 - least, "distance")
    groups = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        typical = alike[np.ix_(members, members)].mean(axis=1)
        groups.append([int(place) for place in members[np.argsort(-typical, kind="stable")]])
    return groups
