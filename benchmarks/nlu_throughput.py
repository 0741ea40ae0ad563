"""Understanding under load: messages a second, p99 at half of that, and the event loop's lag.

First as many customers as keep the engine full, for the most it can do; then messages arrive at
random moments at half that rate, while a task that sleeps a millisecond notes how late it wakes.
The baseline is plain transformers in fp32, encoder alone: one by one, and in full batches of 32. The torch runtime is measured first.

    python benchmarks/nlu_throughput.py
"""

from __future__ import annotations

import asyncio
import random
import sys
import time

import numpy as np
import torch
from nlu_latency import RUNTIMES, Plain

from app.cli.settings import load_settings
from nlu.data import load_data
from nlu.engine import Engine
from nlu.types import Overloaded

CUSTOMERS = 64
SECONDS = 5.0
TICK_S = 0.001
WANTED_A_SECOND = 1000
WANTED_P99_MS = 50
WANTED_LAG_MS = 10


async def saturated(engine: Engine, texts: list[str]) -> float:
    """Messages a second when `CUSTOMERS` each ask again as soon as they are answered."""
    done = 0
    until = time.perf_counter() + SECONDS

    async def customer(rng: random.Random) -> None:
        nonlocal done
        while time.perf_counter() < until:
            await engine.parse(rng.choice(texts))
            done += 1

    async with asyncio.TaskGroup() as group:
        for seed in range(CUSTOMERS):
            group.create_task(customer(random.Random(seed)))
    return done / SECONDS


async def paced(
    engine: Engine, texts: list[str], rate: float
) -> tuple[list[float], list[float], int]:
    """Milliseconds of each message and of the loop's lag at `rate` a second; how many refused."""
    times: list[float] = []
    lags: list[float] = []
    refused = 0
    rng = random.Random(0)

    async def ask(text: str) -> None:
        nonlocal refused
        began = time.perf_counter()
        try:
            await engine.parse(text)
        except Overloaded:
            refused += 1
        times.append((time.perf_counter() - began) * 1000)

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            lags.append((time.perf_counter() - began - TICK_S) * 1000)

    watcher = asyncio.create_task(watch())
    due = time.perf_counter()
    until = due + SECONDS
    async with asyncio.TaskGroup() as group:
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(ask(rng.choice(texts)))
            due += rng.expovariate(rate)
    watcher.cancel()
    return times, lags, refused


def plain_rate(plain: Plain, texts: list[str], together: int) -> float:
    rng = random.Random(0)
    done, until, began = 0, time.perf_counter() + SECONDS, time.perf_counter()
    while time.perf_counter() < until:
        plain.encode([f"query: {rng.choice(texts)}" for _ in range(together)])
        done += together
    return done / (time.perf_counter() - began)


async def measure(engine: Engine, texts: list[str]) -> float:
    await engine.start()
    most = await saturated(engine, texts)
    print(f"engine, full                  {most:7.0f} messages a second  ", end="")
    print(f"(wanted {WANTED_A_SECOND}; {engine.metrics().largest_batch} in the largest batch)")
    times, lags, refused = await paced(engine, texts, most / 2)
    print(f"engine, at half of it         p99 {np.percentile(times, 99):7.1f} ms  ", end="")
    print(f"(wanted {WANTED_P99_MS}; {len(times)} messages, {refused} refused)")
    print(f"event-loop lag meanwhile      p99 {np.percentile(lags, 99):7.1f} ms  ", end="")
    print(f"(wanted {WANTED_LAG_MS})")
    await engine.close()
    return most


def main() -> None:
    settings = load_settings()
    if not settings.nlu_model.is_dir():
        sys.exit(f"expected a trained model in {settings.nlu_model}; run `lingxi setup`")
    threads = settings.inference_threads
    torch.set_num_threads(threads)
    texts = [e.text for e in load_data(settings.bot).examples]
    most = 0.0
    for runtime in reversed(RUNTIMES):  # the baseline is beside what serves
        engine = Engine.load(
            *(settings.nlu_model, settings.encoder_folder),
            threads=threads,
            runtime=runtime,
            remembered=0,
        )
        print(f"{engine.runtime}:")
        most = asyncio.run(measure(engine, texts))
    plain = Plain(settings.encoder_folder)
    for together in (1, 32):
        rate = plain_rate(plain, texts, together)
        print(f"plain transformers, {together:2} a batch {rate:7.0f} a second  ", end="")
        print(f"ratio {most / rate:.2f}")


if __name__ == "__main__":
    main()
