"""Tasks that run as long as the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

RESTART_AFTER_S = 1.0

log = structlog.get_logger(__name__)


class Background:
    """Owns the tasks that run as long as the server; one that fails is started again."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Background:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._forever(name, run), name=name))

    @staticmethod
    async def _forever(name: str, run: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await run()
                return
            except Exception:
                log.exception("background_failed", task=name)
                await asyncio.sleep(RESTART_AFTER_S)
