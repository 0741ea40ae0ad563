"""Idle sockets: memory of each, and how soon all are back when the server was killed.

    python benchmarks/chat_idle.py --sockets 10000

Every socket is a customer's with a greeted conversation. Then the server is killed and started
again on its port; all come back at once, as widgets do but without their patience, and each must
get the message it has missed. The baseline is the same with a bare FastAPI echo.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

import orjson
from load import Kind, Line, hello, new_home, raise_the_limit, run, seed, serving, spread

WANTED_KIB = 40
WANTED_S = 20
AT_ONCE = 256
KNOCK_TOGETHER = 64
AGAIN_AFTER_S = 0.1


class Visitor:
    def __init__(self, token: str | None) -> None:
        self._token = token
        self._epoch: str | None = None
        self.took_s = 0.0
        self.line: Line

    async def come(self, port: int, seen: int, wanted: int) -> None:
        """Connect, however often it takes, and hear all up to `wanted` after `seen`."""
        began = time.perf_counter()
        while True:
            try:
                self.line = await Line.to(port)
                break
            except OSError:
                await asyncio.sleep(AGAIN_AFTER_S)
        there = asyncio.get_running_loop().create_future()

        def hear(payload: bytes) -> None:
            event = orjson.loads(payload)
            if event["type"] == "welcome":
                self._epoch = event["epoch"]
            seq = event["message"]["seq"] if event["type"] == "message" else seen
            if not there.done() and (self._token is None or seq == wanted):
                there.set_result(None)

        self.line.hear = hear
        self.line.send(hello(self._token or "", last_seq=seen, epoch=self._epoch))
        await there
        self.took_s = time.perf_counter() - began


async def all_come(
    visitors: list[Visitor], port: int, seen: int, wanted: int, at_once: int
) -> float:
    turn = asyncio.Semaphore(at_once)

    async def come(visitor: Visitor) -> None:
        async with turn:
            await visitor.come(port, seen, wanted)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number, visitor in enumerate(visitors):
            tasks.create_task(come(visitor))
            if number % KNOCK_TOGETHER == 0:  # else none could say hello before all have knocked
                await asyncio.sleep(0)
    return time.perf_counter() - began


async def measure(kind: Kind, home: Path, tokens: list[str | None]) -> tuple[float, float]:
    """(KiB a socket, seconds until all were back)."""
    visitors = [Visitor(token) for token in tokens]
    with serving(kind, home) as server:
        port = server.port
        await all_come(
            visitors[:50], port, 1, 1, AT_ONCE
        )  # what the first ones load is no socket's
        before = server.rss_kib
        took = await all_come(visitors[50:], port, 1, 1, AT_ONCE)
        await asyncio.sleep(3)
        kib = (server.rss_kib - before) / (len(visitors) - 50)
        whole = server.rss_kib / 1024
    print(
        f"{kind:<5} {len(visitors)} idle sockets: {kib:5.1f} KiB each, {whole:.0f} MiB in all; "
        f"came {len(visitors) / took:.0f} a second",
        flush=True,
    )
    with serving(kind, home, port) as server:
        took = await all_come(visitors, port, 1, 2, len(visitors))
        times = [visitor.took_s for visitor in visitors]
        print(f"{kind:<5} storm: all back in {took:.1f} s; {spread(times)}", flush=True)
    return kib, took


async def main(home: Path, tokens: list[str]) -> None:
    echo_kib, echo_s = await measure("echo", home, [None for _ in tokens])
    kib, seconds = await measure("ours", home, [*tokens])
    print(
        f"ours / echo: memory {kib / echo_kib:.2f}, storm {seconds / echo_s:.2f}; "
        f"goal {WANTED_KIB} KiB, {WANTED_S} s"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sockets", type=int, default=10_000)
    asked = parser.parse_args()
    raise_the_limit()
    with new_home() as folder:
        run(main(folder, seed(folder, asked.sockets, messages=2)))
