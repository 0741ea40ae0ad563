"""Delivers what is owed, in the background, each in its own time; at least once, with an id that
stays the same so that the other side can tell a second time from a first."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import orjson
import structlog
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import DatabaseUnavailable
from app.metrics import Metrics
from app.vault import Unreadable
from app.webhooks.sender import Sender
from app.webhooks.service import WebhookService
from app.webhooks.signature import signed
from app.webhooks.types import Outcome, Parcel

LOOK_EVERY_S = 2.0
TIDY_EVERY_S = 3600.0

log = structlog.get_logger(__name__)


class Courier:
    def __init__(
        self, database: Database, webhooks: WebhookService, sender: Sender, metrics: Metrics
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._sender = sender
        self._metrics = metrics
        self._wake = asyncio.Event()
        self._busy: Counter[str] = Counter()

    async def close(self) -> None:
        await self._sender.close()

    def wake(self) -> None:
        """Something may be owed. Cheap, and safe to call often."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is delivered by the next one who looks."""
        tidied = -TIDY_EVERY_S
        async with asyncio.TaskGroup() as deliveries:
            while True:
                self._wake.clear()
                try:
                    for parcel in await self._take():
                        self._busy[parcel.webhook_id] += 1
                        deliveries.create_task(self._deliver(parcel))
                    if time.monotonic() - tidied > TIDY_EVERY_S:
                        tidied = time.monotonic()
                        await self._database.write(self._webhooks.tidy)
                except DatabaseUnavailable as error:
                    log.warning("webhooks_wait_for_database", code=error.code)
                await self._something_to_do()

    async def test(self, webhook_id: str) -> Outcome:
        """Tell it something now, whether or not it is switched on. Raises `NotFound`."""
        parcel = await self._database.write(lambda s: self._webhooks.begin_test(s, webhook_id))
        outcome = await self._send(parcel)
        await self._database.write(lambda s: self._webhooks.finish(s, parcel, outcome))
        return outcome

    async def _something_to_do(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _take(self) -> list[Parcel]:
        if not await self._database.read(self._webhooks.due):
            return []
        busy = dict(self._busy)

        def work(session: Session) -> list[Parcel]:
            return self._webhooks.take(session, busy)

        return await self._database.write(work)

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            outcome = await self._send(parcel)
            self._metrics.webhooks.labels(outcome.error or "delivered").inc()
            await self._database.write(lambda s: self._webhooks.finish(s, parcel, outcome))
        except DatabaseUnavailable as error:  # its lease ends, and it is told again
            log.warning("webhook_not_noted", delivery=parcel.id, code=error.code)
        finally:
            self._busy[parcel.webhook_id] -= 1
            self.wake()

    async def _send(self, parcel: Parcel) -> Outcome:
        body = orjson.dumps(
            {"type": parcel.event, "timestamp": parcel.created_at, "data": parcel.data}
        )
        try:
            secrets = self._webhooks.open_secrets(parcel)
        except Unreadable:
            return Outcome(None, "secret_unreadable")
        headers = {
            "content-type": "application/json",
            "user-agent": "Lingxi-Webhooks",
            **signed(secrets, parcel.id, int(time.time()), body),
        }
        outcome = await self._sender.post(parcel.url, headers, body)
        log.info(
            "webhook_sent",
            webhook=parcel.webhook_id,
            delivery=parcel.id,
            status=outcome.status,
            error=outcome.error,
        )
        return outcome
