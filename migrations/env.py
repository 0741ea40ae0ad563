"""Runs the migrations on SQLite and PostgreSQL; `app.db.upgrade` says on which database."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from alembic import context
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.db import is_sqlite, sqlite_engine
from app.models import Base


def migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # two workers start at once
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7315)"))
        if not is_newer(context.get_context().get_current_revision()):
            context.run_migrations()


def is_newer(found: str | None) -> bool:
    """A worker of the next release has been here. Revisions only add, so this one serves on."""
    return found is not None and found > (context.script.get_current_head() or "")


async def migrate_postgres(url: str) -> None:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def run(url: str) -> None:
    if not is_sqlite(url):
        asyncio.run(migrate_postgres(url))
        return
    engine = sqlite_engine(url, writes=True)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()


run(context.config.attributes["url"])
