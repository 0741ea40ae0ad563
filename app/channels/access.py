"""Who may use the doors for other programs: whoever holds the token; in development, everybody."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends, Query, Request

from app.errors import Forbidden, Unauthenticated
from app.services import address_of, services


async def require_program(
    request: Request,
    token: Annotated[str | None, Query(description="As Rasa takes it; or `Bearer`.")] = None,
) -> None:
    """Raises `Unauthenticated`, `Forbidden` (no token is set, or a foreign page), `RateLimited`."""
    to = services(request)
    await to.limits.check("rest", address_of(request))
    if not to.gateway.origins.allowed(request):
        raise Forbidden("bad_origin")
    expected = to.settings.rest_token
    if expected is None:
        if to.settings.environment != "development":
            raise Forbidden("doors_closed")
        return
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    shown = bearer.strip() if scheme.lower() == "bearer" else token or ""
    if not secrets.compare_digest(shown.encode(), expected.get_secret_value().encode()):
        raise Unauthenticated("bad_token")


ForPrograms = Depends(require_program)
