"""What all tables share."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

ID_CHARS = 32
Owner = Literal["bot", "queued", "agent", "closed"]
AuthorType = Literal["visitor", "bot", "agent", "system"]
Polarity = Literal["negative", "neutral", "positive"]
Language = Literal["zh", "en"]
Priority = Literal["low", "normal", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high", "urgent")


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment, always with time zone UTC; SQLite itself would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a datetime with a time zone, got {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        return value


class Names(sa.types.TypeDecorator[tuple[str, ...]]):
    """A few short names in one column, written ``|a|b|`` so that one can be looked for."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Any) -> str:
        return "".join(f"|{name}" for name in value or ()) + "|"

    def process_result_value(self, value: str | None, dialect: Any) -> tuple[str, ...]:
        return tuple(name for name in (value or "").split("|") if name)


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """32 hexadecimal digits that sort by time of making, so that indexes grow at their end."""
    return f"{time.time_ns() // 1_000_000:012x}{_random_part()}"


_IDS_AT_ONCE = 256
_random_parts: deque[str] = deque()
os.register_at_fork(after_in_child=_random_parts.clear)


def _random_part() -> str:
    """Twenty hexadecimal digits of the system's randomness, fetched for many ids at once.

    Each call of the system lets other threads take over in the midst of a unit of work.
    """
    try:
        return _random_parts.pop()
    except IndexError:
        fetched = secrets.token_hex(10 * _IDS_AT_ONCE)
        _random_parts.extend(fetched[i : i + 20] for i in range(20, len(fetched), 20))
        return fetched[:20]
