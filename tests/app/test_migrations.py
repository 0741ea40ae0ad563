"""The first revision's tables, filled, survive every later revision."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from app.db import MIGRATIONS, upgrade
from app.models import Base

FIRST = "0001"
ROWS = 3
EXCEPT = {"alembic_version"}


def filled(column: sa.Column[Any], row: int) -> Any:
    """A value of the column's type that tells its row."""
    kind = column.type
    if column.foreign_keys:
        kind = next(iter(column.foreign_keys)).column.type
    if isinstance(kind, sa.Boolean):
        return bool(row % 2)
    if isinstance(kind, sa.DateTime):
        return datetime(2026, 1, row, 12)
    if isinstance(kind, sa.JSON):
        return {"row": row, "中": "文"}
    if isinstance(kind, sa.Integer | sa.Float | sa.Numeric):
        return row
    length = getattr(kind, "length", None) or 40
    return f"{row}:灵犀"[:length] if length > 3 else f"{row}"[:length]


async def in_one(url: str, work: Callable[[sa.Connection], Any]) -> Any:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        found = await connection.run_sync(work)
    await engine.dispose()
    return found


def fill(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    tables = sa.MetaData()
    tables.reflect(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET session_replication_role = replica"))
    written = {}
    for table in tables.sorted_tables:
        if table.name in EXCEPT:
            continue
        rows = [{c.name: filled(c, n) for c in table.columns} for n in range(1, ROWS + 1)]
        for row in rows:
            for column in table.columns:
                if "with time zone" in str(column.type).lower() or getattr(
                    column.type, "timezone", False
                ):
                    row[column.name] = row[column.name].astimezone()
        connection.execute(table.insert(), rows)
        written[table.name] = [
            dict(r) for r in connection.execute(sa.select(table)).mappings().all()
        ]
    return written


def read(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    tables = sa.MetaData()
    tables.reflect(connection)
    return {
        table.name: [dict(r) for r in connection.execute(sa.select(table)).mappings().all()]
        for table in tables.sorted_tables
    }


async def test_a_filled_first_revision_comes_whole_to_the_newest(
    make_database: Callable[[Path], str], tmp_path: Path
) -> None:
    url = make_database(tmp_path)
    await asyncio.to_thread(upgrade, url, FIRST)
    before = await in_one(url, fill)
    await asyncio.to_thread(upgrade, url)
    after = await in_one(url, read)
    for name, rows in before.items():
        kept = sorted(after[name], key=str)
        assert len(kept) == ROWS, name
        shared = set(rows[0]) & set(kept[0])
        assert set(rows[0]) - shared == set(), f"{name} lost columns"
        assert [{k: r[k] for k in sorted(shared)} for r in kept] == [
            {k: r[k] for k in sorted(shared)} for r in sorted(rows, key=str)
        ] or sorted([str({k: r[k] for k in sorted(shared)}) for r in kept]) == sorted(
            [str({k: r[k] for k in sorted(shared)}) for r in rows]
        ), name
    there = {table.name for table in Base.metadata.sorted_tables}
    assert there <= set(after), "the models' tables are all there"


async def test_a_worker_serves_on_when_a_newer_one_has_been_here(
    make_database: Callable[[Path], str], tmp_path: Path
) -> None:
    """In a rolling upgrade, or when the newer release is taken back."""
    url = make_database(tmp_path)
    await asyncio.to_thread(upgrade, url)
    newer = sa.text("UPDATE alembic_version SET version_num = '9999'")
    await in_one(url, lambda connection: connection.execute(newer).rowcount)
    await asyncio.to_thread(upgrade, url)
    assert (await in_one(url, read))["alembic_version"] == [{"version_num": "9999"}]


FIRST_THAT_ONLY_ADDS = "0005"
TAKES_AWAY = re.compile(r"drop_|alter_column|rename|\bexecute\(.*(DROP|RENAME)", re.IGNORECASE)


def test_revisions_only_add() -> None:
    """What a worker of the release before neither knows nor misses."""
    for file in sorted((MIGRATIONS / "versions").glob("0*.py")):
        up = file.read_text("utf-8").partition("def upgrade()")[2].partition("def downgrade()")[0]
        assert up
        if file.name >= FIRST_THAT_ONLY_ADDS:
            assert TAKES_AWAY.search(up) is None, file.name
            columns = re.findall(r"add_column\(.*", up)
            required = [c for c in columns if "nullable=False" in c and "server_default" not in c]
            assert required == [], file.name
