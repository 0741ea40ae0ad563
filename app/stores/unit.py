"""Units of work: what the stores run, and what is told once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from app.errors import DatabaseUnavailable

T = TypeVar("T")
Work = Callable[[Session], T]
Publish = Callable[[Sequence[object]], None]


def tell(session: Session, *hints: object) -> None:
    """Publish `hints` once this unit of work is committed."""
    session.info.setdefault("hints", []).extend(hints)


def told(session: Session) -> list[object]:
    hints: list[object] = session.info.get("hints", [])
    return hints


def unavailable(error: Exception) -> DatabaseUnavailable:
    words = str(getattr(error, "orig", error)).lower()
    code = "database_busy" if "locked" in words or "busy" in words else "database_unavailable"
    unavailable = DatabaseUnavailable(code, retry_after_s=3)
    unavailable.__cause__ = error
    return unavailable


class Store(Protocol):
    async def read(self, work: Work[T]) -> T: ...

    async def write(self, work: Work[T], publish: Publish) -> T: ...

    async def scrub(self) -> None: ...

    async def close(self) -> None: ...
