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

from collections.abc import Callable, Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from opentelemetry.trace import SpanKind
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.stores.postgres import PostgresStore
from app.stores.sqlite import SqliteStore
from app.stores.sqlite import sqlite_engine as sqlite_engine
from app.stores.unit import Publish, Store, T, told
from app.stores.unit import Work as Work
from app.stores.unit import tell as tell
from dialogue.tracing import span

Witness = Callable[[Session, Sequence[object]], None]

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def _unheard(hints: Sequence[object]) -> None:
    """Nobody listens: command line and tests of services."""


def _unwitnessed(session: Session, hints: Sequence[object]) -> None:
    """Nobody keeps a record."""


def _open() -> None:
    """Nothing keeps anybody from writing."""


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
        self._store: Store = SqliteStore(url) if is_sqlite(url) else PostgresStore(url)

    async def read(self, work: Work[T]) -> T:
        """Run `work` in a read-only transaction. Raises `DatabaseUnavailable`."""
        with span("db.read", SpanKind.CLIENT):
            return await self._store.read(work)

    async def write(self, work: Work[T]) -> T:
        """Run `work`; return once it is committed. Raises `DatabaseUnavailable`, or what it raised."""
        self.check()

        def witnessed(session: Session) -> T:
            result = work(session)
            self.witness(session, told(session))
            return result

        with span("db.write", SpanKind.CLIENT):
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
