"""The shop's tables: orders, what is in them, where the parcels are, and refunds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

UNSHIPPED = ("paid", "packing")
"""Statuses in which an order can still be cancelled or sent elsewhere."""
MOVING = ("shipped", "delayed")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str | None] = mapped_column(index=True)
    buyer: Mapped[str]
    tier: Mapped[str]
    """``silver``, ``gold`` or ``evergreen``; decides the return window."""
    address: Mapped[str]
    status: Mapped[str]
    placed_on: Mapped[date]
    eta: Mapped[date | None]
    delivered_on: Mapped[date | None]
    carrier: Mapped[str | None]
    tracking_number: Mapped[str | None]
    items: Mapped[list[Item]] = relationship(lazy="selectin", order_by="Item.id")
    events: Mapped[list[ShipmentEvent]] = relationship(lazy="selectin", order_by="ShipmentEvent.at")
    refunds: Mapped[list[Refund]] = relationship(lazy="selectin", order_by="Refund.id")

    @property
    def total_fen(self) -> int:
        return sum(item.price_fen * item.quantity for item in self.items)


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    product: Mapped[str]
    """A key of ``products`` in words.yml."""
    quantity: Mapped[int]
    price_fen: Mapped[int]
    """Price paid for one piece, in fen (1/100 yuan)."""


class ShipmentEvent(Base):
    __tablename__ = "shipment_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    at: Mapped[datetime]
    zh: Mapped[str]
    en: Mapped[str]


class Refund(Base):
    __tablename__ = "refunds"
    # The same piece is never refunded twice, however many messages race.
    __table_args__ = (UniqueConstraint("order_number", "product"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    order_number: Mapped[str] = mapped_column(ForeignKey("orders.number"), index=True)
    product: Mapped[str]
    """A key of ``products``, or ``all``."""
    amount_fen: Mapped[int]
    reason: Mapped[str]
    phone: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
