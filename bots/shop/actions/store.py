"""The shop's database: opened by URL, filled once with the demo orders, asked off the event loop."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import NullPool

from .tables import UNSHIPPED, Base, Item, Order, Refund, ShipmentEvent

SEED = Path(__file__).with_name("orders.yml")
ORDER_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:[Aa]\d{5}|20\d{6}-\d{4})(?!\d)")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
TAIL = re.compile(r"(?<!\d)\d{4}(?!\d)")
DEMO_DATES_GROW_STALE_AFTER = timedelta(days=2)


class AlreadyRefunded(Exception):
    """That piece of the order has a refund already."""


def plain(text: str) -> str:
    """Half-width, trimmed text: ``"Ａ１００２３ "`` gives ``"A10023"``; dashes inside numbers stay."""
    return unicodedata.normalize("NFKC", text).replace("—", "-").replace("’", "'").strip()


def has_reference(text: str) -> bool:
    """Whether `text` holds something an order can be found by."""
    text = plain(text)
    return bool(ORDER_NUMBER.search(text) or PHONE.search(text) or TAIL.search(text))


def names_an_order(text: str) -> bool:
    return ORDER_NUMBER.search(plain(text)) is not None


class Shop:
    """All that the actions ask of the shop. Every call is one short transaction."""

    def __init__(self, url: str) -> None:
        # No pool: a connection belongs to one event loop, and the actions may run in several.
        self._engine = create_async_engine(url, poolclass=NullPool)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._ready = False

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncSession]:
        if not self._ready:
            await self._prepare()
            self._ready = True
        async with self._sessions.begin() as session:
            yield session

    async def _prepare(self) -> None:
        for attempt in range(3):
            try:
                async with self._engine.begin() as connection:
                    await connection.run_sync(Base.metadata.create_all)
                async with self._sessions.begin() as session:
                    await _seed(session)
                return
            except (IntegrityError, OperationalError, ProgrammingError):
                # Another process is creating the same demo shop; what it wrote is found next time.
                if attempt == 2:
                    raise

    async def find(self, text: str) -> list[Order]:
        """Orders meant by `text`: a number, the last four digits, or a phone; newest first.

        ``"尾号 8812"`` finds ``20261105-8812``; ``"13800000126"`` finds every order of that phone.
        """
        text = plain(text)
        query = select(Order).order_by(Order.placed_on.desc(), Order.number)
        async with self._session() as session:
            if numbers := ORDER_NUMBER.findall(text):
                query = query.where(Order.number.in_([number.upper() for number in numbers]))
            elif phones := PHONE.findall(text):
                query = query.where(Order.phone.in_(phones), Order.status != "cancelled")
            elif tails := TAIL.findall(text):
                tail = tails[-1]
                query = query.where(Order.number.endswith(tail) | Order.phone.endswith(tail))
            else:
                return []
            return list(await session.scalars(query))

    async def order(self, number: str | None) -> Order | None:
        async with self._session() as session:
            return await session.get(Order, (number or "").upper())

    async def refund(self, reference: str) -> Refund | None:
        async with self._session() as session:
            return await session.scalar(select(Refund).where(Refund.reference == reference.upper()))

    async def cancel(self, number: str) -> bool:
        """Cancel an order that has not left; False when it cannot be any more."""
        async with self._session() as session:
            order = await session.get(Order, number, with_for_update=True)
            if order is None or order.status not in UNSHIPPED:
                return False
            order.status = "cancelled"
            return True

    async def change_address(self, number: str, address: str) -> bool:
        """Send an order that has not left to `address`; False when it cannot be any more."""
        async with self._session() as session:
            order = await session.get(Order, number, with_for_update=True)
            if order is None or order.status not in UNSHIPPED:
                return False
            order.address = address
            return True

    async def create_refund(
        self, number: str, *, product: str, amount_fen: int, reason: str, phone: str
    ) -> Refund:
        """Write the refund and mark the order. Raises `AlreadyRefunded` on a second try."""
        try:
            async with self._session() as session:
                order = await session.get(Order, number, with_for_update=True)
                if order is None or order.refunds:
                    raise AlreadyRefunded(number)
                serial = 1 + (await session.scalar(select(func.max(Refund.id))) or 0)
                now = datetime.now()
                refund = Refund(
                    id=serial,
                    reference=f"R{now:%y%m%d}-{serial:04d}",
                    order_number=number,
                    product=product,
                    amount_fen=amount_fen,
                    reason=reason,
                    phone=phone,
                    status="approved" if order.status in UNSHIPPED else "awaiting_return",
                    created_at=now,
                )
                session.add(refund)
                order.status = "refunding"
                await session.flush()
                return refund
        except IntegrityError as error:
            raise AlreadyRefunded(number) from error

    async def close(self) -> None:
        await self._engine.dispose()


async def _seed(session: AsyncSession) -> None:
    newest = await session.scalar(select(func.max(Order.placed_on)))
    today = date.today()
    if newest is None:
        for row in yaml.safe_load(SEED.read_text(encoding="utf-8")):
            session.add_all(_rows(row, today))
    elif today - newest > DEMO_DATES_GROW_STALE_AFTER:
        # The demo orders move along with the calendar, or after a week all would be too old.
        await _move(session, (today - newest))


def _rows(row: dict[str, Any], today: date) -> Sequence[Base]:
    def day(key: str) -> date | None:
        return None if row.get(key) is None else today + timedelta(days=row[key])

    number = row["number"]
    order = Order(
        number=number,
        phone=row.get("phone"),
        buyer=row["buyer"],
        tier=row.get("tier", "silver"),
        address=row["address"],
        status=row["status"],
        placed_on=day("placed"),
        eta=day("eta"),
        delivered_on=day("delivered"),
        carrier=row.get("carrier"),
        tracking_number=row.get("tracking"),
    )
    items = [
        Item(
            order_number=number,
            product=item["product"],
            quantity=item.get("quantity", 1),
            price_fen=round(item["price"] * 100),
        )
        for item in row["items"]
    ]
    events = [
        ShipmentEvent(
            order_number=number,
            at=datetime.combine(
                today + timedelta(days=event["day"]), time.fromisoformat(event["at"])
            ),
            zh=event["zh"],
            en=event["en"],
        )
        for event in row.get("events", ())
    ]
    refunds = [
        Refund(
            reference=refund["reference"],
            order_number=number,
            product=refund["product"],
            amount_fen=round(refund["amount"] * 100),
            reason=refund["reason"],
            phone=refund["phone"],
            status=refund["status"],
            created_at=datetime.combine(today + timedelta(days=refund["day"]), time(10, 0)),
        )
        for refund in row.get("refunds", ())
    ]
    return [order, *items, *events, *refunds]


async def _move(session: AsyncSession, by: timedelta) -> None:
    for order in await session.scalars(select(Order)):
        order.placed_on += by
        order.eta = order.eta and order.eta + by
        order.delivered_on = order.delivered_on and order.delivered_on + by
        for event in order.events:
            event.at += by


def database_url() -> str:
    """``SHOP_DATABASE_URL``, else a SQLite file in ``LINGXI_HOME`` (default ``var``)."""
    if url := os.environ.get("SHOP_DATABASE_URL"):
        return url
    home = Path(os.environ.get("LINGXI_HOME") or "var")
    home.mkdir(parents=True, exist_ok=True)
    return f"sqlite+aiosqlite:///{home / 'shop.db'}?timeout=10"


@cache
def _shop_at(url: str) -> Shop:
    return Shop(url)


def shop() -> Shop:
    """The shop at the configured database, opened once for each URL."""
    return _shop_at(database_url())
