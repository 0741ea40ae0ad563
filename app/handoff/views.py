"""The inbox's views, and where in one a page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.errors import Refused
from app.models import Conversation
from app.models.base import Language, Polarity, Priority

View = Literal["mine", "queued", "snoozed", "mentioned", "bot", "all", "closed"]
VIEWS: tuple[View, ...] = ("mine", "queued", "snoozed", "mentioned", "bot", "all", "closed")
OLDEST_FIRST: frozenset[View] = frozenset({"queued"})


class Filters(BaseModel):
    """What narrows a view; a saved view is these under a name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    view: View = "all"
    q: str = Field("", max_length=100)
    """Part of a name or of the last message."""
    tag: str | None = Field(None, max_length=40)
    priority: Priority | None = None
    team_id: str | None = Field(None, max_length=32)
    agent_id: str | None = Field(None, max_length=32)
    language: Language | None = None
    sentiment: Polarity | None = None
    overdue: bool = False
    """Only whom a human has kept waiting longer than was promised."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row a page ends with. On the wire ``<rank>_<moment>_<id>``; clients only hand it back."""

    rank: int
    """Where the most urgent go first; else 0."""
    moment: datetime
    id: str

    @classmethod
    def after(cls, row: Conversation, view: View) -> Self:
        if view in OLDEST_FIRST and row.queued_at is not None:
            return cls(row.rank, row.queued_at, row.id)
        return cls(0, row.updated_at, row.id)

    @classmethod
    def parse(cls, written: str) -> Self:
        """Raises `Refused`."""
        rank, _, rest = written.partition("_")
        moment, _, id_ = rest.rpartition("_")
        try:
            return cls(int(rank), datetime.fromisoformat(moment), id_)
        except ValueError:
            raise Refused("bad_request") from None

    def __str__(self) -> str:
        return f"{self.rank}_{self.moment.isoformat()}_{self.id}"
