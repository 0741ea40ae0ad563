"""Keys for other programs: shown once, a hash at rest, revoked and expired at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest_asyncio
import sqlalchemy as sa
from app_client import PATIENCE_S, Desk
from conftest import Server

from app.db import Database
from app.models import ApiKey, AuditEntry, now

ENTRY = {
    "content": {
        "questions": {"en": ["Do you ship to the moon?"]},
        "answers": [{"language": "en", "text": "Yes."}],
    }
}


async def make(desk: Desk, *scopes: str, **more: object) -> tuple[str, dict[str, str]]:
    """(id, headers) of a new key."""
    body = {"name": "CRM 系统", "scopes": list(scopes), **more}
    answer = await desk.http.post("/api/keys", json=body)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    return told["id"], {"Authorization": f"Bearer {told['secret']}"}


@pytest_asyncio.fixture
async def program(base: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as client:
        yield client


def holding(folder: Path, words: str) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if words.encode() in file.read_bytes()]


async def parse(program: httpx.AsyncClient, headers: dict[str, str]) -> httpx.Response:
    return await program.post("/model/parse", json={"text": "hello"}, headers=headers)


async def test_a_key_is_shown_once_and_kept_as_a_hash(
    desk: Desk, program: httpx.AsyncClient, shared_server: Server
) -> None:
    id_, headers = await make(desk, "nlu", "knowledge:read")
    secret = headers["Authorization"].split()[1]
    assert (await parse(program, headers)).status_code == 200
    answer = await desk.http.get("/api/keys")
    assert secret not in answer.text
    row = next(row for row in answer.json()["items"] if row["id"] == id_)
    assert row["scopes"] == ["knowledge:read", "nlu"]
    assert secret.startswith(row["hint"])
    assert row["last_used_at"] is not None
    assert row["revoked_at"] is row["expires_at"] is None
    assert (await parse(program, {"Authorization": f"Bearer {secret}x"})).status_code == 401
    assert (await program.get("/version", params={"token": secret})).status_code == 401, (
        "an address is written into logs"
    )

    def stored(session: sa.orm.Session) -> tuple[str, list[str]]:
        key = session.get_one(ApiKey, id_)
        about = sa.select(AuditEntry.action).where(AuditEntry.subject == id_)
        return key.secret_hash, list(session.scalars(about))

    database = Database(shared_server.database_url)
    kept, audited = await database.read(stored)
    await database.close()
    assert secret not in kept
    assert audited == ["key_added"]
    assert await asyncio.to_thread(holding, shared_server.home, secret) == []


async def test_a_revoked_key_and_an_expired_one_open_nothing(
    desk: Desk, program: httpx.AsyncClient, shared_server: Server
) -> None:
    revoked, headers = await make(desk, "nlu")
    assert (await parse(program, headers)).status_code == 200
    assert (await desk.http.delete(f"/api/keys/{revoked}")).status_code == 204
    refused = await parse(program, headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "bad_token")
    assert (await desk.http.delete(f"/api/keys/{'0' * 32}")).status_code == 404

    expired, headers = await make(desk, "nlu", expires_in_days=1)
    assert (await parse(program, headers)).status_code == 200
    database = Database(shared_server.database_url)
    past = now() - timedelta(seconds=1)
    await database.write(
        lambda s: s.execute(sa.update(ApiKey).where(ApiKey.id == expired).values(expires_at=past))
    )
    await database.close()
    assert (await parse(program, headers)).status_code == 401


async def test_what_is_no_key_is_refused_in_words(desk: Desk) -> None:
    for body in (
        {},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "", "scopes": ["nlu"]},
        {"name": " ", "scopes": ["nlu"]},
        {"name": "NUL \0", "scopes": ["nlu"]},
        {"name": "x", "scopes": ["nlu"], "expires_in_days": 0},
        {"name": "x", "scopes": ["nlu"], "secret": "mine"},
    ):
        refused = await desk.http.post("/api/keys", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["error"]["words"]


async def test_a_program_keeps_the_knowledge_in_its_own_name(
    desk: Desk, program: httpx.AsyncClient
) -> None:
    _, reading = await make(desk, "knowledge:read")
    _, writing = await make(desk, "knowledge:write")
    refused = await program.post("/api/faq", json=ENTRY, headers=reading)
    assert (refused.status_code, refused.json()["error"]["scope"]) == (403, "knowledge:write")
    added = await program.post("/api/faq", json={**ENTRY, "publish": True}, headers=writing)
    assert added.status_code == 201, added.text
    id_ = added.json()["id"]
    detail = await program.get(f"/api/faq/{id_}", headers=reading)
    assert detail.json()["history"][0]["author"] == "CRM 系统"
    assert (await program.delete(f"/api/faq/{id_}", headers=writing)).status_code == 200
