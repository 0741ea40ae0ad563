"""Agents sign in through an identity provider; nothing that it did not say lets anybody in."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from app_client import PATIENCE_S, Desk
from app_idp import Provider, providing
from conftest import OIDC_CLIENT, OIDC_PORT, OIDC_SECRET, Server
from pydantic import ValidationError

from app.auth.cookies import COOKIE
from app.auth.service import add_agent
from app.config import DEVELOPMENT_AGENT, Settings
from app.db import Database


@pytest_asyncio.fixture
async def idp() -> AsyncIterator[Provider]:
    async with providing(OIDC_PORT, OIDC_CLIENT, OIDC_SECRET) as idp:
        yield idp


@pytest_asyncio.fixture
async def browser(base: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as client:
        yield client


def address() -> str:
    return f"{secrets.token_hex(6)}@example.com"


async def go(browser: httpx.AsyncClient, url: str = "/api/auth/oidc/start") -> str:
    """Follow the redirects to the dashboard; returns why it refuses, or nothing."""
    async with httpx.AsyncClient(timeout=PATIENCE_S) as elsewhere:
        while not urlsplit(url).path.startswith("/dashboard"):
            ours = url.startswith(("/", str(browser.base_url)))
            answer = await (browser if ours else elsewhere).get(url)
            assert answer.status_code == 303, answer.text
            url = answer.headers["location"]
    return parse_qs(urlsplit(url).query).get("refused", [""])[0]


async def me(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = await browser.get("/api/me")
    assert answer.status_code == 200, answer.text
    agent: dict[str, Any] = answer.json()["agent"]
    return agent


async def test_who_comes_first_gets_an_account_and_the_provider_says_what_they_are(
    browser: httpx.AsyncClient, idp: Provider
) -> None:
    hint = (await browser.get("/api/auth/hint")).json()
    assert hint["provider"] == {"name": "SSO", "url": "/api/auth/oidc/start"}
    email, subject = address(), secrets.token_hex(8)
    idp.sign_in(sub=subject, email=email.upper(), realm_access={"roles": ["x", "leads"]})
    assert await go(browser) == ""
    first = await me(browser)
    assert (first["email"], first["name"], first["role"]) == (email, "李雷", "supervisor")
    login = next(cookie for cookie in browser.cookies.jar if cookie.name == COOKIE)
    assert login.has_nonstandard_attr("HttpOnly")
    assert "lingxi_oidc" not in browser.cookies

    idp.sign_in(sub=subject, email=address(), realm_access={"roles": []})
    assert await go(browser) == ""
    again = await me(browser)
    assert (again["id"], again["role"]) == (first["id"], "agent"), "known by the subject"


async def test_an_account_with_a_password_is_theirs_too(
    browser: httpx.AsyncClient, idp: Provider, shared_server: Server
) -> None:
    email = address()
    database = Database(shared_server.database_url)
    id_ = await add_agent(database, email, "Han", "a long password", "agent")
    await database.close()
    idp.sign_in(sub=secrets.token_hex(8), email=email)
    assert await go(browser) == ""
    assert (await me(browser))["id"] == id_
    async with Desk.signed_in(shared_server.base, email, "a long password") as desk:
        assert desk.id == id_
    idp.sign_in(sub=secrets.token_hex(8), email=email)
    assert await go(browser) == "oidc_not_admitted", "another's subject with the same address"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"email_verified": False}, "oidc_email_unverified"),
        ({"email_verified": "true"}, "oidc_email_unverified"),
        ({"email": ""}, "oidc_email_unverified"),
        ({"email": "boss@example.com.evil.example"}, "oidc_not_admitted"),
        ({"email": "boss@sub.example.com"}, "oidc_not_admitted"),
    ],
)
async def test_who_is_not_to_be_admitted_is_told_so(
    browser: httpx.AsyncClient, idp: Provider, claims: dict[str, Any], code: str
) -> None:
    idp.sign_in(sub=secrets.token_hex(8), **{"email": address(), **claims})
    assert await go(browser) == code
    assert (await browser.get("/api/me")).status_code == 401


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another visit's"},
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"exp": int(time.time()) - 3600},
        {"forged": True},
    ],
    ids=lambda lies: next(iter(lies)),
)
async def test_a_token_that_was_not_made_for_this_visit_opens_nothing(
    browser: httpx.AsyncClient, idp: Provider, lies: dict[str, Any]
) -> None:
    idp.sign_in(sub=secrets.token_hex(8), email=address())
    idp.forged = "forged" in lies
    idp.lies = {} if idp.forged else lies
    assert await go(browser) == "oidc_failed"
    assert (await browser.get("/api/me")).status_code == 401


async def test_a_visit_that_somebody_else_began_opens_nothing(
    browser: httpx.AsyncClient, idp: Provider
) -> None:
    """State and verifier are in the browser that began: a code alone is worth nothing."""
    idp.sign_in(sub=secrets.token_hex(8), email=address())
    begun = await browser.get("/api/auth/oidc/start")
    async with httpx.AsyncClient() as elsewhere:
        back = (await elsewhere.get(begun.headers["location"])).headers["location"]
    async with httpx.AsyncClient(base_url=browser.base_url) as victim:
        assert await go(victim, back) == "oidc_expired", "without the cookie"
        await victim.get("/api/auth/oidc/start")
        assert await go(victim, back) == "oidc_failed", "with the cookie of another visit"
        victim.cookies.set("lingxi_oidc", "made up", path="/api/auth/oidc")
        assert await go(victim, back) == "oidc_expired", "with a cookie that we did not seal"
        assert (await victim.get("/api/me")).status_code == 401
    assert await go(browser, back.replace("code=code", "code=other")) == "oidc_failed"
    assert await go(browser, "/api/auth/oidc/callback?error=access_denied") == "oidc_failed"


async def test_without_the_provider_the_password_still_works(browser: httpx.AsyncClient) -> None:
    async with providing(OIDC_PORT, OIDC_CLIENT, OIDC_SECRET) as idp, httpx.AsyncClient() as other:
        idp.sign_in(sub=secrets.token_hex(8), email=address())
        begun = await browser.get("/api/auth/oidc/start")
        back = (await other.get(begun.headers["location"])).headers["location"]
    assert await go(browser, back) == "oidc_unavailable"
    answer = await browser.post(
        "/api/auth/login", json={"email": DEVELOPMENT_AGENT[0], "password": DEVELOPMENT_AGENT[1]}
    )
    assert answer.status_code == 200


def test_settings_that_would_let_everybody_in_are_refused() -> None:
    issuer = "https://login.example.com"
    known = {"_env_file": None, "oidc_issuer": issuer, "oidc_client_id": "x"}
    with pytest.raises(ValidationError, match="everybody"):
        Settings(**known)
    with pytest.raises(ValidationError, match="CLIENT_ID"):
        Settings(_env_file=None, oidc_issuer=issuer)
    with pytest.raises(ValidationError, match="https"):
        Settings(
            _env_file=None,
            environment="production",
            secret="x" * 32,
            oidc_issuer="http://login.example.com",
            oidc_client_id="x",
            oidc_domains=["example.com"],
        )
    Settings(**known, oidc_domains=["example.com"])
    Settings(**known, oidc_default_role="none")
