"""What the bot thinks of one turn: the text is understood and answered; no transaction is open.

What it says before a long step is told before that step ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from app.chat.bursts import Burst
from app.chat.early import EarlyReplies
from app.chat.hints import Hint, PartialNow, TroubleNow, TypingNow
from app.chat.turn_records import Claimed, TurnRecords
from app.chat.types import Assistant
from app.db import Database
from app.metrics import Metrics
from app.words import Words
from dialogue.tracing import span
from dialogue.types import Handoff, Progress, Reply, Trace, TurnRequest, TurnResult
from nlu.types import Overloaded, Parser, Understanding

PARTIAL_EVERY_S = 0.06
"""Faster than this nobody reads; each partial holds the whole text so far."""
OVERLOADED_TRIES = 20
MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)
Thought = tuple[Understanding | None, TurnResult]


class Publisher(Protocol):
    def publish(self, hint: Hint) -> None: ...


class Thinker:
    """Understands and answers. Owns no task that outlives a turn."""

    def __init__(
        self,
        database: Database,
        records: TurnRecords,
        parser: Parser,
        assistant: Assistant,
        hub: Publisher,
        words: Words,
        metrics: Metrics,
        deadline_s: float,
    ) -> None:
        self._database = database
        self._records = records
        self._parser = parser
        self._assistant = assistant
        self._hub = hub
        self._words = words
        self._metrics = metrics
        self._deadline_s = deadline_s

    async def think(self, claimed: Claimed, burst: Burst) -> Thought:
        """Never raises but `CancelledError`: a turn that fails ends in an apology and a human."""
        understanding: Understanding | None = None
        if claimed.attempts > MAX_ATTEMPTS:  # it took the server down with it, more than once
            return None, self._apology(claimed, "given up")
        if not claimed.text.strip():
            return None, self._unreadable(claimed)
        try:
            understanding = await self._understand(claimed)
            result = await self._answer(claimed.request(understanding), claimed, burst)
            if burst.may_begin_anew:
                await burst.quiet()
            return understanding, result
        except Exception as error:
            log.exception("turn_failed", conversation=claimed.conversation_id, turn=claimed.turn_id)
            return understanding, self._apology(claimed, type(error).__name__)

    async def _answer(self, request: TurnRequest, claimed: Claimed, burst: Burst) -> TurnResult:
        with span("dialogue") as current:
            early = EarlyReplies(lambda said: self._tell_early(claimed, burst, said), claimed.told)
            async with asyncio.timeout(self._deadline_s), early.telling():
                result = await self._assistant.turn(request, self._progress(claimed, burst, early))
            current.set_attribute("lingxi.route", result.trace.route)
            return replace(result, replies=result.replies[early.told :])

    async def _tell_early(self, claimed: Claimed, burst: Burst, said: Sequence[Reply]) -> bool:
        burst.may_begin_anew = False
        saved = await self._database.write(lambda s: self._records.say(s, claimed, said))
        still = TypingNow(conversation_id=claimed.conversation_id, who="bot", on=True)
        self._hub.publish(still)
        return saved

    async def _understand(self, claimed: Claimed) -> Understanding:
        with span("nlu", chars=len(claimed.text)) as current:
            understanding = await self._parsed(claimed)
            current.set_attribute("lingxi.intent", understanding.intent.name)
            return understanding

    async def _parsed(self, claimed: Claimed) -> Understanding:
        """Wait out an overloaded engine; the customer is told once, their message is kept."""
        for attempt in range(OVERLOADED_TRIES):
            try:
                return await self._parser.parse(claimed.text)
            except Overloaded as busy:
                if attempt == 0:
                    self._hub.publish(
                        TroubleNow(
                            conversation_id=claimed.conversation_id,
                            code="overloaded",
                            retry_after_s=busy.retry_after_s,
                        )
                    )
                await asyncio.sleep(busy.retry_after_s * (1 + attempt / 4))
        return await self._parser.parse(claimed.text)

    def _progress(self, claimed: Claimed, burst: Burst, early: EarlyReplies) -> Progress:
        last = 0.0

        async def partial(text: str) -> None:
            nonlocal last
            if not text or time.monotonic() - last < PARTIAL_EVERY_S:
                return
            last = time.monotonic()
            self._hub.publish(
                PartialNow(
                    conversation_id=claimed.conversation_id, turn_id=claimed.turn_id, text=text
                )
            )

        def acted() -> None:
            burst.may_begin_anew = False

        return Progress(partial, early.say, acted)

    def _unreadable(self, claimed: Claimed) -> TurnResult:
        """A file without a word: it is kept, and the customer is asked what they wish."""
        words = self._words.notice("file_received", claimed.language)
        return TurnResult(
            replies=(Reply(text=words, language=claimed.language, source="system"),),
            events=(),
            trace=Trace(route="fallback", notes=("a file without words",)),
        )

    def _apology(self, claimed: Claimed, failure: str) -> TurnResult:
        self._metrics.turn_failures.inc()
        words = self._words.notice("apology", claimed.language)
        return TurnResult(
            replies=(Reply(text=words, language=claimed.language, source="system"),),
            events=(),
            trace=Trace(route="fallback", notes=(f"turn failed: {failure}",)),
            handoff=Handoff("failure", claimed.text),
        )
