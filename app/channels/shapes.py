"""What the requests of all other programs have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

SenderName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""How another program names a customer."""


class Lenient(BaseModel):
    """Clients send more than we read: temperature, seed, metadata, ..."""

    model_config = ConfigDict(extra="ignore")
