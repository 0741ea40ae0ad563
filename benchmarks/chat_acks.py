"""Acknowledged messages a second: each ack means that the message is on the disk (fsync).

    python benchmarks/chat_acks.py --customers 128 --seconds 10

Customers each send the next message as soon as the last one is acknowledged; first with a human's
desk behind them, so that only the message is counted, then with a bot (scripted) that answers each.
Then messages come at a steady rate, for the latency at it. Baselines in the same run: a bare
FastAPI echo, which keeps nothing, and one commit with fsync after the other in the same SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import orjson
from load import Line, hello, new_home, raise_the_limit, run, seed, serving, spread

WARM_S = 2.0
WANTED_A_SECOND = 2_000
WANTED_P99_MS = 50
TEXT = "Where is my parcel? I ordered it a week ago."


class Customer:
    """Sends, and notes how long each acknowledgement took."""

    def __init__(self, line: Line, ours: bool) -> None:
        self._line = line
        self._ours = ours
        self._sent: dict[str, float] = {}
        self._numbers = itertools.count()
        self.times: list[float] = []
        self.refused = 0
        self.replies = 0
        self.then: Callable[[], None] = lambda: None
        line.hear = self._hear

    def send(self) -> None:
        id_ = f"{id(self):x}-{next(self._numbers)}"
        self._sent[id_] = time.perf_counter()
        self._line.send({"type": "send", "client_msg_id": id_, "content": {"text": TEXT}})

    def _hear(self, payload: bytes) -> None:
        event = orjson.loads(payload)
        if event["type"] == "message" and event["message"]["author"]["type"] == "bot":
            self.replies += 1
        if event["type"] not in ("ack", "nack", "send"):
            return
        self.refused += event["type"] == "nack"
        self.times.append(time.perf_counter() - self._sent.pop(event["client_msg_id"]))
        self.then()


async def arrive(port: int, tokens: list[str | None]) -> list[Customer]:
    customers = []
    for token in tokens:
        line = await Line.to(port)
        if token is not None:
            welcome = asyncio.get_running_loop().create_future()
            line.hear = lambda _, welcome=welcome: welcome.done() or welcome.set_result(None)
            line.send(hello(token))
            await welcome
        customers.append(Customer(line, token is not None))
    return customers


async def saturated(customers: list[Customer], seconds: float) -> tuple[float, list[float]]:
    """Everybody sends again when the last one is acknowledged: (messages a second, times)."""
    until = time.perf_counter() + seconds
    for customer in customers:
        customer.times.clear()
        customer.then = lambda c=customer: c.send() if time.perf_counter() < until else None
        customer.send()
    await asyncio.sleep(seconds)
    times = [t for customer in customers for t in customer.times]
    await asyncio.sleep(1)
    return len(times) / seconds, times


async def paced(customers: list[Customer], rate: float, seconds: float) -> list[float]:
    for customer in customers:
        customer.times.clear()
        customer.then = lambda: None
    began = time.perf_counter()
    for number, customer in zip(
        range(int(rate * seconds)), itertools.cycle(customers), strict=False
    ):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        customer.send()
    await asyncio.sleep(2)
    return [t for customer in customers for t in customer.times]


def fsyncs_a_second(home: Path, seconds: float = 2.0) -> float:
    with closing(sqlite3.connect(home / "fsync.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE messages (text)")
        count, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            database.execute("INSERT INTO messages VALUES (?)", (TEXT,))
            count += 1
    return count / seconds


def line(name: str, a_second: float, times: list[float], more: str = "") -> None:
    print(f"{name:<34} {a_second:7.0f}/s  {spread(times)}  {more}", flush=True)


async def main(options: argparse.Namespace, tokens: dict[str, list[str]], home: Path) -> None:
    with serving("echo", home) as server:
        customers = await arrive(server.port, [None] * options.customers)
        echo, times = await saturated(customers, options.seconds)
    line("baseline: bare FastAPI echo", echo, times)
    fsync = fsyncs_a_second(home)
    print(f"{'baseline: one fsync each':<34} {fsync:7.0f}/s", flush=True)
    with serving("ours", home) as server:
        customers = await arrive(server.port, [*tokens["queued"]])
        await saturated(customers, WARM_S)
        before = server.cpu_s
        ours, times = await saturated(customers, options.seconds)
        cpu_ms = (server.cpu_s - before) / len(times) * 1000
        line("ours: kept, for a human", ours, times, f"{cpu_ms:.2f} ms of CPU each")
        for rate in options.rates:
            times = await paced(customers, rate, options.seconds)
            line(f"ours: kept, at {rate:.0f} a second", len(times) / options.seconds, times)
        bots = await arrive(server.port, [*tokens["bot"]])
        await saturated(bots, WARM_S)
        before = server.cpu_s
        answered, times = await saturated(bots, options.seconds)
        cpu_ms = (server.cpu_s - before) / len(times) * 1000
        replies = sum(bot.replies for bot in bots)
        line(
            "ours: kept and answered", answered, times, f"{replies} replies, {cpu_ms:.2f} ms of CPU"
        )
        refused = sum(customer.refused for customer in [*customers, *bots])
    print(
        f"ours / echo {ours / echo:.2f}; ours / one fsync each {ours / fsync:.2f}; refused {refused}; "
        f"goal {WANTED_A_SECOND}/s, p99 under {WANTED_P99_MS} ms"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=128)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rates", type=float, nargs="*", default=[500, 1000])
    asked = parser.parse_args()
    raise_the_limit()
    with new_home() as folder:
        people = {owner: seed(folder, asked.customers, owner=owner) for owner in ("queued", "bot")}
        run(main(asked, people, folder))
