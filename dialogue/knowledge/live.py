"""The knowledge that serves: one index at a time, replaced without a pause."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from dialogue.knowledge.cache import Cache, VectorCache
from dialogue.knowledge.index import KnowledgeIndex
from dialogue.knowledge.reading.reader import Reader
from dialogue.knowledge.rewrite import (
    asked_before,
    follow_up,
    names_nothing,
    rewrite,
    subject_of,
)
from dialogue.knowledge.score import Blend, load_blend
from dialogue.knowledge.shared import VectorsUnavailable
from dialogue.knowledge.synonyms import Synonyms
from dialogue.knowledge.text import content_words, plain
from dialogue.knowledge.types import (
    AUDIENCES,
    Audience,
    Entry,
    Hit,
    SearchResult,
    Thresholds,
    verdict_of,
)
from dialogue.knowledge.vectors import FloatArray
from nlu.types import Embedder, Language, Overloaded, Vector

log = logging.getLogger(__name__)


class LiveKnowledge:
    """Implements `Knowledge`; searches see the old index or the new one, never neither.

    Each audience has an index of its own, so that what it may not see cannot show in ranks and
    scores either; where nothing is restricted, they are one.
    """

    def __init__(
        self,
        embedder: Embedder | None,
        *,
        blend: Blend | None = None,
        cache: Cache | None = None,
        thresholds: Thresholds | None = None,
        reader: Reader | None = None,
    ) -> None:
        """`reader` reads what would be answered, and so lets less certain answers through."""
        self._embedder = embedder
        self._blend = blend or load_blend()
        self._cache: Cache | None = cache
        if cache is None and embedder is not None:
            self._cache = VectorCache(None, "", embedder.width)
        self._alone = self._thresholds = thresholds or self._blend.thresholds
        self._reader = reader
        if reader is not None:
            lower = min(self._alone.answer, reader.limits.answer)
            self._thresholds = replace(self._alone, answer=lower)
        self._indexes: Mapping[Audience, KnowledgeIndex] = {}
        self._synonyms = Synonyms()
        self._building = asyncio.Lock()

    @property
    def size(self) -> int:
        """Entries that are searched now, of all audiences."""
        return len(self.entries_for("staff"))

    def entries_for(self, audience: Audience) -> tuple[Entry, ...]:
        index = self._indexes.get(audience)
        return index.entries if index else ()

    @property
    def has_vectors(self) -> bool:
        return self._embedder is not None

    @property
    def thresholds(self) -> Thresholds:
        return self._thresholds

    async def replace(
        self,
        entries: Sequence[Entry],
        progress: Callable[[float], None] | None = None,
        synonyms: Synonyms | None = None,
    ) -> None:
        """Index `entries` beside the old ones and put them in their place.

        `synonyms` None: as they were.
        """
        async with self._building:
            known = synonyms if synonyms is not None else self._synonyms
            self._indexes = await self._built(entries, known, progress)
            self._synonyms = known

    async def _built(
        self,
        entries: Sequence[Entry],
        synonyms: Synonyms,
        progress: Callable[[float], None] | None,
    ) -> dict[Audience, KnowledgeIndex]:
        build = partial(
            KnowledgeIndex.build,
            embedder=self._embedder,
            blend=self._blend,
            cache=self._cache,
            synonyms=synonyms,
        )
        index = await build(entries, progress=progress)
        built: dict[Audience, KnowledgeIndex] = {}
        for audience in reversed(AUDIENCES):
            seen = [entry for entry in index.entries if entry.seen_by(audience)]
            if len(seen) < len(index.entries):
                index = await build(seen, keep=False)
            built[audience] = index
        return built

    async def trial(
        self, entries: Sequence[Entry], synonyms: Synonyms | None = None
    ) -> LiveKnowledge:
        """Another knowledge over `entries`, to be asked before they go live; shares the vectors."""
        trial = LiveKnowledge(
            self._embedder,
            blend=self._blend,
            cache=self._cache,
            thresholds=self._alone,
            reader=self._reader,
        )
        trial._building = self._building
        await trial.replace(entries, synonyms=self._synonyms if synonyms is None else synonyms)
        return trial

    async def vectors(
        self, texts: Sequence[str], progress: Callable[[float], None] | None = None
    ) -> FloatArray:
        """Of phrasings as an index compares them; those that are indexed are not embedded again.

        (len(texts), width); only where `has_vectors`.
        """
        if self._embedder is None or self._cache is None:
            raise RuntimeError("expected an encoder, got none")
        compared = [plain(self._synonyms.fold(text)) for text in texts]
        return await self._cache.embed(compared, self._embedder, progress)

    def entry(self, entry_id: str, audience: Audience = "everyone") -> Entry | None:
        index = self._indexes.get(audience)
        number = index.by_id.get(entry_id) if index else None
        return index.entries[number] if index and number is not None else None

    async def search(
        self,
        query: str,
        *,
        language: Language,
        vector: Vector | None = None,
        context: Sequence[str] = (),
        limit: int = 5,
        among: Collection[str] | None = None,
        audience: Audience = "everyone",
    ) -> SearchResult:
        """See `Knowledge.search`; `among` narrows the search to those entry ids."""
        index = self._indexes.get(audience)
        started = time.perf_counter()
        if index is None:
            return SearchResult(query, "nothing", (), self._thresholds)
        completed = None if names_nothing(query) else rewrite(query, context)
        asked = completed or query
        folded = index.synonyms.fold(asked)
        if vector is None or folded != query:
            vector = await self._embed(folded)
        embedded = time.perf_counter()
        hits = await self._find(index, asked, vector, limit, among)
        if completed is not None and verdict_of(hits, self._thresholds) == "nothing":
            # The fragment may stand by itself after all.
            alone = await self._found(index, query, limit, among)
            if alone and (not hits or alone[0].score > hits[0].score):
                hits, asked, completed = alone, query, None
        hits = await self._read(asked, hits, language)
        told = await self._told_again(index, query, context, hits) if completed else None
        if told is not None and (near := await self._about(index, subject_of(query), told, limit)):
            asked, told = subject_of(query), None
            hits = await self._read(asked, near, language)
        alone_answers = verdict_of(hits, self._thresholds) == "answer"
        if completed is None and (not alone_answers or names_nothing(query)):
            followed = await self._following(index, query, context, hits, limit, among)
            if followed is not None and not _same_best(followed[1], hits):
                completed = asked = followed[0]
                found = await self._read(asked, followed[1], language)
                hits = self._both(found, hits) if alone_answers else found
        timings = {
            "embed": (embedded - started) * 1000,
            "search": (time.perf_counter() - embedded) * 1000,
        }
        verdict = verdict_of(hits, self._thresholds)
        rewritten, again = completed is not None, told is not None
        return SearchResult(asked, verdict, hits, self._thresholds, rewritten, timings, again)

    async def _read(self, query: str, hits: tuple[Hit, ...], language: Language) -> tuple[Hit, ...]:
        if self._reader is None:
            return hits
        return await self._reader.checked(query, hits, language, self._alone)

    def _both(self, followed: tuple[Hit, ...], alone: tuple[Hit, ...]) -> tuple[Hit, ...]:
        """What answers a question in its conversation, else that and what answers it by itself."""
        if verdict_of(followed, self._thresholds) == "answer":
            return followed
        most = followed[0].score
        beside = replace(alone[0], score=min(alone[0].score, most))
        others = (hit for hit in followed[1:] if hit.entry.id != beside.entry.id)
        return (followed[0], beside, *others)

    async def _following(
        self,
        index: KnowledgeIndex,
        query: str,
        context: Sequence[str],
        alone: Sequence[Hit],
        limit: int,
        among: Collection[str] | None,
    ) -> tuple[str, tuple[Hit, ...]] | None:
        """A short question read as one about what was asked before: the text, and what answers it.

        The entry that answered before is near to whatever is said after it, and tells nothing new:
        what is left when it is taken away shows whether the two belong together.
        """
        pair = follow_up(query, context)
        if pair is None:
            return None
        before, whole = pair
        told = await self._found(index, before, 1, among)
        if not told or told[0].score < self._thresholds.suggest:
            return None
        hits = await self._found(index, whole, limit + 1, among)
        left = tuple(hit for hit in hits if hit.entry.id != told[0].entry.id)[:limit]
        if names_nothing(query) and (not self._offers(left) or _same_best(left, alone)):
            beside = await asyncio.to_thread(_beside, index.entries, told[0].entry)
            left = await self._found(index, query, limit, beside) if beside else ()
        if not self._offers(left):
            return None
        return f"{before} {query}", left  # as it was said, for whoever reads it

    async def _told_again(
        self, index: KnowledgeIndex, query: str, context: Sequence[str], hits: Sequence[Hit]
    ) -> Entry | None:
        """The entry that answered what was asked before, where it would answer `query` too and says
        nothing of what that is about: ``那信用卡呢`` after ``花呗能分期吗``."""
        before = asked_before(query, context)
        if before is None or verdict_of(hits, self._thresholds) != "answer":
            return None
        told = await self._found(index, before, 1, None)
        if verdict_of(told, self._thresholds) != "answer" or not _same_best(told, hits):
            return None
        entry = told[0].entry
        return None if _speaks_of(entry, subject_of(query)) else entry

    async def _about(
        self, index: KnowledgeIndex, subject: str, told: Entry, limit: int
    ) -> tuple[Hit, ...]:
        """What there is about `subject` in the category of what was told."""
        hits = await self._found(index, subject, limit, None)
        near = tuple(hit for hit in hits if hit.entry.category == told.category)
        near = tuple(hit for hit in near if hit.entry.id != told.id)
        return near if self._offers(near) else ()

    def _offers(self, hits: Sequence[Hit]) -> bool:
        return bool(hits) and hits[0].score >= self._thresholds.suggest

    async def _found(
        self, index: KnowledgeIndex, query: str, limit: int, among: Collection[str] | None
    ) -> tuple[Hit, ...]:
        vector = await self._embed(index.synonyms.fold(query))
        return await self._find(index, query, vector, limit, among)

    async def related(
        self,
        entry_id: str,
        *,
        limit: int = 3,
        told: Sequence[str] = (),
        audience: Audience = "everyone",
    ) -> tuple[Entry, ...]:
        index = self._indexes.get(audience)
        if index is None:
            return ()
        try:
            return await asyncio.to_thread(index.related, entry_id, limit, told)
        except VectorsUnavailable:
            return ()  # an offer, that nobody misses

    async def _find(
        self,
        index: KnowledgeIndex,
        query: str,
        vector: Vector | None,
        limit: int,
        among: Collection[str] | None,
    ) -> tuple[Hit, ...]:
        """In a thread: at 100k entries a search takes longer than the loop may stand still."""
        find = partial(index.search, query, limit=limit, among=among)
        try:
            return await asyncio.to_thread(find, vector)
        except VectorsUnavailable as reason:
            log.warning("searched by words alone: %s", reason)
            return await asyncio.to_thread(find, None)

    async def _embed(self, text: str) -> Vector | None:
        """The query's vector; None where the engine is too busy: words alone must do then."""
        if self._embedder is None or not text.strip():
            return None
        try:
            row: Vector = (await self._embedder.embed([text]))[0]
        except Overloaded:
            return None
        return row


def _same_best(some: Sequence[Hit], others: Sequence[Hit]) -> bool:
    return bool(some and others) and some[0].entry.id == others[0].entry.id


def _beside(entries: Sequence[Entry], told: Entry) -> list[str]:
    """Ids of the others of its category; none where it has no category."""
    same = (entry.id for entry in entries if entry.category == told.category)
    return [id_ for id_ in same if id_ != told.id] if told.category else []


def _speaks_of(entry: Entry, subject: str) -> bool:
    said = plain(" ".join([*entry.questions, *entry.answers.values(), *entry.keywords]))
    return set(content_words(subject)) <= set(content_words(said))
