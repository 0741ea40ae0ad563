"""When a customer is done: what comes in a burst is answered once.

Nobody waits because they might write on. Only a second message, or a customer who is seen to
write, makes the bot wait for a moment of quiet, and never for long.
"""

from __future__ import annotations

import asyncio
import time

from app.chat.hints import Hint, TypingNow

QUIET_S = 0.2
"""After a second message: what is sent in one go, or by fast fingers, comes within it."""
WRITING_S = 1.0
"""Clients tell about once a second that somebody writes."""
PATIENCE_S = 2.0
"""Then the bot answers, however much more is being written."""


class Burst:
    """What one conversation's customer has shown of how much more is to come."""

    def __init__(self) -> None:
        self._quiet_at = 0.0
        self._patience_ends: float | None = None
        self.may_begin_anew = False
        """The turn under way has done nothing yet that would be done twice."""

    def hear(self, hint: Hint) -> None:
        if isinstance(hint, TypingNow) and hint.who == "visitor":
            if hint.on:
                self._expect_more(WRITING_S)
            else:
                self._quiet_at = 0.0

    def came(self) -> bool:
        """Another message has come. True if the turn under way should be begun anew with it."""
        self._expect_more(QUIET_S)
        return self.may_begin_anew and self._patient()

    def thought(self) -> bool:
        """The turn is about to end. True if a message that comes first should be answered too."""
        anew = self.may_begin_anew and (self._patience_ends is None or self._patient())
        self.may_begin_anew = False
        return anew

    def answered(self) -> None:
        self._patience_ends = None

    async def quiet(self) -> None:
        """Until nothing tells that more is coming, or long enough."""
        while self._patient():
            rest = self._quiet_at - time.monotonic()
            if rest <= 0:
                return
            await asyncio.sleep(min(rest, QUIET_S))  # more may come, or be given up, meanwhile

    def _expect_more(self, seconds: float) -> None:
        at = time.monotonic()
        self._quiet_at = at + seconds
        if self._patience_ends is None:
            self._patience_ends = at + PATIENCE_S

    def _patient(self) -> bool:
        return self._patience_ends is not None and time.monotonic() < self._patience_ends
