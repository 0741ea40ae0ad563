"""SQLite: readers in a pool, one writer that commits together whatever waits."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import DatabaseUnavailable
from app.stores.unit import Publish, T, Work, told, unavailable

MAX_WAITING_WRITES = 5_000
"""At 2,000 commits a second more would wait longer than a client's patience of seconds."""
MAX_BATCH = 256
"""Keeps one commit's work in the tens of milliseconds."""
SQLITE_BUSY_TIMEOUT_S = 3.0
SQLITE_READERS = 4
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""The last one overwrites what is deleted: who is erased is in no file any more."""
SCRUB_TRIES = 5


@dataclass(slots=True)
class _Job:
    work: Work[Any]
    publish: Publish
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    context: contextvars.Context
    """Of whoever asked: what is published goes on in their trace."""
    result: Any = None
    hints: Sequence[object] = ()
    error: BaseException | None = None


def sqlite_engine(url: str, *, writes: bool) -> sa.Engine:
    """A synchronous engine on SQLite whose transactions we begin ourselves."""
    engine = sa.create_engine(
        make_url(url).set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=1 if writes else SQLITE_READERS,
        hide_parameters=True,  # an error would show what people wrote
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


class SqliteStore:
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
            raise unavailable(error) from error

    async def write(self, work: Work[T], publish: Publish) -> T:
        loop = asyncio.get_running_loop()
        job = _Job(work, publish, loop, loop.create_future(), contextvars.copy_context())
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
            failure = unavailable(error)
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
            job.hints = told(session)
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
            job.hints = told(session)
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
                job.context.run(job.publish, job.hints)
            if job.future.cancelled():
                continue
            if job.error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)

    for loop, jobs in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(answer, jobs)
