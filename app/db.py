"""The database: one interface over SQLite (the default) and PostgreSQL, and its migrations.

A unit of work is a plain function of a `Session`; it runs in one transaction that this module
opens and closes, so that services never commit. What it wants told to the world it hands to
`tell`; that is published after the commit, in commit order, or not at all.

On SQLite one thread owns all writing. It takes whatever is waiting, runs each unit in a SAVEPOINT
and commits them together, so that many messages share one fsync (``synchronous=FULL``): a
finished `write` is on the disk. PostgreSQL does the same by itself (concurrent commits share a
WAL flush), so there each unit has its own transaction.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from app.errors import DatabaseUnavailable, Refused

T = TypeVar("T")
Work = Callable[[Session], T]
Publish = Callable[[Sequence[object]], None]
Witness = Callable[[Session, Sequence[object]], None]

MAX_WAITING_WRITES = 5_000
"""At 2,000 commits a second more would wait longer than a client's patience of seconds."""
MAX_BATCH = 256
"""Keeps one commit's work in the tens of milliseconds."""
SQLITE_BUSY_TIMEOUT_S = 3.0
SQLITE_READERS = 4
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""The last one overwrites what is deleted: who is erased is in no file any more."""
SCRUB_TRIES = 5
POSTGRES_POOL = 20
POSTGRES_TIMEOUT_S = 10.0
RETRIED = {"40P01", "23505"}
"""Deadlock, and two who insert the same key: the second then finds the first one's row."""
NO_SUCH_CHARACTER = "22021"
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def tell(session: Session, *hints: object) -> None:
    """Publish `hints` once this unit of work is committed."""
    session.info.setdefault("hints", []).extend(hints)


def _told(session: Session) -> list[object]:
    hints: list[object] = session.info.get("hints", [])
    return hints


def _unheard(hints: Sequence[object]) -> None:
    """Nobody listens: command line and tests of services."""


def _unwitnessed(session: Session, hints: Sequence[object]) -> None:
    """Nobody keeps a record."""


def _open() -> None:
    """Nothing keeps anybody from writing."""


class _Store(Protocol):
    async def read(self, work: Work[T]) -> T: ...

    async def write(self, work: Work[T], publish: Publish) -> T: ...

    async def scrub(self) -> None: ...

    async def close(self) -> None: ...


class Database:
    """Reads and writes by units of work; `url` chooses SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.publish: Publish = _unheard
        """Hears what committed units told, on the event loop; set once by `app.main`."""
        self.witness: Witness = _unwitnessed
        """Writes down what a unit told, in its own transaction; set once by `app.main`."""
        self.check: Callable[[], None] = _open
        """May refuse to write, as a locked database would; set once by `app.main`."""
        self._store: _Store = _Sqlite(url) if is_sqlite(url) else _Postgres(url)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a read-only transaction. Raises `DatabaseUnavailable`."""
        return await self._store.read(work)

    async def write(self, work: Work[T]) -> T:
        """Run `work`; return once it is committed. Raises `DatabaseUnavailable`, or what it raised."""
        self.check()

        def witnessed(session: Session) -> T:
            result = work(session)
            self.witness(session, _told(session))
            return result

        return await self._store.write(witnessed, self.publish)

    async def scrub(self) -> None:
        """Let no byte of what was deleted stay where the database itself can take it away.

        Raises `DatabaseUnavailable` when somebody reads old pages all the time.
        """
        await self._store.scrub()

    async def close(self) -> None:
        """Finish the writes that wait, then close every connection."""
        await self._store.close()


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


# --- SQLite ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    publish: Publish
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    hints: Sequence[object] = ()
    error: BaseException | None = None


def sqlite_engine(url: str, *, writes: bool) -> sa.Engine:
    """A synchronous engine on SQLite whose transactions we begin ourselves."""
    engine = sa.create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=1 if writes else SQLITE_READERS,
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # else the driver begins, and too late
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @sa.event.listens_for(engine, "begin")
    def begin_ourselves(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _Sqlite:
    def __init__(self, url: str) -> None:
        self._reading = sqlite_engine(url, writes=False)
        self._writing = sqlite_engine(url, writes=True)
        self._readers = ThreadPoolExecutor(SQLITE_READERS, thread_name_prefix="db-read")
        self._jobs: queue.Queue[_Job | None] = queue.Queue(MAX_WAITING_WRITES)
        self._writer = threading.Thread(target=self._write_batches, name="db-write", daemon=True)
        self._writer.start()

    async def read(self, work: Work[T]) -> T:
        def run() -> T:
            with Session(self._reading, expire_on_commit=False) as session:
                return work(session)

        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, run)
        except OperationalError as error:
            raise _unavailable(error) from error

    async def write(self, work: Work[T], publish: Publish) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(work, publish, loop, loop.create_future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise DatabaseUnavailable("database_busy", retry_after_s=2) from None
        result: T = await job.future
        return result

    async def scrub(self) -> None:
        """Deleted cells are zeroed (``secure_delete``); the log still holds their old pages."""

        def truncate() -> None:
            with closing(self._reading.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, _in_the_log, _moved = cursor.fetchone() or (1, 0, 0)
                if busy:
                    raise DatabaseUnavailable("database_busy", retry_after_s=3)

        for attempt in range(SCRUB_TRIES):
            try:
                return await asyncio.get_running_loop().run_in_executor(self._readers, truncate)
            except DatabaseUnavailable:
                if attempt == SCRUB_TRIES - 1:
                    raise

    async def close(self) -> None:
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()

    def _write_batches(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._next_batch()
            if batch:
                self._commit_together(batch)
                _settle(batch)

    def _next_batch(self) -> tuple[list[_Job], bool]:
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            if not job.future.cancelled():  # whoever left is not worked for
                batch.append(job)
            if len(batch) == MAX_BATCH:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit_together(self, batch: list[_Job]) -> None:
        try:
            with self._writing.connect() as connection:
                if not self._all_at_once(connection, batch):
                    self._one_by_one(connection, batch)
        except Exception as error:  # the batch is rolled back: nobody is told otherwise
            failure = _unavailable(error)
            for job in batch:
                job.error = job.error or failure

    @staticmethod
    def _all_at_once(connection: sa.Connection, batch: list[_Job]) -> bool:
        """With savepoints of our own, which cost a tenth; False if one could not be gone back to."""
        with connection.begin() as transaction:
            for job in batch:
                if not _run_lightly(connection, job):
                    if transaction.is_active:
                        transaction.rollback()
                    return False
        return True

    @staticmethod
    def _one_by_one(connection: sa.Connection, batch: list[_Job]) -> None:
        with connection.begin():
            for job in batch:
                _run_in_savepoint(connection, job)


def _run_lightly(connection: sa.Connection, job: _Job) -> bool:
    """Run one job. False when it broke the transaction around it, as a failing flush does."""
    driver: Any = connection.connection.driver_connection
    driver.execute("SAVEPOINT job")
    with Session(
        connection, join_transaction_mode="rollback_only", expire_on_commit=False
    ) as session:
        try:
            job.result, job.hints, job.error = job.work(session), (), None
            session.flush()
            job.hints = _told(session)
        except OperationalError:
            raise
        except Exception as error:
            if not (connection.in_transaction() and session.is_active):
                return False
            driver.execute("ROLLBACK TO job")
            job.result, job.error = None, error
    driver.execute("RELEASE job")
    return True


def _run_in_savepoint(connection: sa.Connection, job: _Job) -> None:
    """Run one job; its own refusal stays its own, a failing database fails the whole batch."""
    with Session(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    ) as session:
        try:
            job.result, job.hints, job.error = job.work(session), (), None
            session.commit()
            job.hints = _told(session)
        except OperationalError:
            raise
        except Exception as error:
            session.rollback()
            job.error = error


def _settle(batch: list[_Job]) -> None:
    """Publish and answer, in commit order, in one visit to each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.loop, []).append(job)

    def answer(jobs: list[_Job]) -> None:
        for job in jobs:
            if job.error is None and job.hints:
                job.publish(job.hints)
            if job.future.cancelled():
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)

    for loop, jobs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(answer, jobs)


def _unavailable(error: Exception) -> DatabaseUnavailable:
    words = str(getattr(error, "orig", error)).lower()
    code = "database_busy" if "locked" in words or "busy" in words else "database_unavailable"
    unavailable = DatabaseUnavailable(code, retry_after_s=3)
    unavailable.__cause__ = error
    return unavailable


# --- PostgreSQL -----------------------------------------------------------------------------


class _Postgres:
    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=POSTGRES_POOL,
            max_overflow=0,
            pool_timeout=POSTGRES_TIMEOUT_S / 2,
            connect_args={"command_timeout": POSTGRES_TIMEOUT_S, "timeout": POSTGRES_TIMEOUT_S / 2},
        )

    async def read(self, work: Work[T]) -> T:
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                return await session.run_sync(work)
        except (OperationalError, PoolTimeout, OSError, TimeoutError) as error:
            raise _unavailable(error) from error
        except DBAPIError as error:
            raise self._read_as(error) from error

    async def write(self, work: Work[T], publish: Publish) -> T:
        for attempt in (1, 2, 3):
            try:
                result, hints = await self._write_once(work)
            except (OperationalError, PoolTimeout, OSError, TimeoutError) as error:
                raise _unavailable(error) from error
            except DBAPIError as error:
                if attempt < 3 and getattr(error.orig, "sqlstate", None) in RETRIED:
                    continue
                raise self._read_as(error) from error
            if hints:
                publish(hints)
            return result
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _write_once(self, work: Work[T]) -> tuple[T, list[object]]:
        async with AsyncSession(self._engine, expire_on_commit=False) as session:
            async with session.begin():
                result = await session.run_sync(work)
            return result, _told(session.sync_session)

    @staticmethod
    def _read_as(error: DBAPIError) -> Exception:
        """A lost connection, a failover and a full disk are outages; anything else is our bug."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state == NO_SUCH_CHARACTER:  # NUL, where nobody looked for it
            return Refused("bad_text")
        outage = error.connection_invalidated or state[:2] in {"08", "53", "57", "58"}
        return _unavailable(error) if outage else error

    async def scrub(self) -> None:
        """Dead rows go now instead of when the server's own vacuum comes by."""
        async with self._engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.exec_driver_sql("VACUUM")

    async def close(self) -> None:
        await self._engine.dispose()


# --- migrations -----------------------------------------------------------------------------


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; safe to run again. Not from an event loop."""
    if is_sqlite(url) and (file := make_url(url).database):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(alembic_config(url), revision)
