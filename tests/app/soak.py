"""``make soak MINUTES=30``: one misfortune after another behind a faulty network, figures kept.

Each round has its own seed and a server, customers and misfortunes drawn by it: kill -9, SIGTERM, a
locked database, a full disk. A broken promise ends the soak and prints the seed, which
``LINGXI_TEST_SEED`` replays.

``--kills 200`` draws nothing but deaths, at moments drawn beforehand (app_kills.py), on a good
network: twenty rounds of ten under fifty conversations each.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import app_client
from app_faults import FAULTS, FaultProxy, Persistent
from app_kills import Mortal, die_through
from conftest import ROOT, Server, running
from test_faults import arrive, check_all

LONGEST_LOCK_S = 30.0
PATIENCE_S = 600.0
ANSWER_S = 300.0
"""What is not answered then is not owed to a machine that is shared with others."""
MISFORTUNES_A_ROUND = 8
SELDOM_S = 3.0
"""The longest time between two."""
FIGURES = ROOT / "docs" / "reliability.md"


Misfortune = Callable[[Server, random.Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Weather:
    """What befalls everybody who writes through a round."""

    customers: int
    messages: int
    network: tuple[str, ...]
    server: type[Server]
    write_through: Callable[..., Awaitable[None]]


async def one_round(seed: int, weather: Weather, totals: Counter[str]) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as home_name:
        home = Path(home_name)
        server = weather.server(home, f"sqlite+aiosqlite:///{home / 'lingxi.db'}")
        async with running(server), FaultProxy(dice, server.port, weather.network) as proxy:
            people = await arrive(server, dice, weather.customers, weather.messages)
            await weather.write_through(server, proxy, people, dice, totals)
            totals["handed to a human"] += await check_all(server, people)
        totals["conversations"] += len(people)
        for person in people:
            totals["acknowledged"] += len(person.acked)
            totals["reconnects"] += person.reconnects
            totals["nacks"] += person.nacks
        totals.update({f"connections met {fault}": n for fault, n in proxy.met.items()})


async def killed(server: Server, dice: random.Random) -> None:
    await server.kill()
    await server.start()


async def stopped(server: Server, dice: random.Random) -> None:
    assert await server.stop() in (0, -signal.SIGTERM), "it ends by itself, in time"
    await server.start()


async def locked(server: Server, dice: random.Random) -> None:
    """Somebody else writes, and takes their time."""
    seconds = dice.uniform(1, LONGEST_LOCK_S)
    with closing(sqlite3.connect(server.home / "lingxi.db", isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout = 10000")
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)


async def full(server: Server, dice: random.Random) -> None:
    """No file of the server's may grow for a while."""
    bound = (server.home / "lingxi.db-wal").stat().st_size
    free = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (bound, free[1]))
    await asyncio.sleep(dice.uniform(0.5, 5))
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, free)


MISFORTUNES: tuple[Misfortune, ...] = (killed, killed, stopped, locked, full)


async def suffer_through(
    server: Server,
    proxy: FaultProxy,
    people: list[Persistent],
    dice: random.Random,
    totals: Counter[str],
) -> None:
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        writers = [tasks.create_task(person.until_acknowledged(proxy.base)) for person in people]
        for _ in range(MISFORTUNES_A_ROUND):
            await asyncio.sleep(dice.uniform(0.1, 1) * SELDOM_S)
            if all(writer.done() for writer in writers):
                break
            befall = dice.choice(MISFORTUNES)
            totals[befall.__name__] += 1
            await befall(server, dice)


BAD = Weather(20, 40, FAULTS, Mortal, suffer_through)
DEADLY = Weather(50, 25, ("none",), Mortal, die_through)


async def soak(
    weather: Weather, first_seed: int, enough: Callable[[Counter[str]], bool]
) -> Counter[str]:
    totals: Counter[str] = Counter()
    seed = first_seed
    while totals["rounds"] == 0 or not enough(totals):
        print(f"LINGXI_TEST_SEED={seed}", dict(totals), flush=True)
        await one_round(seed, weather, totals)
        totals["rounds"] += 1
        seed += 1
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("LINGXI_TEST_SEED", 1)))
    parser.add_argument("--kills", type=int, help="nothing but kill -9, so many times")
    parser.add_argument("--keep", action="store_true", help="append the figures to the docs")
    asked = parser.parse_args()
    app_client.PATIENCE_S = ANSWER_S
    began = time.monotonic()
    weather, enough = BAD, lambda _: time.monotonic() > began + 60 * asked.minutes
    if asked.kills:
        weather, enough = DEADLY, lambda totals: totals["killed"] >= asked.kills
    totals = asyncio.run(soak(weather, asked.seed, enough))
    took = (time.monotonic() - began) / 60
    figures = ", ".join(f"{count} {name}" for name, count in totals.items())
    line = f"- {datetime.now(UTC):%Y-%m-%d}: {took:.1f} minutes from seed {asked.seed}: {figures}; nothing lost, doubled or out of order\n"
    print(line)
    if asked.keep:
        with FIGURES.open("a", encoding="utf-8") as file:
            file.write(line)


if __name__ == "__main__":
    main()
