"""Signing in: secrets at rest, equal refusals, two steps, and a lockout nobody can turn on others."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest_asyncio
import sqlalchemy as sa
import sqlalchemy.orm
from app_client import PATIENCE_S
from conftest import Server

from app.auth.service import add_agent
from app.db import Database

PASSWORD = "a long password"


@pytest_asyncio.fixture
async def account(shared_server: Server) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    email = f"{secrets.token_hex(6)}@example.com"
    database = Database(shared_server.database_url)
    await add_agent(database, email, "Lin", PASSWORD, "agent")
    await database.close()
    base = shared_server.base
    async with httpx.AsyncClient(
        base_url=base, timeout=PATIENCE_S, headers={"Origin": base}
    ) as http:
        yield http, email


async def sign_in(http: httpx.AsyncClient, email: str, **more: str) -> httpx.Response:
    body = {"email": email, "password": PASSWORD, **more}
    return await http.post("/api/auth/login", json=body)


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_a_login_in_two_steps(
    account: tuple[httpx.AsyncClient, str], shared_server: Server
) -> None:
    http, email = account
    assert (await sign_in(http, email)).status_code == 200
    begun = (await http.post("/api/me/second-factor")).json()
    assert begun["svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"'), "else no image"
    assert email.split("@")[0] in begun["uri"]
    authenticator = pyotp.TOTP(begun["secret"])
    assert (await sign_in(http, email)).status_code == 200, "not asked for before it is confirmed"
    wrong = await http.put("/api/me/second-factor", json={"code": "000000"})
    assert code(wrong) == "bad_code"
    now = time.time()
    shown = await http.put("/api/me/second-factor", json={"code": authenticator.at(now - 30)})
    recovery = shown.json()["codes"]
    assert len(set(recovery)) == 8

    assert code(await sign_in(http, email)) == "code_wanted"
    assert code(await sign_in(http, email, code="123456")) == "bad_code"
    right = authenticator.at(now + 30)
    assert (await sign_in(http, email, code=right)).status_code == 200
    assert code(await sign_in(http, email, code=right)) == "bad_code", "a code is taken once"
    assert (await sign_in(http, email, code=recovery[0].upper())).status_code == 200
    assert code(await sign_in(http, email, code=recovery[0])) == "bad_code"

    database = Database(shared_server.database_url)
    query = sa.text("SELECT secret, recovery_hashes FROM agent_second_factors")
    stored = await database.read(lambda s: str(s.execute(query).all()))
    await database.close()
    assert begun["secret"] not in stored
    assert recovery[1] not in stored
    ended = await http.post("/api/me/second-factor/end", json={"code": recovery[1]})
    assert ended.status_code == 204
    assert (await sign_in(http, email)).status_code == 200


async def test_secrets_are_kept_as_hashes_alone(
    account: tuple[httpx.AsyncClient, str], shared_server: Server
) -> None:
    http, email = account
    await sign_in(http, email)
    token = http.cookies["lingxi_agent"]
    assert len(token) * 6 >= 128
    visitor = (await http.post("/api/visitor/session", json={})).json()["token"]
    assert len(visitor) * 6 >= 128
    database = Database(shared_server.database_url)

    def everything(session: sa.orm.Session) -> str:
        tables = sa.MetaData()
        tables.reflect(session.connection())
        return "".join(
            str(session.execute(sa.select(table)).all()) for table in tables.sorted_tables
        )

    stored = await database.read(everything)
    await database.close()
    assert email in stored, "it was looked for where it would be"
    for secret in (token, visitor, PASSWORD):
        assert secret not in stored
    assert "$argon2id$" in stored


async def test_a_stranger_s_guesses_lock_the_stranger_out_alone(
    account: tuple[httpx.AsyncClient, str],
) -> None:
    """Unknown and known accounts are refused alike; another address still signs in."""
    http, email = account
    answers = [
        await http.post("/api/auth/login", json={"email": who, "password": "wrong"})
        for who in (email, "nobody@example.com")
    ]
    assert {(a.status_code, a.text) for a in answers} == {(401, answers[0].text)}
    for _ in range(12):
        last = await http.post("/api/auth/login", json={"email": email, "password": "wrong"})
    assert code(last) == "too_many_logins"
    assert last.json()["error"]["retry_after_s"] > 0
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(
        base_url=str(http.base_url), transport=elsewhere, headers=dict(http.headers), timeout=20
    ) as victim:
        assert (await sign_in(victim, email)).status_code == 200


async def test_codes_cannot_be_guessed_by_who_knows_the_password(
    account: tuple[httpx.AsyncClient, str],
) -> None:
    """Nor from many addresses; a stranger without the password counts for nothing."""
    http, email = account
    await sign_in(http, email)
    secret = (await http.post("/api/me/second-factor")).json()["secret"]
    shown = pyotp.TOTP(secret).at(time.time() - 30)
    recovery = (await http.put("/api/me/second-factor", json={"code": shown})).json()["codes"]
    for _ in range(12):
        await http.post("/api/auth/login", json={"email": email, "password": "x", "code": "1"})
    tries = [code(await sign_in(http, email, code="000000")) for _ in range(10)]
    assert tries == ["bad_code"] * 9 + ["too_many_logins"]
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.3")
    async with httpx.AsyncClient(
        base_url=str(http.base_url), transport=elsewhere, headers=dict(http.headers), timeout=20
    ) as other:
        assert code(await sign_in(other, email, code=recovery[0])) == "too_many_logins"
