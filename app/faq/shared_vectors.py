"""The knowledge's vectors in PostgreSQL, by its extension pgvector, for all workers.

Rows are kept as the encoder made them, under the key of their text, and are never changed, so that
an old index and a new one may be searched side by side. A worker holds the 64 main directions of
each, finds the 800 likeliest by them and lets the database compare those: of 10,000 entries that
finds what comparing all in memory finds. An HNSW index beside the table was measured and left out:
it needs no such directions, but takes a millisecond for each text that is added and 12 for each
search, and misses 3 of the nearest 120.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from app.config import Settings
from app.db import Database, is_sqlite
from app.errors import DatabaseUnavailable
from app.faq import vector_repository as repository
from app.faq.vector_repository import Halves, Numbers
from app.findings import Finding
from app.weights.encoder import encoder_id, stored_vectors
from dialogue.knowledge.cache import Cache
from dialogue.knowledge.shared import SharedCache, VectorsUnavailable
from dialogue.knowledge.vectors import FloatArray

log = structlog.get_logger(__name__)


class VectorsMissingError(Exception):
    """`LINGXI_KNOWLEDGE_VECTORS=pgvector`, and it cannot be had."""


@dataclass(frozen=True, slots=True)
class Support:
    """Whether a database keeps vectors: `lack` says what it would need."""

    version: str | None
    lack: str | None = None
    remedy: str = ""
    may_install: bool = False


class PgVectors:
    """Implements `SharedVectors`."""

    def __init__(self, database: Database, table: repository.Table, width: int) -> None:
        self._database = database
        self._table = table
        self._width = width

    async def find(self, keys: Sequence[bytes]) -> dict[bytes, int]:
        return await self._database.read(lambda s: repository.find(s, self._table, keys))

    async def add(self, made: Mapping[bytes, Halves]) -> None:
        await self._database.write(lambda s: repository.add(s, self._table, made))

    async def rows(self, numbers: Numbers) -> Halves:
        wanted, places = np.unique(numbers, return_inverse=True)
        try:
            found, sent = await self._database.read(
                lambda s: repository.rows(s, self._table, wanted)
            )
        except DatabaseUnavailable as error:
            raise VectorsUnavailable(str(error)) from error
        _expect_all(len(found), len(wanted))
        length = repository.HEADER + 2 * self._width
        whole = np.frombuffer(sent, dtype=np.uint8).reshape(-1, length)[:, repository.HEADER :]
        halves = np.ascontiguousarray(whole).view(">f2").astype(np.float16)
        return halves[places]

    async def products(self, asked: Halves, numbers: Numbers) -> FloatArray:
        try:
            found, near = await self._database.read(
                lambda s: repository.products(s, self._table, asked, numbers)
            )
        except DatabaseUnavailable as error:
            raise VectorsUnavailable(str(error)) from error
        _expect_all(len(found), len(numbers))
        order = np.argsort(found)
        return near[order][np.searchsorted(found[order], numbers)]

    async def keep(self, numbers: Numbers) -> None:
        """What was not tidied now is next time."""
        try:
            await self._database.write(lambda s: repository.keep(s, self._table, numbers))
        except DatabaseUnavailable as error:
            log.warning("vectors_not_tidied", reason=error.code)


def _expect_all(found: int, wanted: int) -> None:
    """An index whose vectors are not all there would find something else than it did."""
    if found < wanted:
        raise VectorsUnavailable(f"expected {wanted} vectors in the database, got {found}")


async def open_cache(settings: Settings, database: Database, width: int) -> Cache:
    """Where the setting and the database have the vectors kept. Raises `VectorsMissingError`."""
    found = await granted(settings, database)
    if found.lack is not None:
        if not is_sqlite(database.url) and settings.knowledge_vectors == "auto":
            log.info("knowledge_vectors", kept="memory", lack=found.lack, remedy=found.remedy)
        return await asyncio.to_thread(stored_vectors, settings, width)
    table = repository.table_of(encoder_id(settings), width)
    await database.write(lambda s: repository.create(s, table))
    log.info("knowledge_vectors", kept="pgvector", version=found.version, table=table.name)
    return SharedCache(PgVectors(database, table, width), width)


async def granted(settings: Settings, database: Database) -> Support:
    """The extension, installed if it can be. Raises `VectorsMissingError` where it must be there."""
    asked = settings.knowledge_vectors
    if asked == "memory":
        return Support(None, "another setting than memory", "unset LINGXI_KNOWLEDGE_VECTORS")
    found = await support(database)
    if found.may_install:
        found = await _installed(database)
    if found.lack is not None and asked == "pgvector":
        raise VectorsMissingError(
            f"LINGXI_KNOWLEDGE_VECTORS=pgvector: expected {found.lack}; {found.remedy}"
        )
    return found


async def told(settings: Settings, database: Database) -> Finding:
    """For the doctor."""
    subject = "vectors"
    if settings.knowledge_vectors == "memory" or is_sqlite(database.url):
        return Finding("ok", subject, "in each worker's memory, and in a file")
    found = await support(database)
    if found.lack is not None:
        asked = settings.knowledge_vectors == "pgvector"
        words = f"in each worker's memory; to share them: {found.lack}"
        if asked:
            words = f"expected {found.lack}"
        return Finding("problem" if asked else "ok", subject, words, found.remedy)
    words = f"shared by all workers, in pgvector {found.version}"
    if found.may_install:
        words += ", which the first start installs"
    elif (settings.encoder_folder / "lingxi.json").is_file():
        encoder = encoder_id(settings)
        kept = await database.read(lambda s: repository.count(s, encoder))
        words += f": {kept} of this encoder, in {repository.name_of(encoder)}"
    return Finding("ok", subject, words)


async def support(database: Database) -> Support:
    """Looks, and changes nothing."""
    if is_sqlite(database.url):
        remedy = "set LINGXI_DATABASE_URL"
        return Support(None, "PostgreSQL with the extension pgvector, got SQLite", remedy)
    has, offered = await database.read(lambda s: (repository.installed(s), repository.available(s)))
    version = has or offered
    if version is None:
        remedy = "install the package, e.g. postgresql-17-pgvector, on the database's machine"
        return Support(None, "PostgreSQL with the extension pgvector", remedy)
    if _numbers(version) < repository.LEAST_VERSION:
        least = ".".join(map(str, repository.LEAST_VERSION))
        remedy = "upgrade it, then ALTER EXTENSION vector UPDATE"
        return Support(version, f"pgvector {least} or newer, got {version}", remedy)
    return Support(version, may_install=has is None)


async def _installed(database: Database) -> Support:
    try:
        await database.write(repository.install)
    except repository.NotPermittedError as error:
        remedy = "let a superuser run CREATE EXTENSION vector in this database"
        return Support(None, f"the right to install pgvector, got: {error}", remedy)
    return await support(database)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
