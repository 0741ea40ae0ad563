"""What is owed to other programs: at least once, over deaths and failures, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from app_client import PATIENCE_S
from app_receiver import Receiver

from app.auth.service import AuthService, add_agent
from app.chat.events import Author, SendContent
from app.chat.service import ChatService
from app.db import Database
from app.metrics import Metrics
from app.models import AuditEntry, StoredMessage, Webhook, WebhookDelivery, now
from app.outside import PinnedBackend
from app.vault import Vault
from app.webhooks.courier import Courier
from app.webhooks.sender import Sender
from app.webhooks.service import FAILING_FOR, LEASE, Wanted, WebhookService
from app.words import Words


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
