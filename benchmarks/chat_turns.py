"""Whole turns: from a customer's message on the socket to the bot's answer from the knowledge.

    python benchmarks/chat_turns.py --rates 50 200 --seconds 20

The shop bot with its real understanding and knowledge (run `lingxi setup` before). Questions of its
own FAQ arrive evenly at each rate from `--customers` conversations, whatever the answers do; then
the event loop's lag while it worked, from /metrics. No text comes twice, as people say one thing in
many ways and what was asked lately is not encoded again (the question inside, which the search reads
without its greeting, does come again, as it does in life); `--again` asks the same texts over and over,
as tapped suggestions do. Baseline: the same from a bare FastAPI echo.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
from load import (
    ROOT,
    Kind,
    Line,
    hello,
    new_home,
    percentile,
    raise_the_limit,
    run,
    seed,
    serving,
    spread,
)
from ruamel.yaml import YAML

WANTED_MS = (15, 60)
WANTED_LAG_MS = 10
PATIENCE_S = 5.0
NUMBERS = itertools.count()
OPENINGS = ("", "你好，", "请问", "亲，", "问一下", "我想问，")
ENDINGS = ("", "？", "啊", "呀", "。", "！")


class Customer:
    def __init__(self, line: Line, ours: bool) -> None:
        self._line = line
        self._ours = ours
        self._asked: list[float] = []
        self.times: list[float] = []
        self.routes: dict[str, int] = {}
        line.hear = self._hear

    @property
    def waits(self) -> bool:
        return bool(self._asked)

    def ask(self, question: str) -> None:
        self._asked.append(time.perf_counter())
        id_ = f"question-{next(NUMBERS)}"
        self._line.send({"type": "send", "client_msg_id": id_, "content": {"text": question}})

    def _hear(self, payload: bytes) -> None:
        event: dict[str, Any] = orjson.loads(payload)
        if self._ours:
            if event["type"] != "message" or event["message"]["author"]["type"] != "bot":
                return
            source = str(event["message"]["content"]["source"])
            self.routes[source] = self.routes.get(source, 0) + 1
        elif event["type"] != "send":
            return
        now = time.perf_counter()
        self.times += [now - began for began in self._asked]
        self._asked.clear()


def questions() -> list[str]:
    """One of each entry, as the shop's FAQ has them."""
    entries = itertools.chain.from_iterable(
        YAML(typ="safe").load(path) for path in sorted((ROOT / "bots/shop/faq").glob("*.yml"))
    )
    return [next(iter(entry["questions"].values()))[0] for entry in entries]


def said(again: bool) -> Iterator[str]:
    """The questions in turn; each time in other words unless `again`."""
    asked = questions()
    if again:
        return itertools.cycle(asked)
    ways = itertools.cycle(itertools.product(ENDINGS, OPENINGS))
    return (opening + question + ending for ending, opening in ways for question in asked)


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


async def paced(
    customers: list[Customer], asked: Iterator[str], rate: float, seconds: float
) -> int:
    """How many were asked; a customer who still waits is not asked again."""
    idle, count = itertools.cycle(customers), 0
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        customer = next(idle)
        if not customer.waits:
            customer.ask(next(asked))
            count += 1
    until = time.perf_counter() + PATIENCE_S
    while any(customer.waits for customer in customers):
        if time.perf_counter() > until:
            break
        await asyncio.sleep(0.05)
    return count


def lag_p99_ms(port: int) -> float:
    """From the histogram since the server began: the bound that 99 of 100 wakings kept."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    found = re.findall(r'lingxi_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text)
    whole = float(found[-1][1])
    return next(float(bound) for bound, count in found if float(count) >= 0.99 * whole) * 1000


async def measure(kind: Kind, home: Path, tokens: list[str | None], options: Any) -> list[float]:
    p50s = []
    with serving(kind, home) as server:
        customers = await arrive(server.port, tokens)
        asked = said(options.again)
        await paced(customers, asked, 20, 5)  # warm
        for rate in options.rates:
            for customer in customers:
                customer.times.clear()
                customer.routes.clear()
            before = server.cpu_s
            count = await paced(customers, asked, rate, options.seconds)
            times = [t for customer in customers for t in customer.times]
            cpu = (server.cpu_s - before) / max(1, len(times)) * 1000
            p50s.append(percentile(times, 0.5))
            print(
                f"{kind:<5} at {rate:4.0f}/s: answered {len(times):5} of {count:5} ({options.seconds * rate:.0f} due)  "
                f"{spread(times)}  {cpu:5.2f} ms of CPU each",
                flush=True,
            )
        if kind == "real":
            print(f"event loop's lag: 99 of 100 within {lag_p99_ms(server.port):g} ms")
    return p50s


async def main(options: argparse.Namespace, home: Path, tokens: list[str]) -> None:
    echo = await measure("echo", home, [None for _ in tokens], options)
    ours = await measure("real", home, [*tokens], options)
    ratios = ", ".join(
        f"{a / b:.0f}x at {rate:.0f}/s"
        for a, b, rate in zip(ours, echo, options.rates, strict=True)
    )
    print(
        f"p50 beside the echo: {ratios}; goal p50 {WANTED_MS[0]} ms and p99 {WANTED_MS[1]} ms at 50/s, "
        f"200/s sustained, lag {WANTED_LAG_MS} ms"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--rates", type=float, nargs="*", default=[50, 200])
    asked = parser.parse_args()
    raise_the_limit()
    with new_home() as folder:
        run(main(asked, folder, seed(folder, asked.customers)))
