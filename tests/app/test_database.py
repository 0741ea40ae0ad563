"""Units of work that are committed together stand and fall each for itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database, Work, sqlite_engine, tell
from app.errors import NotFound
from app.models import Tag

FULL = 2
"""SQLite's number for it."""


def adds(name: str, flushed: bool = True) -> Work[str]:
    def work(session: Session) -> str:
        session.add(Tag(name=name))
        tell(session, name)
        if flushed:
            session.flush()
        return name

    return work


def refuses(session: Session) -> str:
    adds("never")(session)
    raise NotFound()


async def test_a_refusal_and_a_failure_take_nobody_along(database: Database) -> None:
    told: list[object] = []
    database.publish = told.extend
    await database.write(adds("a"))
    units = [adds("b"), refuses, adds("c"), adds("a", flushed=False), adds("d"), adds("a"), refuses]
    found = await asyncio.gather(*map(database.write, units), return_exceptions=True)
    assert [one if isinstance(one, str) else type(one) for one in found] == [
        "b",
        NotFound,
        "c",
        IntegrityError,
        "d",
        IntegrityError,
        NotFound,
    ]
    names = await database.read(lambda s: sorted(s.scalars(sa.select(Tag.name))))
    assert names == ["a", "b", "c", "d"]
    assert sorted(map(str, told)) == names, "told is what was committed, once"


def test_a_commit_is_on_the_disk_before_it_returns(tmp_path: Path) -> None:
    """A kill does not show it: what the system holds survives the process, but no power cut."""
    engine = sqlite_engine(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}", writes=True)
    with engine.connect() as connection:
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        }
    engine.dispose()
    assert told == {"journal_mode": "wal", "synchronous": FULL}
