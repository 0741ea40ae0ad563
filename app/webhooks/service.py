"""Which programs are told what; and what each is owed, kept until it is delivered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.audit import record
from app.chat.happenings import Event, Happened
from app.db import tell
from app.errors import Conflict, NotFound, Refused
from app.models import Webhook, WebhookDelivery, new_id, now
from app.vault import Unreadable, Vault
from app.webhooks import repository
from app.webhooks.addresses import check_url, host_of
from app.webhooks.payloads import conversation_of, message_of
from app.webhooks.retries import after_failure
from app.webhooks.signature import new_secret
from app.webhooks.types import TEST, DeliveryOwed, Outcome, Parcel

MAX_WEBHOOKS = 20
AT_ONCE = 4
"""To one program; the others wait for no slow one."""
LEASE = timedelta(minutes=2)
"""Beyond what one attempt may take; then another worker does it."""
BOTH_SIGN_FOR = timedelta(days=1)
OWED_FOR = timedelta(days=3)
LOG_KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wrote of a webhook; None leaves it as it is."""

    name: str | None = None
    url: str | None = None
    events: Sequence[Event] | None = None
    enabled: bool | None = None


class WebhookService:
    def __init__(self, vault: Vault, inside: Collection[str], *, plain: bool) -> None:
        """`inside`: hosts of the operator's own net; `plain` allows http, in development."""
        self._vault = vault
        self._inside = frozenset(host.lower() for host in inside)
        self._plain = plain

    # --- what admins do ---------------------------------------------------------------------

    def all(self, session: Session) -> Sequence[tuple[Webhook, int]]:
        """(webhook, how many deliveries wait)."""
        return repository.webhooks(session)

    def add(self, session: Session, by: str, wanted: Wanted) -> tuple[Webhook, str]:
        """The webhook, and its secret for the only time. Raises `Refused`, `Conflict`."""
        if repository.count(session) >= MAX_WEBHOOKS:
            raise Conflict("too_many_webhooks", limit=MAX_WEBHOOKS)
        secret = new_secret()
        row = Webhook(id=new_id(), name="", url="", secret=self._vault.seal(secret), created_by=by)
        self._write(row, wanted)
        session.add(row)
        session.flush()
        record(session, by, "webhook_added", row.id, {"host": host_of(row.url)})
        return row, secret

    def change(self, session: Session, by: str, webhook_id: str, wanted: Wanted) -> None:
        """Switched on again, it is told what it is still owed. Raises `NotFound`, `Refused`."""
        row = self._get(session, webhook_id)
        self._write(row, wanted)
        if wanted.enabled is not None and wanted.enabled != row.enabled:
            row.enabled, row.disabled_reason = wanted.enabled, None
            row.failures, row.failing_since = 0, None
        record(
            session,
            by,
            "webhook_changed",
            row.id,
            {"host": host_of(row.url), "enabled": row.enabled},
        )

    def remove(self, session: Session, by: str, webhook_id: str) -> None:
        self._get(session, webhook_id)
        repository.delete(session, webhook_id)
        record(session, by, "webhook_removed", webhook_id)

    def renew_secret(self, session: Session, by: str, webhook_id: str) -> str:
        """The old one signs beside it for a day, so that no delivery fails while it is taken over."""
        row = self._get(session, webhook_id)
        secret = new_secret()
        row.old_secret, row.old_secret_until = row.secret, now() + BOTH_SIGN_FOR
        row.secret = self._vault.seal(secret)
        record(session, by, "webhook_secret_renewed", row.id)
        return secret

    def deliveries(
        self, session: Session, webhook_id: str, state: str | None, before: str | None, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Latest first."""
        self._get(session, webhook_id)
        return repository.deliveries(session, webhook_id, state, before, limit)

    def resend(self, session: Session, by: str, webhook_id: str, delivery_id: str) -> None:
        """Owe it anew, from the beginning. Raises `NotFound`, `Conflict` while it is owed."""
        row = repository.delivery(session, delivery_id)
        if row is None or row.webhook_id != webhook_id or row.event == TEST:
            raise NotFound()
        if row.state == "pending":
            raise Conflict("webhook_still_owed")
        row.state, row.attempts, row.next_at, row.created_at = "pending", 0, now(), now()
        row.finished_at = row.status = row.error = row.duration_ms = None
        record(session, by, "webhook_resent", webhook_id, {"delivery": delivery_id})

    def _get(self, session: Session, webhook_id: str) -> Webhook:
        row = repository.webhook(session, webhook_id, lock=True)
        if row is None:
            raise NotFound()
        return row

    def _write(self, row: Webhook, wanted: Wanted) -> None:
        if wanted.name is not None:
            if not wanted.name.strip() or "\0" in wanted.name:
                raise Refused("bad_name")
            row.name = wanted.name.strip()
        if wanted.url is not None:
            check_url(wanted.url, self._inside, plain=self._plain)
            row.url = wanted.url
        if wanted.events is not None:
            row.events = tuple(sorted(set(wanted.events)))

    # --- the outbox -------------------------------------------------------------------------

    def note(self, session: Session, told: Sequence[object]) -> None:
        """Owe what happened in this unit of work, in the same transaction, to whoever wants it."""
        facts = [fact for fact in told if isinstance(fact, Happened)]
        if not facts:
            return
        owed = [
            WebhookDelivery(
                id=new_id(),
                webhook_id=webhook_id,
                conversation_id=fact.conversation_id,
                event=fact.event,
                message_id=fact.message_id,
                detail=dict(fact.detail),
            )
            for webhook_id, events in repository.listening(session)
            for fact in facts
            if fact.event in events
        ]
        if owed:
            session.add_all(owed)
            tell(session, DeliveryOwed())

    def due(self, session: Session) -> bool:
        return bool(repository.due_webhooks(session, now()))

    def take(self, session: Session, busy: dict[str, int]) -> list[Parcel]:
        """What is due, `busy` being how many are under way by webhook."""
        at, parcels = now(), []
        for webhook_id in repository.due_webhooks(session, at):
            free = AT_ONCE - busy.get(webhook_id, 0)
            row = repository.webhook(session, webhook_id)
            if row is None or free <= 0:
                continue
            for owed in repository.take_due(session, webhook_id, at, at + LEASE, free):
                parcels.append(self._parcel(session, row, owed))
        return parcels

    def begin_test(self, session: Session, webhook_id: str) -> Parcel:
        """A delivery that tells nothing of anybody. Raises `NotFound`."""
        row = self._get(session, webhook_id)
        owed = WebhookDelivery(
            id=new_id(),
            webhook_id=row.id,
            event=TEST,
            detail={},
            attempts=1,
            created_at=now(),
            next_at=now() + LEASE,
        )
        session.add(owed)
        session.flush()
        return self._parcel(session, row, owed)

    def finish(self, session: Session, parcel: Parcel, outcome: Outcome) -> None:
        """Write down how an attempt ended. What was erased or removed meanwhile is gone."""
        owed = repository.delivery(session, parcel.id)
        row = repository.webhook(session, parcel.webhook_id, lock=True)
        if owed is None or row is None or owed.state != "pending":
            return
        owed.status, owed.error = outcome.status, outcome.error
        owed.duration_ms = round(outcome.duration_ms, 1)
        again = None if outcome.delivered else after_failure(owed.attempts)
        if outcome.delivered or again is None or owed.event == TEST:
            owed.state = "delivered" if outcome.delivered else "failed"
            owed.finished_at = now()
        else:
            owed.next_at = now() + again
        if owed.event != TEST:
            self._judge(session, row, outcome)

    def tidy(self, session: Session) -> None:
        at = now()
        repository.give_up_older(session, at - OWED_FOR, "too_old", at)
        repository.forget_older(session, at - LOG_KEPT)

    def open_secrets(self, parcel: Parcel) -> list[str]:
        """Raises `Unreadable`."""
        newest, *older = parcel.sealed_secrets
        opened = [self._vault.open(newest)]
        with suppress(Unreadable):  # from before `LINGXI_SECRET` changed: nobody waits for it
            opened += [self._vault.open(sealed) for sealed in older]
        return opened

    @staticmethod
    def _judge(session: Session, row: Webhook, outcome: Outcome) -> None:
        """A webhook that fails for long, or says that it is gone, is told nothing more."""
        if outcome.delivered:
            row.failures, row.failing_since = 0, None
            return
        row.failures += 1
        row.failing_since = row.failing_since or now()
        gone = outcome.status == GONE
        failing = row.failures >= FAILURES and now() - row.failing_since >= FAILING_FOR
        if row.enabled and (gone or failing):
            row.enabled, row.disabled_reason = False, "gone" if gone else "failing"
            record(session, "system", "webhook_disabled", row.id, {"reason": row.disabled_reason})

    @staticmethod
    def _parcel(session: Session, row: Webhook, owed: WebhookDelivery) -> Parcel:
        data: dict[str, Any] = dict(owed.detail)
        found = (
            repository.said(session, owed.conversation_id, owed.message_id)
            if owed.conversation_id
            else None
        )
        if found is not None:
            conversation, visitor, message = found
            data["conversation"] = conversation_of(conversation, visitor).model_dump(mode="json")
            if message is not None:
                data["message"] = message_of(message).model_dump(mode="json")
        until = row.old_secret_until
        sealed: tuple[str, ...] = (row.secret,)
        if row.old_secret is not None and until is not None and until > now():
            sealed = (row.secret, row.old_secret)
        return Parcel(owed.id, row.id, row.url, sealed, owed.event, owed.created_at, data)


GONE = 410
FAILURES = 10
FAILING_FOR = timedelta(hours=6)
"""So many attempts in a row, over so long: a restart of the other side is no reason."""
