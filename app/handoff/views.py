"""The inbox's views, and where in one a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from app.errors import Refused
from app.models import Conversation

View = Literal["mine", "queued", "bot", "all", "closed"]
VIEWS: tuple[View, ...] = ("mine", "queued", "bot", "all", "closed")
OLDEST_FIRST: frozenset[View] = frozenset({"queued"})


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row a page ends with. On the wire ``<moment>_<id>``, which clients only hand back."""

    moment: datetime
    id: str

    @classmethod
    def after(cls, row: Conversation, view: View) -> Self:
        queued = row.queued_at if view in OLDEST_FIRST else None
        return cls(queued or row.updated_at, row.id)

    @classmethod
    def parse(cls, written: str) -> Self:
        """Raises `Refused`."""
        moment, _, id_ = written.rpartition("_")
        try:
            return cls(datetime.fromisoformat(moment), id_)
        except ValueError:
            raise Refused("bad_request") from None

    def __str__(self) -> str:
        return f"{self.moment.isoformat()}_{self.id}"
