"""SQL about webhooks and what they are owed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import Conversation, StoredMessage, Visitor, Webhook, WebhookDelivery

WEBHOOKS = Webhook.__table__.c
LISTENING = sa.select(WEBHOOKS.id, WEBHOOKS.events).where(WEBHOOKS.enabled)
"""Of the columns alone: asked with every message."""


def webhook(session: Session, webhook_id: str, lock: bool = False) -> Webhook | None:
    return session.get(Webhook, webhook_id, with_for_update=lock)


def webhooks(session: Session) -> Sequence[tuple[Webhook, int]]:
    """(webhook, how many deliveries wait), the oldest first."""
    waiting = (
        sa.select(sa.func.count())
        .where(WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.state == "pending")
        .scalar_subquery()
    )
    rows = session.execute(sa.select(Webhook, waiting).order_by(Webhook.created_at, Webhook.id))
    return [(row, count) for row, count in rows]


def count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Webhook)) or 0


def listening(session: Session) -> Sequence[tuple[str, tuple[str, ...]]]:
    """(id, events) of those that are told anything at all."""
    return [(id_, events) for id_, events in session.connection().execute(LISTENING)]


def delete(session: Session, webhook_id: str) -> None:
    session.execute(sa.delete(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id))
    session.execute(sa.delete(Webhook).where(Webhook.id == webhook_id))


def delivery(session: Session, delivery_id: str) -> WebhookDelivery | None:
    return session.get(WebhookDelivery, delivery_id)


def deliveries(
    session: Session, webhook_id: str, state: str | None, before: str | None, limit: int
) -> Sequence[WebhookDelivery]:
    """Latest first; ids sort by time."""
    query = sa.select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    return session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit)).all()


def due_webhooks(session: Session, at: datetime) -> Sequence[str]:
    return session.scalars(
        sa.select(WebhookDelivery.webhook_id)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(WebhookDelivery.state == "pending", WebhookDelivery.next_at <= at, Webhook.enabled)
        .distinct()
    ).all()


def take_due(
    session: Session, webhook_id: str, at: datetime, lease_until: datetime, limit: int
) -> Sequence[WebhookDelivery]:
    """The oldest that are due, now this worker's until the lease ends."""
    rows = session.scalars(
        sa.select(WebhookDelivery)
        .where(
            WebhookDelivery.webhook_id == webhook_id,
            WebhookDelivery.state == "pending",
            WebhookDelivery.next_at <= at,
        )
        .order_by(WebhookDelivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.next_at = lease_until
        row.attempts += 1
    return rows


def give_up_older(session: Session, before: datetime, error: str, at: datetime) -> None:
    """What has been owed since `before` is owed no more."""
    session.execute(
        sa.update(WebhookDelivery)
        .where(WebhookDelivery.state == "pending", WebhookDelivery.created_at < before)
        .values(state="failed", error=error, finished_at=at)
    )


def forget_older(session: Session, before: datetime) -> None:
    session.execute(
        sa.delete(WebhookDelivery).where(
            WebhookDelivery.state != "pending", WebhookDelivery.created_at < before
        )
    )


def said(
    session: Session, conversation_id: str, message_id: str | None
) -> tuple[Conversation, Visitor, StoredMessage | None] | None:
    """What a delivery tells of."""
    row = session.get(Conversation, conversation_id)
    visitor = session.get(Visitor, row.visitor_id) if row else None
    if row is None or visitor is None:
        return None
    return row, visitor, session.get(StoredMessage, message_id) if message_id else None
