"""Slow readers beside quick ones: who does not read is bounded, then closed; the others never feel it.

    python benchmarks/chat_slow.py --quick 100 --slow 1000

Each quick customer writes long messages to a scripted bot and hears long answers; each has further
tabs that never read a byte. First without those tabs, a third as long, then with them, until all of
them must have been closed. Figures: the quick ones' times to an acknowledgement, the server's memory,
and how the slow ones ended. Baseline: the first round. It takes a minute and a half.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import socket
import time
from collections import Counter
from pathlib import Path

import orjson
from load import (
    Line,
    Serving,
    hello,
    new_home,
    percentile,
    raise_the_limit,
    run,
    seed,
    serving,
    spread,
)

TEXT = "echo " + "a long message " * 200
SMALL_BUFFER = 4096
COME_TOGETHER = 50
ENDED_WITHIN_S = 5.0
ENDS = {
    1013: "closed as slow readers",
    1011: "closed as no ping was answered",
}


class Tab:
    """A quick one: sends again as soon as it is acknowledged, at most so often a second."""

    def __init__(self, line: Line, pause_s: float) -> None:
        self._line = line
        self._pause_s = pause_s
        self._sent = 0.0
        self._numbers = itertools.count()
        self.times: list[float] = []
        self.going = True
        line.hear = self._hear

    def send(self) -> None:
        if not self.going:
            return
        self._sent = time.perf_counter()
        id_ = f"quick-{id(self):x}-{next(self._numbers)}"
        self._line.send({"type": "send", "client_msg_id": id_, "content": {"text": TEXT}})

    def _hear(self, payload: bytes) -> None:
        event = orjson.loads(payload)
        if event["type"] in ("ack", "nack"):
            self.times.append(time.perf_counter() - self._sent)
            asyncio.get_running_loop().call_later(self._pause_s, self.send)


async def slow_tab(port: int, token: str) -> Line:
    """Says hello, and reads no more once it is welcomed."""
    loop = asyncio.get_running_loop()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    raw.setblocking(False)
    await loop.sock_connect(raw, ("127.0.0.1", port))
    _, line = await loop.create_connection(Line, sock=raw)
    await line.open
    welcome = loop.create_future()
    line.hear = lambda _: welcome.done() or welcome.set_result(None)
    line.send(hello(token))
    await welcome
    line.transport.pause_reading()
    return line


def end_of(line: Line) -> str:
    if line.close_code is not None:
        return ENDS.get(line.close_code, str(line.close_code))
    return "cut off, with what they had not read" if line.ended.done() else "open"


async def slow_tabs(port: int, tokens: list[str], count: int) -> list[Line]:
    """So many, some of them at a time."""
    slow: list[Line] = []
    owners = itertools.cycle(tokens)
    while len(slow) < count:
        some = itertools.islice(owners, min(COME_TOGETHER, count - len(slow)))
        slow += await asyncio.gather(*(slow_tab(port, token) for token in some))
    return slow


async def round_of(tabs: list[Tab], seconds: float, server: Serving) -> tuple[list[float], float]:
    """(times of acknowledgements, the most MiB the server had meanwhile)."""
    for tab in tabs:
        tab.times.clear()
        tab.going = True
        tab.send()
    most, until = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        await asyncio.sleep(0.5)
        most = max(most, server.rss_kib / 1024)
    for tab in tabs:
        tab.going = False
    return [t for tab in tabs for t in tab.times], most


async def main(options: argparse.Namespace, home: Path, tokens: list[str]) -> None:
    with serving("ours", home) as server:
        tabs = []
        for token in tokens:
            line = await Line.to(server.port)
            line.send(hello(token))
            tabs.append(Tab(line, options.pause))
        before, least = await round_of(tabs, options.seconds / 3, server)
        print(
            f"baseline: {len(tabs)} quick alone     {spread(before)}  {least:.0f} MiB", flush=True
        )
        slow = await slow_tabs(server.port, tokens, options.slow)
        during, most = await round_of(tabs, options.seconds, server)
        print(
            f"ours: beside {len(slow)} slow readers  {spread(during)}  {most:.0f} MiB", flush=True
        )
        for line in slow:
            if not line.transport.is_closing():
                line.transport.resume_reading()
        await asyncio.wait([line.ended for line in slow], timeout=ENDED_WITHIN_S)
        print(
            f"slow readers: {dict(Counter(end_of(line) for line in slow))}; {(most - least) * 1024 / len(slow):.0f} KiB each at most"
        )
        print(
            f"quick ones' p99 {percentile(during, 0.99) / percentile(before, 0.99):.2f} of the baseline"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", type=int, default=100)
    parser.add_argument("--slow", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between a tab's messages")
    asked = parser.parse_args()
    raise_the_limit()
    with new_home() as folder:
        run(main(asked, folder, seed(folder, asked.quick)))
