"""Vectors in a real PostgreSQL with pgvector: what one worker embedded, all search, all the same."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa
import typer
from conftest import new_database

from app.backup import backup, restore
from app.cli.settings import expect_vectors
from app.config import Settings
from app.db import Database
from app.faq import vector_repository as repository
from app.faq.seed import project_entries
from app.faq.shared_vectors import PgVectors, VectorsMissingError, granted, open_cache, told
from app.faq.vector_repository import create, install, table_of
from app.weights.encoder import encoder_id
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.shared import SharedCache
from dialogue.knowledge.types import Entry, Hit, SearchResult
from tests.knowledge.faq import ENTRIES, HashingEmbedder

SHOP = Path("bots/shop")
TABLE = table_of("hashing", HashingEmbedder.width)
EXPECTED = 2e-3
"""How far a score may be off: queries are carried back in half floats."""


class Worker:
    """One process' view of the database."""

    def __init__(self, database: Database, compared_there_from: int = 1) -> None:
        self.embedder = HashingEmbedder()
        self.database = database
        vectors = PgVectors(database, TABLE, HashingEmbedder.width)
        cache = SharedCache(vectors, HashingEmbedder.width, compared_there_from)
        self.knowledge = LiveKnowledge(self.embedder, cache=cache)

    async def start(self, entries: list[Entry]) -> int:
        """How many texts it has embedded."""
        before = len(self.embedder.asked)
        await self.knowledge.replace(entries)
        return len(self.embedder.asked) - before

    async def search(self, query: str) -> SearchResult:
        return await self.knowledge.search(query, language="zh")


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def two(pgvector_cluster: str) -> AsyncIterator[tuple[Database, Database]]:
    url = new_database(pgvector_cluster)
    async with opened(url) as one, opened(url) as other:
        await one.write(install)
        await one.write(lambda s: create(s, TABLE))
        yield one, other


def seen(hits: tuple[Hit, ...]) -> list[tuple[str, str]]:
    return [(hit.entry.id, hit.question) for hit in hits]


async def in_memory(entries: list[Entry]) -> LiveKnowledge:
    knowledge = LiveKnowledge(HashingEmbedder())
    await knowledge.replace(entries)
    return knowledge


async def test_the_database_finds_what_memory_finds_and_a_second_worker_embeds_nothing(
    two: tuple[Database, Database],
) -> None:
    entries = project_entries(SHOP, Settings().zone)
    copies = [
        replace(e, id=f"{e.id}-2", questions=tuple(f"{q} 二号店" for q in e.questions))
        for e in entries
    ]
    entries = [*entries, *copies]  # more than are all looked at, more rows than the prefilter keeps
    memory = await in_memory(entries)
    first, second = Worker(two[0]), Worker(two[1])
    assert await first.start(entries) > 1_000
    assert await second.start(entries) == 0
    rows = (SHOP / "eval" / "faq_queries.jsonl").read_text(encoding="utf-8").splitlines()
    for query in [json.loads(row)["query"] for row in rows][::8]:
        wanted = await memory.search(query, language="zh")
        got = await second.search(query)
        assert got.verdict == wanted.verdict
        assert [hit.score for hit in got.hits] == pytest.approx(
            [hit.score for hit in wanted.hits], abs=EXPECTED
        )
        assert seen(got.hits[:1]) == seen(wanted.hits[:1])
        assert got.hits[0].semantic == pytest.approx(wanted.hits[0].semantic, abs=EXPECTED)
    near = await second.knowledge.related(entries[0].id, told=[entries[1].id])
    assert near == await memory.related(entries[0].id, told=[entries[1].id])


async def test_workers_that_begin_at_once_share_the_work(two: tuple[Database, Database]) -> None:
    entries = project_entries(SHOP, Settings().zone)
    workers = [Worker(database, 10**9) for database in two]
    made = await asyncio.gather(*(worker.start(entries) for worker in workers))
    async with opened(two[0].url) as database:
        kept = await database.read(
            lambda s: s.scalar(sa.select(sa.func.count()).select_from(TABLE))
        )
    assert min(made) > 0
    assert kept <= sum(made) < 1.5 * kept
    assert await workers[0].knowledge.vectors([entries[0].questions[0]]) is not None
    assert seen((await workers[0].search("退货")).hits) == seen(
        (await workers[1].search("退货")).hits
    )


async def test_an_old_index_and_a_new_one_are_searched_side_by_side(
    two: tuple[Database, Database],
) -> None:
    old, new = Worker(two[0]), Worker(two[1])
    await old.start(list(ENTRIES))
    before = await old.search("退款几天到")
    changed = [replace(e, questions=tuple(f"新的{q}" for q in e.questions)) for e in ENTRIES]
    assert await new.start(changed) > 0
    after = await old.search("退款几天到")
    assert after.hits == before.hits
    assert seen((await new.search("退款几天到")).hits) != seen(before.hits)
    # What an index needs is gone: by words alone rather than by some of the vectors.
    await new.database.write(
        lambda s: s.execute(sa.delete(TABLE).where(TABLE.c.unused_since.is_not(None)))
    )
    gone = await old.search("退款几天到")
    assert all(hit.semantic == 0 for hit in gone.hits)
    assert await old.start(list(ENTRIES)) > 0
    assert (await old.search("退款几天到")).hits == before.hits


async def test_what_nobody_has_used_for_a_day_goes(two: tuple[Database, Database]) -> None:
    worker = Worker(two[0])
    await worker.start(list(ENTRIES))
    await worker.start(list(ENTRIES[:2]))
    aged = TABLE.update().where(TABLE.c.unused_since.is_not(None))
    aged = aged.values(unused_since=sa.func.now() - sa.text("interval '25 hours'"))
    await worker.database.write(lambda s: s.execute(aged))
    revived = Worker(two[1])
    assert 0 < await revived.start(list(ENTRIES[1:3])) < len(worker.embedder.asked)
    old = TABLE.c.unused_since < sa.func.now() - sa.text("interval '1 day'")
    left = sa.select(sa.func.count()).select_from(TABLE)
    assert await two[0].read(lambda s: s.scalar(left.where(old))) == 0
    assert await two[0].read(lambda s: s.scalar(left)) < len(set(worker.embedder.asked))


def settings(url: str, kept: str, home: Path) -> Settings:
    encoder = home / "encoders" / "e5-small"
    encoder.mkdir(parents=True, exist_ok=True)
    (encoder / "lingxi.json").write_text("{}")
    return Settings(database_url=url, knowledge_vectors=kept, home=home)  # type: ignore[arg-type]


async def test_auto_takes_pgvector_where_it_is_and_the_doctor_says_so(
    pgvector_cluster: str, tmp_path: Path
) -> None:
    url = new_database(pgvector_cluster)
    chosen = settings(url, "auto", tmp_path)
    async with opened(url) as database:
        assert "which the first start installs" in (await told(chosen, database)).words
        cache = await open_cache(chosen, database, HashingEmbedder.width)
        assert isinstance(cache, SharedCache)
        await LiveKnowledge(HashingEmbedder(), cache=cache).replace(ENTRIES)
        assert "pgvector 0.8" in (await told(chosen, database)).words
        memory = await open_cache(settings(url, "memory", tmp_path), database, 64)
        assert not isinstance(memory, SharedCache)


async def test_a_backup_leaves_them_out_and_its_restore_leaves_them_be(
    pgvector_cluster: str,
    pgvector_binaries: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", f"{pgvector_binaries}:{os.environ['PATH']}")
    chosen = settings(new_database(pgvector_cluster), "auto", tmp_path / "one")
    table = repository.name_of(encoder_id(chosen))
    async with opened(chosen.sqlalchemy_url) as database:
        await open_cache(chosen, database, HashingEmbedder.width)
        await database.write(lambda s: s.execute(sa.text("CREATE TABLE words AS SELECT 1 AS id")))
    out = tmp_path / "backup.zip"
    await asyncio.to_thread(backup, chosen, out)
    elsewhere = settings(new_database(pgvector_cluster), "auto", tmp_path / "two")
    for place, tables in ((chosen, {"words", table}), (elsewhere, {"words"})):
        await asyncio.to_thread(restore, place, out, overwrite=place is chosen)
        async with opened(place.sqlalchemy_url) as database:
            found = await database.read(lambda s: sa.inspect(s.connection()).get_table_names())
        assert set(found) == tables


async def test_pgvector_is_refused_where_it_may_not_be_installed(
    pgvector_cluster: str, tmp_path: Path
) -> None:
    url = new_database(pgvector_cluster)
    async with opened(url) as owner:
        await owner.write(lambda s: s.execute(sa.text("CREATE ROLE nobody LOGIN")))
    as_nobody = url.replace("lingxi@", "nobody@")
    async with opened(as_nobody) as database:
        with pytest.raises(VectorsMissingError, match="superuser"):
            await granted(settings(as_nobody, "pgvector", tmp_path), database)
        assert (await granted(settings(as_nobody, "auto", tmp_path), database)).lack


async def test_pgvector_is_refused_where_it_is_missing(
    make_database: Callable[[Path], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = make_database(tmp_path)
    chosen = settings(url, "pgvector", tmp_path)
    with pytest.raises(typer.Exit):
        await asyncio.to_thread(expect_vectors, chosen)
    said = capsys.readouterr().err
    assert "LINGXI_KNOWLEDGE_VECTORS=pgvector" in said
    assert "expected PostgreSQL with the extension pgvector" in said
    async with opened(url) as database:
        auto = settings(url, "auto", tmp_path)
        assert not isinstance(await open_cache(auto, database, 64), SharedCache)
        assert "in each worker's memory" in (await told(auto, database)).words
        assert (await told(chosen, database)).verdict == "problem" or "sqlite" in url
