"""Who may use the doors for other programs: whoever shows a key for them, or the operator's
token; in development without a token, everybody."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from app.errors import Forbidden, Unauthenticated
from app.keys.dependencies import ShownBearer, key_shown
from app.keys.types import PREFIX, Scope
from app.services import address_of, services

QueryToken = Annotated[
    str | None, Query(description="The operator's token, as Rasa takes it. A key is no parameter.")
]


def for_programs(scope: Scope | None = None) -> Any:
    """A dependency: keys with this scope (None: any key), and the operator's token."""
    return Depends(_require(scope))


def _require(scope: Scope | None) -> Callable[..., Awaitable[None]]:
    async def require_program(
        request: Request, shown: ShownBearer, token: QueryToken = None
    ) -> None:
        """Raises `Unauthenticated`, `Forbidden` (closed, a foreign page, another scope),
        `RateLimited`."""
        to = services(request)
        if not to.gateway.origins.allowed(request):
            raise Forbidden("bad_origin")
        if await key_shown(request, shown, scope) is not None:
            return
        await to.limits.check("rest", address_of(request))
        secret = shown.credentials if shown else token or ""
        expected = to.settings.rest_token
        if expected is None:
            if secret.startswith(PREFIX):
                raise Unauthenticated("bad_token")
            if to.settings.environment != "development":
                raise Forbidden("doors_closed")
            return
        if not secrets.compare_digest(secret.encode(), expected.get_secret_value().encode()):
            raise Unauthenticated("bad_token")

    return require_program
