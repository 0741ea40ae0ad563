"""The dashboard's login cookie."""

from __future__ import annotations

from starlette.responses import Response

from app.auth.service import LOGIN_LASTS

COOKIE = "lingxi_agent"


def set_login(response: Response, token: str, *, secure: bool) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LOGIN_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def clear_login(response: Response, *, secure: bool) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=secure)
