"""What the bot says before a long step is told before that step ends.

Quick turns are saved as a whole. When one goes on after it has said something, what was said
becomes messages at once, saved and told like all others; the end of the turn adds the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import structlog

from app.errors import DatabaseUnavailable
from dialogue.types import Reply

AFTER_S = 0.15
"""A turn that ends sooner costs no transaction more."""

log = structlog.get_logger(__name__)
Save = Callable[[Sequence[Reply]], Awaitable[bool]]
"""False if the turn is no longer ours."""


class EarlyReplies:
    """Those of one turn. The first `told` of its replies are messages already."""

    def __init__(self, save: Save, told: int = 0) -> None:
        self._save = save
        self.told = told
        self._said: list[Reply] = []
        self._news = asyncio.Event()
        self._saving = asyncio.Lock()

    def say(self, reply: Reply) -> None:
        self._said.append(reply)
        self._news.set()

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Tell in time what is said meanwhile; afterwards `told` stands."""
        task = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            async with self._saving:
                task.cancel()

    async def _tell(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(AFTER_S)
            self._news.clear()
            async with self._saving:
                fresh = self._said[self.told :]
                if not fresh:
                    continue
                if not await self._saved(fresh):
                    return
                self.told += len(fresh)

    async def _saved(self, fresh: Sequence[Reply]) -> bool:
        try:
            return await self._save(fresh)
        except DatabaseUnavailable as error:  # the end of the turn tells it
            log.warning("early_replies_wait", code=error.code)
            return False
