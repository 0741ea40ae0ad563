"""What runs together: like lengths, the oldest first, shared among workers, nobody left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.engine.batcher import MOST_PADDED, Batcher


class Held:
    """A runner that waits to be let go, and notes what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()
        self._begun = threading.Semaphore(0)

    async def has(self, batches: int) -> None:
        """Wait until so many more have begun."""
        for _ in range(batches):
            await asyncio.to_thread(self._begun.acquire)

    def __call__(self, works: Sequence[int], waited_ms: Sequence[float]) -> list[int]:
        self.batches.append(list(works))
        self._begun.release()
        self.go.wait(5)
        return list(works)


async def ran(sizes: Sequence[int], *, workers: int = 1, items: int = 4) -> list[list[int]]:
    """The batches that texts of so many tokens ran in, submitted while all workers were busy."""
    held = Held()
    batcher: Batcher[int, int] = Batcher(
        held, batch_tokens=400, batch_items=items, workers=workers, queue_tokens=10**6
    )
    await batcher.start()
    busy = [asyncio.create_task(batcher.submit(0, 1)) for _ in range(workers)]
    await held.has(workers)
    waiting = [asyncio.create_task(batcher.submit(size, size)) for size in sizes]
    await asyncio.sleep(0)
    held.go.set()
    assert await asyncio.gather(*waiting) == list(sizes)
    await asyncio.gather(*busy)
    assert batcher.metrics().waiting_tokens == 0
    await batcher.close()
    return held.batches[workers:]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=40))
@settings(deadline=None, max_examples=40)
def test_texts_of_like_lengths_run_together_and_the_oldest_is_always_among_them(
    sizes: list[int],
) -> None:
    batches = asyncio.run(ran(sizes))
    left = list(sizes)
    for batch in batches:
        assert batch[0] == left[0]
        assert len(batch) <= 4
        assert len(batch) == 1 or max(batch) * len(batch) <= MOST_PADDED * sum(batch)
        for size in batch:
            left.remove(size)
    assert not left


def test_what_waits_is_shared_among_idle_workers() -> None:
    async def shared() -> list[list[int]]:
        held = Held()
        batcher: Batcher[int, int] = Batcher(held, workers=2)
        await batcher.start()
        asked = [asyncio.create_task(batcher.submit(size, 10)) for size in range(6)]
        await held.has(2)
        held.go.set()
        await asyncio.gather(*asked)
        await batcher.close()
        return held.batches

    assert sorted(len(batch) for batch in asyncio.run(shared())) == [3, 3]


def test_who_has_left_is_not_run() -> None:
    async def left() -> list[list[int]]:
        held = Held()
        batcher: Batcher[int, int] = Batcher(held, workers=1)
        await batcher.start()
        first = asyncio.create_task(batcher.submit(0, 5))
        await held.has(1)
        gone, stays = (asyncio.create_task(batcher.submit(at, 5)) for at in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        held.go.set()
        await asyncio.gather(first, stays)
        assert batcher.metrics().abandoned == 1
        await batcher.close()
        return held.batches

    assert asyncio.run(left()) == [[0], [2]]
