"""Shapes that other domains use too."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class IdentityProof(BaseModel):
    """What the host page shows of its customer: a token, or an id with its hash."""

    model_config = ConfigDict(extra="forbid")

    jwt: str | None = Field(None, max_length=4000)
    user_id: str = Field("", max_length=200)
    user_hash: str = Field("", max_length=64)
    name: str | None = Field(None, max_length=200)
    email: str | None = Field(None, max_length=320)
