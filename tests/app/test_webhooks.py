"""Other programs are told what happens: signed, at least once, and never at an inside address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from app_client import PATIENCE_S, Customer, Desk
from app_receiver import Receiver, receiving
from conftest import Server

from app.auth.service import AuthService, add_agent
from app.chat.events import Author, SendContent
from app.chat.service import ChatService
from app.db import Database
from app.metrics import Metrics
from app.models import AuditEntry, StoredMessage, Webhook, WebhookDelivery, now
from app.outside import PinnedBackend, is_public
from app.vault import Vault
from app.webhooks.courier import Courier
from app.webhooks.sender import Sender
from app.webhooks.service import FAILING_FOR, LEASE, Wanted, WebhookService
from app.words import Words

EVERYTHING = [
    "conversation.opened",
    "conversation.assigned",
    "conversation.closed",
    "conversation.rated",
    "handoff.requested",
    "message.created",
]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def add(desk: Desk, url: str, *events: str) -> tuple[str, str]:
    """(address of its REST, secret)."""
    body = {"name": "客户系统", "url": url, "events": list(events or EVERYTHING)}
    answer = await desk.http.post("/api/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return f"/api/webhooks/{answer.json()['id']}", answer.json()["secret"]


async def row_of(desk: Desk, at: str) -> dict[str, Any]:
    items = (await desk.http.get("/api/webhooks")).json()["items"]
    return next(row for row in items if at.endswith(row["id"]))


async def test_a_program_hears_of_a_chat_from_its_opening_to_its_rating(
    desk: Desk, receiver: Receiver
) -> None:
    at, secret = await add(desk, receiver.url)
    customer = await Customer.arrive(desk.base, name="王芳", email="wang@example.com")
    async with customer.talk() as talk:
        await talk.send("hello")
        await talk.message("bot")
        await talk.send("human please")
        await talk.of_type("owner_changed", owner="queued")
        assert (await desk.act(customer.conversation_id, "claim")).status_code == 200
        assert (await desk.act(customer.conversation_id, "close")).status_code == 200
        await talk.emit({"type": "rate", "stars": 5, "comment": "很好"})
        heard = await receiver.until(lambda all_: {h.told["type"] for h in all_} == set(EVERYTHING))
    assert all(h.is_signed_with(secret) for h in heard)
    assert not heard[0].is_signed_with("whsec_" + "A" * 44)
    assert len({h.id for h in heard}) == len(heard)
    by_type = {h.told["type"]: h.told["data"] for h in heard}
    conversation = by_type["conversation.rated"]["conversation"]
    assert conversation["id"] == customer.conversation_id
    assert conversation["customer"]["name"] == "王芳"
    assert conversation["customer"]["email"] == "wang@example.com"
    assert (conversation["rating"], conversation["rating_comment"]) == (5, "很好")
    assert by_type["conversation.assigned"]["agent_name"] == desk.name
    assert by_type["handoff.requested"]["reason"] == "requested"
    assert by_type["conversation.opened"]["again"] is False
    texts = {
        (h.told["data"]["message"]["author"], h.told["data"]["message"]["content"]["text"])
        for h in heard
        if h.told["type"] == "message.created"
    }
    assert ("visitor", "hello") in texts
    assert ("bot", "echo: hello") in texts

    log = (await desk.http.get(f"{at}/deliveries", params={"limit": 2})).json()
    assert len(log["items"]) == 2
    assert log["next"] == log["items"][1]["id"]
    older = await desk.http.get(f"{at}/deliveries", params={"before": log["next"], "limit": 200})
    assert {d["id"] for d in [*log["items"], *older.json()["items"]]} >= {h.id for h in heard}
    assert (await desk.http.delete(at)).status_code == 204


async def test_what_fails_is_tried_again_under_the_same_id_and_can_be_sent_anew(
    desk: Desk, receiver: Receiver, shared_server: Server
) -> None:
    receiver.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    at, _ = await add(desk, receiver.url, "conversation.opened")
    customer = await Customer.arrive(desk.base)
    async with customer.talk() as talk:
        await talk.send("hello")
    await receiver.until(lambda all_: bool(all_))
    first = await logged(desk, at, lambda d: d["status"] == 500)
    assert (first["state"], first["error"]) == ("pending", "answer_status")
    again = f"{at}/deliveries/{first['id']}/resend"
    assert (await desk.http.post(again)).json()["error"]["code"] == "webhook_still_owed"

    receiver.answer = Receiver.answer
    database = Database(shared_server.database_url)
    due = sa.update(WebhookDelivery).where(WebhookDelivery.id == first["id"]).values(next_at=now())
    await database.write(lambda s: s.execute(due))
    await database.close()
    done = await logged(desk, at, lambda d: d["state"] == "delivered")
    assert done["id"] == first["id"] == receiver.heard[-1].id
    assert done["attempts"] == 2

    before = len(receiver.heard)
    assert (await desk.http.post(again)).status_code == 204
    await receiver.until(lambda all_: len(all_) > before)
    assert receiver.heard[-1].id == first["id"]
    await desk.http.delete(at)


async def logged(desk: Desk, at: str, wanted: Any) -> dict[str, Any]:
    """The newest delivery, once it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items = (await desk.http.get(f"{at}/deliveries")).json()["items"]
            if items and wanted(items[0]):
                found: dict[str, Any] = items[0]
                return found
            await asyncio.sleep(0.05)


async def test_the_test_button_tells_what_came_of_it(desk: Desk, receiver: Receiver) -> None:
    at, old = await add(desk, receiver.url)
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (True, 204, None)
    assert receiver.heard[-1].told["type"] == "webhook.test"
    new = (await desk.http.post(f"{at}/secret")).json()["secret"]
    receiver.answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (False, 302, "answer_status")
    assert len(receiver.heard) == 2, "a redirect is not followed"
    assert receiver.heard[-1].is_signed_with(new)
    assert receiver.heard[-1].is_signed_with(old), "who has not heard of the new one yet"
    await desk.http.post(f"{at}/secret")
    await desk.http.post(f"{at}/test")
    assert receiver.heard[-1].is_signed_with(new)
    assert not receiver.heard[-1].is_signed_with(old), "a second renewal ends it"
    changed = await desk.http.patch(at, json={"url": "http://127.0.0.1:9/", "enabled": False})
    assert changed.status_code == 200, changed.text
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["error"]) == (False, "not_reached")
    assert (await row_of(desk, at))["enabled"] is False
    secret_again = (await desk.http.get("/api/webhooks")).text
    assert new not in secret_again
    await desk.http.delete(at)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost:8000/", "webhook_inside"),
        ("http://[::1]/", "webhook_inside"),
        ("https://[::ffff:10.0.0.1]/", "webhook_inside"),
        ("https://169.254.169.254/latest/meta-data", "webhook_inside"),
        ("https://192.168.1.1", "webhook_inside"),
        ("https://db.internal/", "webhook_inside"),
        ("ftp://example.com/", "webhook_bad_url"),
        ("https://", "webhook_bad_url"),
        ("https://user:password@example.com/", "webhook_bad_url"),
        ("https://example.com:99999/", "webhook_bad_url"),
        ("https://example.com/a b", "webhook_bad_url"),
        ("file:///etc/passwd", "webhook_bad_url"),
        ("https://example.com/\r\nX: y", "webhook_bad_url"),
        ("https://[nonsense", "webhook_bad_url"),
    ],
)
async def test_what_is_no_address_outside_is_refused(desk: Desk, url: str, code: str) -> None:
    body = {"name": "x", "url": url, "events": ["message.created"]}
    refused = await desk.http.post("/api/webhooks", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


# --- addresses ------------------------------------------------------------------------------

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_inside_addresses_in_every_way_to_write_them(address: str) -> None:
    assert not is_public(address)


def test_outside_addresses() -> None:
    assert is_public(PUBLIC)
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")
    assert is_public(f"::ffff:{PUBLIC}")


class Recorder(httpcore.AsyncNetworkBackend):
    """Connects nowhere, and keeps where it should have."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(self, host: str, *_args: Any, **_more: Any) -> Any:
        self.asked.append(host)
        raise httpcore.ConnectError("nobody there")

    async def sleep(self, seconds: float) -> None:
        return


async def test_a_name_that_changes_its_answer_never_leads_inside() -> None:
    """DNS rebinding: what was looked at is what is connected to."""
    answers = [[PUBLIC], ["127.0.0.1"], [PUBLIC, "10.0.0.1"]]
    recorder = Recorder()

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    sender = Sender(PinnedBackend(frozenset(), resolve, recorder))
    outcome = await sender.post("https://rebinding.example/", {}, b"{}")
    assert outcome.error == "address_inside"
    assert (await sender.post("https://rebinding.example/", {}, b"{}")).error == "address_inside"
    assert recorder.asked == [PUBLIC], "an address, not the name, and no other"


async def test_a_real_host_inside_is_not_reached_by_a_name(receiver: Receiver) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    port = receiver.url.rsplit(":", 1)[1]
    sender = Sender(PinnedBackend(frozenset(), resolve))
    assert (await sender.post(f"http://out.example:{port}", {}, b"")).error == "address_inside"
    known = Sender(PinnedBackend(frozenset({"out.example"}), resolve))
    assert (await known.post(f"http://out.example:{port}", {}, b"")).delivered
    assert len(receiver.heard) == 1
    for each in (sender, known):
        await each.close()


async def test_an_attempt_is_bounded_in_time_and_size(receiver: Receiver) -> None:
    sender = Sender(PinnedBackend(frozenset({"127.0.0.1"})), answer_s=1.0)
    receiver.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n..."
    assert (await sender.post(receiver.url, {}, b"{}")).delivered, "the rest is not read"
    receiver.answer = b""
    assert (await sender.post(receiver.url, {}, b"{}")).error == "no_answer"
    receiver.answer = b"nonsense\r\n\r\n"
    assert (await sender.post(receiver.url, {}, b"{}")).error == "not_reached"
    await sender.close()


# --- the outbox -----------------------------------------------------------------------------


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await is_so():
                return
            await asyncio.sleep(0.02)


class Shop:
    """A database, a customer who writes, and what tells another program of it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.service = WebhookService(Vault("s", "webhooks"), ["127.0.0.1"], plain=True)
        self.chat = ChatService(Words.load())
        database.witness = self.service.note

    async def begin(self, url: str) -> None:
        self.agent = await add_agent(self.database, "a@example.com", "A", "a long password")

        def work(session: sa.orm.Session) -> tuple[str, str, str]:
            wanted = Wanted("x", url, ["message.created"])
            webhook, _ = self.service.add(session, self.agent, wanted)
            visitor, _ = AuthService().admit_visitor(session, None, None, None, "zh")
            return webhook.id, visitor.id, self.chat.start(session, visitor.id).id

        self.webhook, self.visitor, self.conversation = await self.database.write(work)

    async def write(self, text: str) -> str:
        author = Author(type="visitor", id=self.visitor)
        message = await self.database.write(
            lambda s: self.chat.accept(
                s, self.conversation, author, f"id-{text:0>8}", SendContent(text=text)
            )
        )
        return message.id

    async def owed(self) -> list[WebhookDelivery]:
        query = sa.select(WebhookDelivery).order_by(WebhookDelivery.id)
        return await self.database.read(lambda s: list(s.scalars(query)))

    async def row(self) -> Webhook:
        return await self.database.read(lambda s: s.get_one(Webhook, self.webhook))

    async def run(self, done: Any) -> None:
        """A worker's courier, until `done`; then it dies."""
        sender = Sender(PinnedBackend(frozenset({"127.0.0.1"})))
        task = asyncio.create_task(Courier(self.database, self.service, sender, Metrics()).run())
        try:
            await done()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await sender.close()

    async def all_done(self) -> None:
        async def done() -> bool:
            return all(d.state != "pending" for d in await self.owed())

        await eventually(done)

    async def switched_off(self) -> None:
        async def off() -> bool:
            return not (await self.row()).enabled

        await eventually(off)


@pytest_asyncio.fixture
async def shop(database: Database, receiver: Receiver) -> Shop:
    shop = Shop(database)
    await shop.begin(receiver.url)
    return shop


async def test_what_a_dead_worker_took_is_told_by_the_next(shop: Shop, receiver: Receiver) -> None:
    await shop.write("one")
    await shop.write("two")
    taken = await shop.database.write(lambda s: shop.service.take(s, {}))
    assert len(taken) == 2
    assert await shop.database.write(lambda s: shop.service.take(s, {})) == [], "held by a lease"
    earlier = sa.update(WebhookDelivery).values(next_at=now() - LEASE)
    await shop.database.write(lambda s: s.execute(earlier))
    await shop.run(shop.all_done)
    assert {h.id for h in receiver.heard} == {parcel.id for parcel in taken}
    assert {d.state for d in await shop.owed()} == {"delivered"}


async def test_an_old_secret_signs_for_a_day(shop: Shop, receiver: Receiver) -> None:
    old = shop.service.open_secrets(
        await shop.database.write(lambda s: shop.service.begin_test(s, shop.webhook))
    )
    new = await shop.database.write(
        lambda s: shop.service.renew_secret(s, shop.agent, shop.webhook)
    )
    late = sa.update(Webhook).values(old_secret_until=now())
    for both in (True, False):
        parcel = await shop.database.write(lambda s: shop.service.begin_test(s, shop.webhook))
        assert shop.service.open_secrets(parcel) == ([new, *old] if both else [new])
        await shop.database.write(lambda s: s.execute(late))


async def test_a_unit_that_is_rolled_back_owes_nothing(shop: Shop) -> None:
    def work(session: sa.orm.Session) -> None:
        row = shop.chat.lock(session, shop.conversation)
        shop.chat.notice(session, row, "closed")
        author = Author(type="visitor", id=shop.visitor)
        shop.chat.accept(session, row.id, author, "12345678", SendContent(text="lost"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await shop.database.write(work)
    assert await shop.owed() == []


async def test_what_was_taken_back_or_erased_is_told_to_nobody(
    shop: Shop, receiver: Receiver
) -> None:
    message = await shop.write("my secret")
    await shop.database.write(
        lambda s: shop.chat.recall(
            s, shop.conversation, Author(type="visitor", id=shop.visitor), message
        )
    )
    await shop.run(shop.all_done)
    assert b"my secret" not in receiver.heard[0].body
    assert receiver.heard[0].told["data"]["message"]["content"]["recalled"] is True

    def kept(session: sa.orm.Session) -> bool:
        return session.get_one(StoredMessage, message).content == {"recalled": True}

    assert await shop.database.read(kept)


async def test_a_webhook_that_fails_for_long_is_switched_off_and_owed_until_it_is_on_again(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    long_ago = now() - FAILING_FOR
    await shop.database.write(
        lambda s: s.execute(sa.update(Webhook).values(failures=9, failing_since=long_ago))
    )
    await shop.write("one")
    await shop.run(shop.switched_off)
    assert (await shop.row()).disabled_reason == "failing"
    audited = sa.select(AuditEntry.action).where(AuditEntry.actor == "system")
    assert "webhook_disabled" in await shop.database.read(lambda s: list(s.scalars(audited)))
    await shop.database.write(lambda s: s.execute(sa.update(WebhookDelivery).values(next_at=now())))
    assert await shop.database.write(lambda s: shop.service.take(s, {})) == []

    receiver.answer = Receiver.answer
    await shop.database.write(
        lambda s: shop.service.change(s, shop.agent, shop.webhook, Wanted(enabled=True))
    )
    await shop.run(shop.all_done)
    assert [d.state for d in await shop.owed()] == ["delivered"]
    assert (await shop.row()).failures == 0


async def test_who_says_gone_is_told_nothing_more_and_old_debts_are_given_up(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.answer = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    await shop.write("one")
    await shop.run(shop.switched_off)
    assert (await shop.row()).disabled_reason == "gone"
    before = now() - timedelta(days=4)
    await shop.database.write(
        lambda s: s.execute(sa.update(WebhookDelivery).values(created_at=before))
    )
    await shop.database.write(shop.service.tidy)
    assert [(d.state, d.error) for d in await shop.owed()] == [("failed", "too_old")]
    await shop.database.write(
        lambda s: s.execute(
            sa.update(WebhookDelivery).values(created_at=now() - timedelta(days=15))
        )
    )
    await shop.database.write(shop.service.tidy)
    assert await shop.owed() == []


async def test_only_admins_and_only_known_events(desk: Desk) -> None:
    url = "https://example.com/"
    for body in (
        {},
        {"name": "x", "url": url, "events": []},
        {"name": "x", "url": url, "events": ["everything"]},
        {"name": " ", "url": url, "events": ["message.created"]},
    ):
        refused: httpx.Response = await desk.http.post("/api/webhooks", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["error"]["words"]
    assert (await desk.http.post(f"/api/webhooks/{'0' * 32}/test")).status_code == 404
