"""For endpoints: which program is asking."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from app.errors import DatabaseUnavailable, Forbidden
from app.keys.types import PREFIX, KeyIdentity, Scope
from app.services import Services, services

bearer = HTTPBearer(auto_error=False, description="A key made under `/api/keys`.")
ShownBearer = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


async def key_shown(
    request: Request, shown: HTTPAuthorizationCredentials | None, scope: Scope | None
) -> KeyIdentity | None:
    """The program whose key was shown, None if none was that opens anything.

    Raises `Forbidden` when it does not open `scope` (None: any key does), `RateLimited`.
    """
    if shown is None or not shown.credentials.startswith(PREFIX):
        return None
    to = services(request)
    secret = shown.credentials
    found = await to.database.read(lambda s: to.keys.identify(s, secret))
    if found is None:
        return None
    key, stale = found
    await to.limits.check("rest", f"key {key.id}")
    if scope is not None and scope not in key.scopes:
        raise Forbidden("key_lacks_scope", scope=scope)
    if stale:
        await _note_use(to, key.id)
    return key


async def _note_use(to: Services, key_id: str) -> None:
    with suppress(DatabaseUnavailable):  # reading still works: the program is served
        await to.database.write(lambda s: to.keys.note_use(s, key_id))
