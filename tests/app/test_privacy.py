"""One customer is found, handed out and forgotten; planted words are looked for in every byte."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
import sqlalchemy.orm
import structlog
from app_client import PATIENCE_S, Customer, Desk
from conftest import Server
from pydantic import SecretStr
from websockets.exceptions import ConnectionClosed

from app.config import Settings
from app.db import Database, is_sqlite
from app.files.service import FilesService
from app.logs import configure_logs
from app.models import Conversation, Visitor, now
from app.privacy import repository
from app.privacy.service import PrivacyService

HELD = {
    "visitors", "conversations", "messages", "turns", "tracker_events", "handoffs", "page_views",
    "files", "notes", "mentions", "corrections", "faq_settled_questions",
    "visitor_devices", "webhook_deliveries",
}  # fmt: skip
"""A new name here means: a new table holds what a customer may ask for. It is erased already."""


def canary() -> str:
    return f"Canary{secrets.token_hex(8)}"


def test_the_tables_that_hold_customers_are_known() -> None:
    assert {table.name for table in repository.of_customer("x")} == HELD


def files_with(folder: Path, word: str) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and word.encode() in path.read_bytes():
            yield path


async def rows_with(database: Database, word: str) -> list[str]:
    def look(session: sa.orm.Session) -> list[str]:
        tables = sa.MetaData()
        tables.reflect(session.connection())
        return [
            table.name
            for table in tables.sorted_tables
            if any(
                word.lower() in str(tuple(row)).lower() for row in session.execute(sa.select(table))
            )
        ]

    return await database.read(look)


async def test_nothing_of_an_erased_customer_is_left(shared_server: Server, desk: Desk) -> None:
    word, other_word = canary(), canary()
    base, page = shared_server.base, f"https://shop.example/{word}"
    email = f"{word}@example.com"
    gone = await Customer.arrive(base, name=word, email=email, page_url=page)
    stays = await Customer.arrive(base, name=other_word)
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S) as http:
        sent = await http.post(
            "/api/visitor/files",
            params={"name": f"{word}.txt"},
            content=f"my name is {word}".encode(),
            headers={"Authorization": f"Bearer {gone.token}"},
        )
    key = sent.json()["url"].rsplit("/", 1)[1]
    async with stays.talk() as talk:
        await talk.send(f"human {other_word}")
        await talk.of_type("owner_changed")
    await desk.http.post(
        f"/api/conversations/{gone.conversation_id}/notes", json={"text": f"about {word}"}
    )
    async with gone.talk() as talk:
        content = {"text": f"echo {word}", "files": [key]}
        await talk.emit({"type": "send", "client_msg_id": "12345678", "content": content})
        await talk.message("bot")

        found = (await desk.http.get("/api/privacy/customers", params={"q": email})).json()["items"]
        assert [item["id"] for item in found] == [gone.id]
        exported = await desk.http.get(f"/api/privacy/customers/{gone.id}")
        assert exported.headers["content-disposition"].startswith("attachment")
        tables = json.loads(exported.text)
        assert {name for name, rows in tables.items() if word in json.dumps(rows)} >= {
            "visitors", "conversations", "messages", "tracker_events", "page_views", "files", "notes",
        }  # fmt: skip
        assert other_word not in exported.text
        assert "token_hash" not in exported.text
        assert list(files_with(shared_server.home / "files", word)), "it can be found at all"

        erased = await desk.http.delete(f"/api/privacy/customers/{gone.id}")
        assert erased.status_code == 204, erased.text
        with pytest.raises(ConnectionClosed):
            await talk.until(lambda e: False)
        assert talk.socket.close_code == 4401

    database = Database(shared_server.database_url)
    assert await rows_with(database, word) == []
    assert "messages" in await rows_with(database, other_word)
    await database.close()
    where = (
        shared_server.home
        if is_sqlite(shared_server.database_url)
        else shared_server.home / "files"
    )
    assert list(files_with(where, word)) == []
    assert list(files_with(where, word.lower())) == [], "the search index has it in lower case"
    assert (await desk.http.delete(f"/api/privacy/customers/{gone.id}")).status_code == 404
    async with stays.talk() as again:
        await again.message("visitor", f"human {other_word}")


async def test_what_the_owner_does_not_want_kept_is_never_written(
    shared_server: Server, desk: Desk
) -> None:
    """The test server has `LINGXI_MASK_STORED=["card"]`; card numbers are told by their check."""
    spaced, plain = "4111 1111 1111 1111", "4111111111111111"
    customer = await Customer.arrive(shared_server.base)
    async with customer.talk() as talk:
        await talk.send(f"echo {spaced} 和 {plain}, order 1234567890123456")
        shown = (await talk.message("visitor"))["content"]["text"]
        assert shown == (
            "echo [card number hidden] 和 [card number hidden], order 1234567890123456"
        )
        assert (await talk.message("bot"))["content"]["text"] == f"echo: {shown}"
        await talk.send(f"human {plain}")
        await talk.of_type("owner_changed", owner="queued")
        await talk.emit({"type": "rate", "stars": 1, "comment": f"asked for {plain}"})
    at = f"/api/conversations/{customer.conversation_id}"
    note = await desk.http.post(f"{at}/notes", json={"text": f"card {plain}"})
    assert "hidden" in note.json()["text"] or "已隐去" in note.json()["text"]
    async with desk.talk() as agent:
        await desk.act(customer.conversation_id, "claim")
        await agent.send(f"yours is {spaced}?", conversation_id=customer.conversation_id)
    database = Database(shared_server.database_url)
    assert [await rows_with(database, word) for word in (spaced, plain)] == [[], []]
    await database.close()
    for word in (spaced, plain):
        assert list(files_with(shared_server.home, word)) == []


async def test_a_message_taken_back_leaves_no_word_in_turns_events_and_cards(
    shared_server: Server,
) -> None:
    word = canary()
    customer = await Customer.arrive(shared_server.base)
    database = Database(shared_server.database_url)
    async with customer.talk() as talk:
        ack = await talk.send(f"two {word}")
        await talk.message("bot", "second")
        assert {"messages", "turns", "tracker_events"} <= set(await rows_with(database, word))
        await talk.emit({"type": "recall", "message_id": ack["message_id"]})
        await talk.until(lambda e: e["type"] == "message" and e["message"]["content"]["recalled"])
        left = set(await rows_with(database, word)) - {"message_search_data"}  # until it is merged
        assert left == set()
        await talk.send("echo the bot goes on")
        await talk.message("bot", "echo: echo the bot goes on")
    await database.close()


AN_ID = "01a2159138e69e9754312636decae7fc"
"""Ten of its digits could be a telephone's."""


async def test_no_log_line_holds_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    for environment in ("development", "production"):
        configure_logs(
            Settings(_env_file=None, environment=environment, secret=SecretStr("x" * 32))
        )
        log = structlog.get_logger("test")
        try:
            raise ValueError("cannot read wang@example.com, 138 0013 8000")
        except ValueError:
            log.exception("failed", reason="card 4111-1111-1111-1111", conversation=AN_ID)
        said = capsys.readouterr().err
        assert "failed" in said
        assert "ValueError" in said
        assert AN_ID in said
        for secret in ("wang@", "8000", "1111"):
            assert secret not in said, environment


async def test_what_is_older_than_the_owner_keeps_is_forgotten(
    database: Database, tmp_path: Path
) -> None:
    old, recent = now() - timedelta(days=40), now()

    def plant(session: sa.orm.Session) -> None:
        for name, at, owner in [
            ("old", old, "closed"),
            ("new", recent, "closed"),
            ("held", old, "agent"),
        ]:
            session.add(Visitor(id=name, name=name, seen_at=at))
            session.flush()
            session.add(Conversation(id=name, visitor_id=name, updated_at=at, owner=owner))

    await database.write(plant)
    service = PrivacyService(database, FilesService(database, tmp_path, 1, None), tmp_path)
    while await service.forget_old(timedelta(days=30)):
        pass
    left = await database.read(lambda s: set(s.scalars(sa.select(Conversation.id))))
    assert left == {"new", "held"}
    assert await database.read(lambda s: set(s.scalars(sa.select(Visitor.id)))) == left


async def test_the_owner_says_how_long_conversations_are_kept(
    database: Database, tmp_path: Path
) -> None:
    def plant(session: sa.orm.Session) -> None:
        session.add(Visitor(id="old", name="old", seen_at=now() - timedelta(days=40)))

    await database.write(plant)
    service = PrivacyService(database, FilesService(database, tmp_path, 1, None), tmp_path)
    running = asyncio.create_task(service.run())
    assert await database.read(service.kept_days) is None
    await service.keep_for(30, "an admin")
    async with asyncio.timeout(PATIENCE_S):
        while await database.read(lambda s: s.get(Visitor, "old")):  # noqa: ASYNC110  told to nobody
            await asyncio.sleep(0.02)
    assert await database.read(service.kept_days) == 30
    await service.keep_for(None, "an admin")
    assert await database.read(service.kept_days) is None
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
