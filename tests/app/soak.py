"""``make soak MINUTES=30``: kill -9 behind a faulty network, round after round, figures kept.

Each round has its own seed and a server, customers and kills drawn by it; a broken promise ends the
soak and prints the seed, which ``LINGXI_TEST_SEED`` replays.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from app_faults import FaultProxy, Persistent
from conftest import ROOT, Server, running
from test_faults import arrive, check_all

CUSTOMERS = 20
MESSAGES = 40
KILLS = 5
PATIENCE_S = 600.0
FIGURES = ROOT / "docs" / "reliability.md"


async def one_round(seed: int, totals: Counter[str]) -> None:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as home_name:
        home = Path(home_name)
        server = Server(home, f"sqlite+aiosqlite:///{home / 'lingxi.db'}")
        async with running(server), FaultProxy(dice, server.port) as proxy:
            people = await arrive(server, dice, CUSTOMERS, MESSAGES)
            await write_and_kill(server, proxy, people, dice, totals)
            await check_all(server, people)
        totals["conversations"] += len(people)
        for person in people:
            totals["acknowledged"] += len(person.acked)
            totals["reconnects"] += person.reconnects
            totals["nacks"] += person.nacks
        totals.update({f"connections met {fault}": n for fault, n in proxy.met.items()})


async def write_and_kill(
    server: Server,
    proxy: FaultProxy,
    people: list[Persistent],
    dice: random.Random,
    totals: Counter[str],
) -> None:
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        writers = [tasks.create_task(person.until_acknowledged(proxy.base)) for person in people]
        for _ in range(KILLS):
            await asyncio.sleep(dice.uniform(0.3, 3))
            if all(writer.done() for writer in writers):
                break
            await server.kill()
            totals["kills"] += 1
            await server.start()


async def soak(minutes: float, first_seed: int) -> Counter[str]:
    totals: Counter[str] = Counter()
    until = time.monotonic() + 60 * minutes
    seed = first_seed
    while totals["rounds"] == 0 or time.monotonic() < until:
        print(f"LINGXI_TEST_SEED={seed}", flush=True)
        await one_round(seed, totals)
        totals["rounds"] += 1
        seed += 1
    return totals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("LINGXI_TEST_SEED", 1)))
    parser.add_argument("--keep", action="store_true", help="append the figures to the docs")
    asked = parser.parse_args()
    began = time.monotonic()
    totals = asyncio.run(soak(asked.minutes, asked.seed))
    took = (time.monotonic() - began) / 60
    figures = ", ".join(f"{count} {name}" for name, count in totals.items())
    line = f"- {datetime.now(UTC):%Y-%m-%d}: {took:.1f} minutes from seed {asked.seed}: {figures}; nothing lost, doubled or out of order\n"
    print(line)
    if asked.keep:
        with FIGURES.open("a", encoding="utf-8") as file:
            file.write(line)


if __name__ == "__main__":
    main()
