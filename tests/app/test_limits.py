"""A rate is one rate, however many workers count."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from app_client import PATIENCE_S
from conftest import RedisServer
from redis.asyncio import Redis
from redis.exceptions import ConnectionError

from app import limits
from app.errors import RateLimited
from app.limits import RateLimits, SeldomSwept, network_of


async def listening(server: RedisServer) -> None:
    async with asyncio.timeout(PATIENCE_S), Redis.from_url(server.url) as client:
        while True:
            with contextlib.suppress(ConnectionError):
                await client.ping()
                return
            await asyncio.sleep(0.05)


async def test_two_workers_count_together_and_alone_when_redis_is_away(redis: RedisServer) -> None:
    await listening(redis)
    workers = [RateLimits({"send": "3 per hour"}, redis.url) for _ in range(2)]
    for turn in range(3):
        await workers[turn % 2].check("send", "mei")
    for worker in workers:
        with pytest.raises(RateLimited) as refused:
            await worker.check("send", "mei")
        assert refused.value.retry_after_s > 3000
    await workers[0].check("send", "another")
    redis.kill()
    for _ in range(3):
        await workers[1].check("send", "mei")
    with pytest.raises(RateLimited):
        await workers[1].check("send", "mei")


async def hit(storage: SeldomSwept, key: str) -> None:
    """Count one, and let the sweep that it may have begun end."""
    await storage.acquire_entry(key, 1_000, 1)
    sweep = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*sweep)


async def sweeps_of(storage: SeldomSwept, hits: int) -> int:
    sweeps = set()
    for _ in range(hits):
        await hit(storage, "mei")
        sweeps.add(id(storage.timer))
    return len(sweeps)


async def test_what_has_expired_is_swept_seldom_and_not_after_every_hit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await sweeps_of(SeldomSwept(), 5) == 1
    monkeypatch.setattr(limits, "SWEEP_EVERY_S", 0)
    storage = SeldomSwept()
    await hit(storage, "mei")
    await asyncio.sleep(1.1)
    await hit(storage, "another")
    assert "mei" not in storage.events


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::2%eth0"),
    ],
)
def test_who_has_many_addresses_is_counted_as_one(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


def test_neighbours_are_counted_apart() -> None:
    hosts = ("192.0.2.1", "192.0.2.2", "2001:db8:1:2::1", "2001:db8:1:3::1", "")
    assert len({network_of(host) for host in hosts}) == len(hosts)
