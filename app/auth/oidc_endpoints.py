"""``/api/auth/oidc``: the browser's way to the identity provider and back."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from app.auth.cookies import set_login
from app.auth.oidc import VISIT_LASTS_S, OidcService
from app.errors import LingxiError, NotFound, Unauthenticated
from app.services import Services, UsedServices, address_of

router = APIRouter(prefix="/api/auth/oidc", tags=["agents"])
COOKIE = "lingxi_oidc"
PATH = "/api/auth/oidc"
DASHBOARD = "/dashboard/"
Part = Annotated[str, Query(max_length=4000)]

log = structlog.get_logger(__name__)


@router.get("/start", status_code=303, response_class=RedirectResponse)
async def start(request: Request, to: UsedServices) -> Response:
    """To the identity provider's page."""
    try:
        oidc = _used(to)
        await to.limits.check("login_attempt", address_of(request), "too_many_logins")
        url, sealed = await oidc.depart(_callback(request, to))
    except LingxiError as refused:
        return _back(refused.code)
    response = RedirectResponse(url, 303)
    response.set_cookie(
        COOKIE,
        sealed,
        max_age=VISIT_LASTS_S,
        path=PATH,
        httponly=True,
        samesite="lax",  # the provider's page sends the browser back
        secure=to.secure_cookies,
    )
    return response


@router.get("/callback", status_code=303, response_class=RedirectResponse)
async def callback(
    request: Request, to: UsedServices, state: Part = "", code: Part = "", error: Part = ""
) -> Response:
    """Back from there: signed in, or at the login page with a reason."""
    try:
        oidc = _used(to)
        await to.limits.check("login_attempt", address_of(request), "too_many_logins")
        if error or not code:
            raise Unauthenticated("oidc_failed")
        profile = await oidc.arrive(request.cookies.get(COOKIE, ""), state, code)
        unknown = await oidc.new_password_hash()
        _agent, token = await to.database.write(lambda s: oidc.enter(s, profile, unknown))
    except LingxiError as refused:
        log.info("oidc_refused", code=refused.code)
        return _back(refused.code)
    response = RedirectResponse(DASHBOARD, 303)
    set_login(response, token, secure=to.secure_cookies)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return response


def _used(to: Services) -> OidcService:
    if to.oidc is None:
        raise NotFound()
    return to.oidc


def _callback(request: Request, to: Services) -> str:
    base = (to.settings.public_url or str(request.base_url)).rstrip("/")
    return f"{base}{PATH}/callback"


def _back(code: str) -> Response:
    """To the login page, which has the words."""
    response = RedirectResponse(f"{DASHBOARD}?refused={code}", 303)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return response
