"""PostgreSQL: each unit of work a transaction of its own; concurrent commits share a WAL flush."""

from __future__ import annotations

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.errors import Refused
from app.stores.unit import Publish, T, Work, told, unavailable

POSTGRES_POOL = 20
POSTGRES_TIMEOUT_S = 10.0
RETRIED = {"40P01", "23505"}
"""Deadlock, and two who insert the same key: the second then finds the first one's row."""
NO_SUCH_CHARACTER = "22021"


class PostgresStore:
    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            make_url(url).set(drivername="postgresql+asyncpg"),
            pool_size=POSTGRES_POOL,
            max_overflow=0,
            pool_timeout=POSTGRES_TIMEOUT_S / 2,
            hide_parameters=True,
            connect_args={"command_timeout": POSTGRES_TIMEOUT_S, "timeout": POSTGRES_TIMEOUT_S / 2},
        )

    async def read(self, work: Work[T]) -> T:
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                return await session.run_sync(work)
        except (OperationalError, PoolTimeout, OSError, TimeoutError) as error:
            raise unavailable(error) from error
        except DBAPIError as error:
            raise self._read_as(error) from error

    async def write(self, work: Work[T], publish: Publish) -> T:
        for attempt in (1, 2, 3):
            try:
                result, hints = await self._write_once(work)
            except (OperationalError, PoolTimeout, OSError, TimeoutError) as error:
                raise unavailable(error) from error
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
            return result, told(session.sync_session)

    @staticmethod
    def _read_as(error: DBAPIError) -> Exception:
        """A lost connection, a failover and a full disk are outages; anything else is our bug."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state == NO_SUCH_CHARACTER:  # NUL, where nobody looked for it
            return Refused("bad_text")
        outage = error.connection_invalidated or state[:2] in {"08", "53", "57", "58"}
        return unavailable(error) if outage else error

    async def scrub(self) -> None:
        """Dead rows go now instead of when the server's own vacuum comes by."""
        async with self._engine.connect() as connection:
            by_itself = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await by_itself.exec_driver_sql("VACUUM")

    async def close(self) -> None:
        await self._engine.dispose()
