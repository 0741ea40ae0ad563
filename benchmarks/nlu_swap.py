"""Ten hot swaps of the model under traffic: no request dropped, memory flat.

The baseline is the growth of the same traffic without a swap, measured first in the same process.

    python benchmarks/nlu_swap.py
"""

from __future__ import annotations

import asyncio
import gc
import sys

import psutil

from app.cli.settings import load_settings
from app.config import Settings
from nlu.engine import Engine

SWAPS = 10
CUSTOMERS = 8
TEXTS = ("你好，我要退货，单号 A1002", "where is my order", "运费多少钱", "转人工")
CALM_S = 2.0
WANTED_MIB = 900


def resident_mib() -> float:
    gc.collect()
    memory: int = psutil.Process().memory_info().rss
    return memory / 2**20


async def measure(engine: Engine, settings: Settings) -> None:
    await engine.start()
    answered = failed = 0
    is_open = True

    async def customer(at: int) -> None:
        nonlocal answered, failed
        while is_open:
            try:
                await engine.parse(TEXTS[at % len(TEXTS)])
                answered += 1
            except Exception as error:  # whatever it is, a customer went without an answer
                failed += 1
                print(f"  {type(error).__name__}: {error}")

    async with asyncio.TaskGroup() as group:
        for at in range(CUSTOMERS):
            group.create_task(customer(at))
        await asyncio.sleep(CALM_S)
        first = resident_mib()
        await asyncio.sleep(CALM_S)
        before = resident_mib()
        print(f"traffic alone      {before:7.0f} MiB  ({before - first:+.1f} in {CALM_S:g} s)")
        for number in range(1, SWAPS + 1):
            await engine.swap(settings.nlu_model)
            await asyncio.sleep(CALM_S / SWAPS)
            print(f"after swap {number:2}      {resident_mib():7.0f} MiB")
        after = resident_mib()
        is_open = False
    await engine.close()
    print(f"growth over {SWAPS} swaps {after - before:+7.1f} MiB   (wanted under {WANTED_MIB} MiB)")
    print(f"answered {answered}, dropped {failed}")


def main() -> None:
    settings = load_settings()
    if not settings.nlu_model.is_dir():
        sys.exit(f"expected a trained model in {settings.nlu_model}; run `lingxi setup`")
    engine = Engine.load(
        settings.nlu_model,
        settings.encoder_folder,
        threads=settings.inference_threads,
        remembered=0,
    )
    asyncio.run(measure(engine, settings))


if __name__ == "__main__":
    main()
