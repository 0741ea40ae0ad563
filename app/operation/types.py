from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.operation.drills import Part

State = Literal["working", "weak", "away", "unused"]
"""weak: it answers, but not everybody at once; unused: the settings or the bot have none."""


class Rung(BaseModel):
    """One part of the product, and whether it or what stands in for it serves customers."""

    part: Part
    state: State
    kind: str = ""
    """What it is here: ``sqlite``, ``redis``, ``in_process``, a model's id."""
    took_ms: float | None = None
    """How long it took to answer just now."""
    drill_until: datetime | None = None
    can_drill: bool = True


class Ladder(BaseModel):
    rungs: list[Rung]
    checked_at: datetime
    sockets: int
    """Open chats and dashboards of this worker."""
    turns_running: int
    free_disk_mb: int


class DrillRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[int, Field(ge=5, le=300)] = 60
    """Then it ends by itself."""
