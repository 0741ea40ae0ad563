"""What Prometheus scrapes. One registry per application, nothing in module globals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

TURN_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
LAG_EVERY_S = 0.05
LAG_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
ACK_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Histogram(
            "lingxi_turn_seconds",
            "Time from taking a turn to its reply, by route.",
            ["route"],
            buckets=TURN_BUCKETS_S,
            registry=self.registry,
        )
        self.acks = Histogram(
            "lingxi_ack_seconds",
            "Time from a sent message to its commit.",
            buckets=ACK_BUCKETS_S,
            registry=self.registry,
        )
        self.refusals = Counter(
            "lingxi_refusals_total",
            "Events and messages that were refused, by code.",
            ["code"],
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "lingxi_loop_lag_seconds",
            "How late the event loop woke who had asked to be woken.",
            buckets=LAG_BUCKETS_S,
            registry=self.registry,
        )
        self.turn_failures = Counter(
            "lingxi_turn_failures_total",
            "Turns that ended in an apology.",
            registry=self.registry,
        )

        self.webhooks = Counter(
            "lingxi_webhook_deliveries_total",
            "Attempts to tell other programs, by how they ended.",
            ["outcome"],
            registry=self.registry,
        )

    def refused(self, code: str) -> None:
        self.refusals.labels(code).inc()

    async def feel_the_loop(self) -> None:
        """Until cancelled: how late the event loop wakes who asked to be woken."""
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_S)
            self.loop_lag.observe(max(0.0, time.perf_counter() - asked - LAG_EVERY_S))

    def watch(self, name: str, words: str, read: Callable[[], float]) -> None:
        """A gauge that is read when it is scraped."""
        Gauge(name, words, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        return generate_latest(self.registry)
