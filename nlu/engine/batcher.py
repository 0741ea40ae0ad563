"""A bounded queue whose work runs in batches, by token budget with padding counted.

It knows nothing of models: a batch is handed to `run` in a worker thread, and comes back as one
result for each item. Work whose caller has left is skipped; a batch that fails tells each of its
waiters; a full queue refuses at once with `Overloaded`. Modelled on text-embeddings-inference's
queue.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from nlu.types import EngineMetrics, Overloaded

MOST_PADDED = 1.33
"""A batch is at most so many times what its texts are by themselves."""
LOOK_AHEAD = 4
"""Of so many batches that wait, the texts of like lengths are run together."""

Work = TypeVar("Work")
Result = TypeVar("Result")


class EngineClosedError(RuntimeError):
    """The engine is draining or closed and takes no more work."""


@dataclass(slots=True)
class _Waiting(Generic[Work, Result]):
    work: Work
    tokens: int
    future: asyncio.Future[Result]
    since: float = field(default_factory=time.perf_counter)


class Batcher(Generic[Work, Result]):
    """`submit` waits for one item's result; `start` and `close` own the task that runs batches."""

    def __init__(
        self,
        run: Callable[[Sequence[Work], Sequence[float]], Sequence[Result]],
        *,
        batch_tokens: int = 2048,
        batch_items: int = 32,
        queue_tokens: int = 65_536,
        workers: int = 2,
    ) -> None:
        """`run` gets the items and the milliseconds that each waited."""
        self._run = run
        self._batch_tokens = batch_tokens
        self._batch_items = batch_items
        self._workers = workers
        self._look_ahead = LOOK_AHEAD * batch_items
        self._queue_tokens = queue_tokens
        self._queue: deque[_Waiting[Work, Result]] = deque()
        self._arrived = asyncio.Event()
        self._slots = asyncio.Semaphore(workers)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="nlu")
        self._running: set[asyncio.Task[None]] = set()
        self._owner: asyncio.Task[None] | None = None
        self._closing = False
        self._m = EngineMetrics()

    async def start(self) -> None:
        if self._owner is None:
            self._owner = asyncio.create_task(self._serve(), name="nlu-batcher")

    async def close(self) -> None:
        """Refuse new work, finish what waits, then stop."""
        self._closing = True
        self._arrived.set()
        if self._owner is not None:
            await self._owner
            self._owner = None
        if self._running:
            await asyncio.gather(*self._running)
        self._threads.shutdown(wait=False)

    def metrics(self) -> EngineMetrics:
        return replace(self._m, waiting_items=len(self._queue), running_batches=len(self._running))

    async def submit(self, work: Work, tokens: int) -> Result:
        """Raises `Overloaded` at once when the queue is full, `EngineClosedError` when it is draining."""
        if self._closing or self._owner is None:
            raise EngineClosedError(
                "expected a started engine, got one that is closed or not yet started"
            )
        if self._queue and self._m.waiting_tokens + tokens > self._queue_tokens:
            self._count(refused=1)
            raise Overloaded(self._queue_tokens, self._seconds_to_clear())
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(work, tokens, future))
        self._count(waiting_tokens=tokens)
        self._arrived.set()
        return await future

    def _count(self, **changes: float) -> None:
        for name, change in changes.items():
            setattr(self._m, name, getattr(self._m, name) + change)

    def _seconds_to_clear(self) -> float:
        done = self._m.tokens or 1
        return max(0.1, round(self._m.waiting_tokens * self._m.run_ms / done / 1000, 2))

    async def _serve(self) -> None:
        while True:
            if not self._queue:
                if self._closing:
                    return
                self._arrived.clear()
                await self._arrived.wait()
                continue
            await self._slots.acquire()
            batch = self._next_batch()
            if not batch:
                self._slots.release()
                continue
            task = asyncio.create_task(self._run_batch(batch), name="nlu-batch")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _next_batch(self) -> list[_Waiting[Work, Result]]:
        """The oldest work, and with it what waits of about its length: padding is computed too.

        What waits is shared among the workers that have nothing to do.
        """
        share = math.ceil(len(self._queue) / max(1, self._workers - len(self._running)))
        ahead = [self._queue.popleft() for _ in range(min(len(self._queue), self._look_ahead))]
        wanted = [item for item in ahead if not item.future.done()]
        self._count(abandoned=len(ahead) - len(wanted))
        batch: list[_Waiting[Work, Result]] = []
        longest = total = 0
        for item in sorted(wanted, key=lambda item: abs(item.tokens - wanted[0].tokens)):
            longest, total = max(longest, item.tokens), total + item.tokens
            padded = longest * (len(batch) + 1)
            if batch and padded > min(self._batch_tokens, MOST_PADDED * total):
                break
            batch.append(item)
            if len(batch) == min(share, self._batch_items):
                break
        taken = {id(item) for item in batch}
        left = [item for item in wanted if id(item) not in taken]
        self._queue.extendleft(reversed(left))
        gone = sum(item.tokens for item in ahead) - sum(item.tokens for item in left)
        self._count(waiting_tokens=-gone)
        return batch

    async def _run_batch(self, batch: list[_Waiting[Work, Result]]) -> None:
        started = time.perf_counter()
        waited = [(started - item.since) * 1000 for item in batch]
        try:
            results = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._run, [item.work for item in batch], waited
            )
        except Exception as error:
            self._count(failed_batches=1)
            for item in batch:
                if not item.future.done():
                    item.future.set_exception(error)
        else:
            for item, result in zip(batch, results, strict=True):
                if not item.future.done():
                    item.future.set_result(result)
        finally:
            self._slots.release()
            self._note(batch, waited, (time.perf_counter() - started) * 1000)

    def _note(
        self, batch: list[_Waiting[Work, Result]], waited: list[float], run_ms: float
    ) -> None:
        tokens = sum(item.tokens for item in batch)
        padded = len(batch) * max(item.tokens for item in batch)
        self._count(
            items=len(batch),
            batches=1,
            tokens=tokens,
            padded_tokens=padded - tokens,
            queue_ms=sum(waited),
            run_ms=run_ms,
        )
        self._m.largest_batch = max(self._m.largest_batch, len(batch))
