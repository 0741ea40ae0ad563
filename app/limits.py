"""Rate limits, shared by all workers when there is Redis."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from typing import Any

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from app.errors import RateLimited

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 60.0
HOME_BITS = 64
"""What a provider hands to one customer: they may write from any of its addresses."""


def network_of(host: str) -> str:
    """What a stranger cannot change at will: an address, of the newer kind its network.

    Example: ``2001:db8::7`` counts as ``2001:db8::/64``, ``::ffff:192.0.2.1`` as ``192.0.2.1``.
    """
    try:
        ip = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, HOME_BITS), strict=False))


class _Sweep:
    """The storage's task that drops what has expired; called done only when another is due."""

    def __init__(self, task: asyncio.Task[None]) -> None:
        self._task = task
        self._due = time.monotonic() + SWEEP_EVERY_S

    def done(self) -> bool:
        return self._task.done() and time.monotonic() > self._due

    def cancel(self) -> None:
        self._task.cancel()


class SeldomSwept(MemoryStorage):
    """The library begins its next sweep with the first hit after the last, and hands every key of
    it to a thread: under load it never ends."""

    _sweep: _Sweep | None = None

    @property
    def timer(self) -> Any:
        return self._sweep

    @timer.setter
    def timer(self, task: asyncio.Task[None] | None) -> None:
        self._sweep = None if task is None else _Sweep(task)


class RateLimits:
    """Counts by name and key, e.g. ("send", visitor id), in a moving window."""

    def __init__(self, rates: dict[str, str], redis_url: str | None = None) -> None:
        """`rates` by name, e.g. ``{"send": "20 per 10 seconds"}``. Raises `ValueError`."""
        self._items: dict[str, RateLimitItem] = {name: parse(rate) for name, rate in rates.items()}
        self._local = MovingWindowRateLimiter(SeldomSwept())
        self._shared: MovingWindowRateLimiter | None = None
        if redis_url:
            storage: Storage = RedisStorage(f"async+{redis_url}", implementation="redispy")
            self._shared = MovingWindowRateLimiter(storage)

    async def check(self, name: str, key: str, code: str | None = None) -> None:
        """Count one. Raises `RateLimited` with the seconds until the next is allowed."""
        if self._shared is not None:
            try:
                return await self._count(self._shared, name, key, code)
            except (RedisError, OSError, TimeoutError):
                log.warning("limits_are_local", reason="redis is away")
        await self._count(self._local, name, key, code)

    async def _count(
        self, limiter: MovingWindowRateLimiter, name: str, key: str, code: str | None
    ) -> None:
        item = self._items[name]
        if await limiter.hit(item, name, key):
            return
        stats = await limiter.get_window_stats(item, name, key)
        wait = max(0.5, stats.reset_time - time.time())
        raise RateLimited(code, retry_after_s=round(wait, 1), seconds=max(1, round(wait)))
