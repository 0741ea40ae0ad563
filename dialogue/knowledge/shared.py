"""Vectors that all workers share, kept beside the entries and compared there."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as LateError
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.cache import BATCH, Progress, key_of, split
from dialogue.knowledge.rows import Numbers
from dialogue.knowledge.vectors import (
    PREFILTER_WIDTH,
    FloatArray,
    Means,
    Placed,
    Placing,
    Texts,
    VectorSpace,
    han_mask,
    likely,
    nearest,
)
from nlu.types import Embedder

Halves = NDArray[np.float16]
Result = TypeVar("Result")

COMPARED_THERE_FROM = 100_000
"""Texts of an index that no worker holds the vectors of: of fewer they take 200 MB at most, and a
search is three times as quick with them at hand."""
PAGE = 5_000
ANSWER_S = 5.0


class VectorsUnavailable(Exception):  # noqa: N818  a state, told to the caller as such
    """What keeps the vectors does not answer, or has not all of an index any more."""


class SharedVectors(Protocol):
    """One encoder's vectors, each under the key of its text; a key's vector never changes."""

    async def find(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        """The numbers of those that are there."""
        ...

    async def add(self, made: Mapping[bytes, Halves]) -> None: ...

    async def rows(self, numbers: Numbers) -> Halves:
        """(len(numbers), width). Raises `VectorsUnavailable`."""
        ...

    async def products(self, asked: Halves, numbers: Numbers) -> FloatArray:
        """Of `asked`, (width,), and those rows. Raises `VectorsUnavailable`."""
        ...

    async def keep(self, numbers: Numbers) -> None:
        """These are in use; what nobody has used for long may go."""
        ...


class SharedCache:
    """A `Cache` over `SharedVectors`: what one worker has embedded, no other one embeds."""

    def __init__(
        self, shared: SharedVectors, width: int, compared_there_from: int = COMPARED_THERE_FROM
    ) -> None:
        """Indexes of fewer texts than `compared_there_from` are compared in memory."""
        self._shared = shared
        self._width = width
        self._from = compared_there_from
        self._known: dict[bytes, Halves] = {}
        """What the small indexes of this worker hold."""

    async def embed(
        self, texts: Sequence[str], embedder: Embedder, progress: Progress | None = None
    ) -> FloatArray:
        known = self._known
        new = list(dict.fromkeys(text for text in texts if key_of(text) not in known))
        rows = await self._read(await self._numbers(new, embedder, progress))
        fresh = {key_of(text): row for text, row in zip(new, rows, strict=True)}
        known.update(fresh)
        if not texts:
            return np.zeros((0, self._width), dtype=np.float32)
        return np.stack([known[key_of(text)] for text in texts]).astype(np.float32)

    async def place(
        self, texts: Texts, embedder: Embedder, progress: Progress | None = None
    ) -> Placing:
        every = [text for kind in texts for text in kind]
        if len(every) < self._from:
            return split(await self.embed(every, embedder, progress), texts)
        numbers = await self._numbers(every, embedder, progress)
        questions = await self._read(numbers[: len(texts.questions)])
        return StoredVectors(self._shared, numbers, questions, asyncio.get_running_loop())

    async def keep(self, texts: Texts) -> None:
        keys = {key_of(text) for kind in texts for text in kind}
        held = keys if len(keys) < self._from else set()
        self._known = {key: row for key, row in self._known.items() if key in held}
        found = await self._find(list(keys))
        await self._shared.keep(np.fromiter(found.values(), dtype=np.int64, count=len(found)))

    async def _numbers(
        self, texts: Sequence[str], embedder: Embedder, progress: Progress | None
    ) -> Numbers:
        """Of `texts`; those that nobody has embedded yet are, here."""
        keys = [key_of(text) for text in texts]
        found = await self._find(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            await self._make(missing, embedder, progress)
            found |= await self._find(list(missing))
        return np.fromiter((found[key] for key in keys), dtype=np.int64, count=len(keys))

    async def _make(
        self, missing: Mapping[bytes, str], embedder: Embedder, progress: Progress | None
    ) -> None:
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        parts = [todo[at : at + BATCH] for at in range(0, len(todo), BATCH)]
        # Workers that begin at once each begin elsewhere, and so share the work.
        random.shuffle(parts)
        for done, part in enumerate(parts, 1):
            there = await self._shared.find([key for key, _ in part])
            new = [(key, text) for key, text in part if key not in there]
            if new:
                rows = await embedder.embed([text for _, text in new], passages=True)
                halves = rows.astype(np.float16)
                await self._shared.add(
                    {key: row for (key, _), row in zip(new, halves, strict=True)}
                )
            if progress is not None:
                progress(done / len(parts))

    async def _find(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for at in range(0, len(keys), PAGE):
            found |= await self._shared.find(keys[at : at + PAGE])
        return found

    async def _read(self, numbers: Numbers) -> Halves:
        pages = [numbers[at : at + PAGE] for at in range(0, len(numbers), PAGE)]
        rows = [await self._shared.rows(page) for page in pages]
        return np.concatenate([np.zeros((0, self._width), dtype=np.float16), *rows])


class StoredVectors:
    """An index's vectors, of which a worker keeps the main directions and the lengths alone."""

    def __init__(
        self,
        shared: SharedVectors,
        numbers: Numbers,
        questions: Halves,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """`numbers` of all `Texts`, one kind after the other; `questions` are the first of them."""
        self._questions = questions
        self._numbers = numbers
        self._there = _Asked(shared, loop)

    def placed(self, texts: Texts, means: Means) -> Placed:
        space = VectorSpace(self._questions, texts.questions, means, passages=True)
        ends = np.cumsum([len(kind) for kind in texts])[:-1]
        questions, answers, told = (
            StoredRows(self._there, space, numbers, han_mask(kind))
            for numbers, kind in zip(np.split(self._numbers, ends), texts, strict=True)
        )
        return _StoredPlaced(space, questions, answers, told)


class _Asked:
    """Asks from the thread of a search; the answer comes by the event loop."""

    def __init__(self, shared: SharedVectors, loop: asyncio.AbstractEventLoop) -> None:
        self._shared = shared
        self._loop = loop

    def rows(self, numbers: Numbers) -> Halves:
        return self._wait(lambda: self._shared.rows(numbers))

    def products(self, asked: Halves, numbers: Numbers) -> FloatArray:
        return self._wait(lambda: self._shared.products(asked, numbers))

    def _wait(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        async def asked() -> Result:
            async with asyncio.timeout(ANSWER_S):
                return await ask()

        try:
            return asyncio.run_coroutine_threadsafe(asked(), self._loop).result(2 * ANSWER_S)
        except (TimeoutError, LateError) as late:
            raise VectorsUnavailable(f"no answer within {ANSWER_S:g} s") from late


class StoredRows:
    """As `VectorRows`, of rows that stay as the encoder made them, where they are kept.

    The fitted space is linear but for the lengths: a row's cosine comes of its product with the
    query carried back into the encoder's space. So no row is written anew when the space is fitted
    to other texts.
    """

    def __init__(
        self, there: _Asked, space: VectorSpace, numbers: Numbers, han: NDArray[np.bool_]
    ) -> None:
        self._there, self._space = there, space
        self._numbers, self._han = numbers, han
        self._lengths = np.empty(len(numbers), dtype=np.float32)
        self._coarse = np.empty((len(numbers), PREFILTER_WIDTH), dtype=np.float32)
        for at in range(0, len(numbers), PAGE):
            page = slice(at, at + PAGE)
            moved = space.moved(there.rows(numbers[page]), han[page])
            self._lengths[page] = np.maximum(np.linalg.norm(moved, axis=1), 1e-9)
            self._coarse[page] = moved[:, :PREFILTER_WIDTH] / self._lengths[page, None]

    def __len__(self) -> int:
        return len(self._numbers)

    def at(self, query: FloatArray, rows: Numbers) -> FloatArray:
        """Cosines of a projected query with the rows `rows`."""
        return self.at_once(query, [(self, rows)])[0]

    def at_once(
        self, query: FloatArray, parts: Sequence[tuple[StoredRows, Numbers]]
    ) -> list[FloatArray]:
        """The same of rows of several kinds, by one question to the database."""
        wanted = np.concatenate([kind._numbers[rows] for kind, rows in parts])
        if not len(wanted):
            return [np.zeros(0, dtype=np.float32) for _ in parts]
        asked = self._space.back(query).astype(np.float16)
        numbers, places = np.unique(wanted, return_inverse=True)
        products = self._there.products(asked, numbers)[places]
        zh, en = (self._space.centre(han=han) @ asked.astype(np.float32) for han in (True, False))
        ends = np.cumsum([len(rows) for _, rows in parts])[:-1]
        return [
            (part - np.where(kind._han[rows], zh, en)) / kind._lengths[rows]
            for part, (kind, rows) in zip(np.split(products, ends), parts, strict=True)
        ]

    def middle(self, rows: Numbers) -> FloatArray:
        """The mean of some rows, (width,)."""
        moved = self._space.moved(self._there.rows(self._numbers[rows]), self._han[rows])
        mean: FloatArray = (moved / self._lengths[rows, None]).mean(axis=0, dtype=np.float32)
        return mean

    def best(self, query: FloatArray, count: int) -> Numbers:
        """The nearest rows, at most `count`, nearest first."""
        rows = self.likely(query)
        return nearest(rows, self.at(query, rows), count)

    def likely(self, query: FloatArray) -> Numbers:
        return likely(self._coarse, query)


class _StoredPlaced(Placed):
    """Asks the database twice for a search: for the nearest, and for all of what was chosen."""

    questions: StoredRows
    answers: StoredRows
    told: StoredRows

    def best(self, query: FloatArray, questions: int, told: int) -> tuple[Numbers, Numbers]:
        rows = [kind.likely(query) for kind in (self.questions, self.told)]
        near = self.questions.at_once(query, [(self.questions, rows[0]), (self.told, rows[1])])
        return nearest(rows[0], near[0], questions), nearest(rows[1], near[1], told)

    def at(
        self, query: FloatArray, questions: Numbers, answers: Numbers, told: Numbers
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        parts = [(self.questions, questions), (self.answers, answers), (self.told, told)]
        near = self.questions.at_once(query, parts)
        return near[0], near[1], near[2]
