"""``/api/keys``: other programs' keys, for admins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.auth.dependencies import SignedInAdmin
from app.keys.types import Scope
from app.services import UsedServices

router = APIRouter(prefix="/api/keys", tags=["keys"])


class KeyOut(BaseModel):
    id: str
    name: str
    hint: str
    """How the secret begins."""
    scopes: list[Scope]
    created_by: str
    """The name of who made it."""
    created_at: datetime
    last_used_at: datetime | None
    """To the minute."""
    expires_at: datetime | None
    revoked_at: datetime | None


class KeysAnswer(BaseModel):
    items: list[KeyOut]


class KeyRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    """None: until it is revoked."""


class NewKeyAnswer(BaseModel):
    id: str
    secret: str
    """Shown this once: only its hash is kept."""


@router.get("")
async def keys(_admin: SignedInAdmin, to: UsedServices) -> KeysAnswer:
    """All of them, the latest first; also those that open nothing any more."""
    rows = await to.database.read(to.keys.all)
    return KeysAnswer(
        items=[
            KeyOut(
                id=key.id,
                name=key.name,
                hint=key.hint,
                scopes=cast(list[Scope], list(key.scopes)),
                created_by=maker,
                created_at=key.created_at,
                last_used_at=key.last_used_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
            )
            for key, maker in rows
        ]
    )


@router.post("", status_code=201)
async def add_key(body: KeyRequest, admin: SignedInAdmin, to: UsedServices) -> NewKeyAnswer:
    """A new key; programs show it as `Authorization: Bearer ...`."""
    lasts = timedelta(days=body.expires_in_days) if body.expires_in_days else None
    key, secret = await to.database.write(
        lambda s: to.keys.add(s, admin.id, body.name, body.scopes, lasts)
    )
    return NewKeyAnswer(id=key.id, secret=secret)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(key_id: str, admin: SignedInAdmin, to: UsedServices) -> None:
    """Take a key back: it opens nothing from the next request on."""
    await to.database.write(lambda s: to.keys.revoke(s, admin.id, key_id))
