"""``/api/webhooks``: which programs are told what happens, for admins."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from app.auth.dependencies import SignedInAdmin
from app.chat.happenings import Event
from app.services import Services, UsedServices
from app.webhooks.schemas import (
    DeliveriesAnswer,
    DeliveryOut,
    SecretAnswer,
    State,
    TestAnswer,
    WebhookChange,
    WebhookOut,
    WebhookRequest,
    WebhooksAnswer,
)
from app.webhooks.service import Wanted

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


@router.get("")
async def webhooks(_admin: SignedInAdmin, to: UsedServices) -> WebhooksAnswer:
    return await to.database.read(lambda s: _all(to, s))


@router.post("", status_code=201)
async def add_webhook(body: WebhookRequest, admin: SignedInAdmin, to: UsedServices) -> SecretAnswer:
    """Tell another program from now on what happens; with the secret that signs it."""
    wanted = Wanted(body.name, body.url, body.events)
    row, secret = await to.database.write(lambda s: to.webhooks.add(s, admin.id, wanted))
    return SecretAnswer(id=row.id, secret=secret)


@router.patch("/{webhook_id}")
async def change_webhook(
    webhook_id: str, body: WebhookChange, admin: SignedInAdmin, to: UsedServices
) -> WebhooksAnswer:
    """Switched on again, it is told what it is still owed of the last three days."""

    def work(session: Session) -> WebhooksAnswer:
        wanted = Wanted(body.name, body.url, body.events, body.enabled)
        to.webhooks.change(session, admin.id, webhook_id, wanted)
        session.flush()
        return _all(to, session)

    answer = await to.database.write(work)
    to.courier.wake()
    return answer


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(webhook_id: str, admin: SignedInAdmin, to: UsedServices) -> None:
    """With its log, and what it is owed."""
    await to.database.write(lambda s: to.webhooks.remove(s, admin.id, webhook_id))


@router.post("/{webhook_id}/secret")
async def renew_secret(webhook_id: str, admin: SignedInAdmin, to: UsedServices) -> SecretAnswer:
    """Sign with a new secret from now on, and for a day with the old one too."""
    secret = await to.database.write(lambda s: to.webhooks.renew_secret(s, admin.id, webhook_id))
    return SecretAnswer(id=webhook_id, secret=secret)


@router.post("/{webhook_id}/test")
async def try_webhook(webhook_id: str, _admin: SignedInAdmin, to: UsedServices) -> TestAnswer:
    """Send a `webhook.test` now, and say what came of it."""
    outcome = await to.courier.test(webhook_id)
    return TestAnswer(
        delivered=outcome.delivered,
        status=outcome.status,
        error=outcome.error,
        duration_ms=round(outcome.duration_ms, 1),
    )


@router.get("/{webhook_id}/deliveries")
async def deliveries(
    webhook_id: str,
    _admin: SignedInAdmin,
    to: UsedServices,
    state: State | None = None,
    before: Annotated[str | None, Query(pattern=r"^\w{1,32}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveriesAnswer:
    """What it was told in the last two weeks and is still owed, the latest first."""
    rows = await to.database.read(
        lambda s: to.webhooks.deliveries(s, webhook_id, state, before, limit + 1)
    )
    shown = rows[:limit]
    return DeliveriesAnswer(
        items=[_delivery(row) for row in shown],
        next=shown[-1].id if len(rows) > limit else None,
    )


@router.post("/{webhook_id}/deliveries/{delivery_id}/resend", status_code=204)
async def resend(webhook_id: str, delivery_id: str, admin: SignedInAdmin, to: UsedServices) -> None:
    """Tell it again, as things are now, under the same id."""
    await to.database.write(lambda s: to.webhooks.resend(s, admin.id, webhook_id, delivery_id))
    to.courier.wake()


def _all(to: Services, session: Session) -> WebhooksAnswer:
    return WebhooksAnswer(
        items=[
            WebhookOut(
                id=row.id,
                name=row.name,
                url=row.url,
                events=cast(list[Event], list(row.events)),
                enabled=row.enabled,
                disabled_reason=row.disabled_reason,
                failures=row.failures,
                failing_since=row.failing_since,
                waiting=waiting,
                created_at=row.created_at,
            )
            for row, waiting in to.webhooks.all(session)
        ]
    )


def _delivery(row: Any) -> DeliveryOut:
    """Of a stored delivery; tables are no business of endpoints."""
    return DeliveryOut(
        id=row.id,
        event=row.event,
        conversation_id=row.conversation_id,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at if row.state == "pending" else None,
        finished_at=row.finished_at,
        status=row.status,
        error=row.error,
        duration_ms=row.duration_ms,
    )
