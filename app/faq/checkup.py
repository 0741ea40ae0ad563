"""The whole knowledge looked over: what lint finds, for whoever mends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.db import Database
from app.faq.content import phrasings, titles
from app.faq.keeper import newest
from app.faq.lint import Finding, lint
from app.faq.schemas.checkup import FindingOut, LintAnswer
from app.faq.schemas.entries import Content
from app.models import now
from dialogue.knowledge.live import LiveKnowledge
from nlu.types import Language

MAX_COMPARED = 30_000
"""Phrasings that are compared with one another: half a minute of one core in a thread."""
SHOWN = 500
PATIENCE_S = 4.0
"""Ten thousand entries that are indexed take about as long; what must be embedded first, longer."""
FRESH = timedelta(seconds=30)
"""How long a result waits for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Looked:
    contents: Mapping[str, Content]
    found: Sequence[Finding]
    compared: bool


class _Look:
    """One look under way."""

    def __init__(self, run: Callable[[_Look], Coroutine[Any, Any, Looked]]) -> None:
        self.progress = 0.0
        self.done_at: datetime | None = None
        self.task = asyncio.create_task(run(self), name="faq-lint")

    def progressed(self, share: float) -> None:
        self.progress = share

    @property
    def stale(self) -> bool:
        return self.done_at is not None and now() - self.done_at > FRESH


class Checkup:
    """Looks once at a time in this worker, however many ask; chats go on."""

    def __init__(self, database: Database, knowledge: LiveKnowledge) -> None:
        self._database = database
        self._knowledge = knowledge
        self._look: _Look | None = None

    async def look(self, reader: Language) -> LintAnswer:
        """Findings in the newest versions, or how far looking for them is.

        Raises `Overloaded` while customers keep us busy.
        """
        look = self._look
        if look is None or look.stale:
            look = self._look = _Look(self._run)
        await asyncio.wait({look.task}, timeout=PATIENCE_S)
        if not look.task.done():
            return LintAnswer(
                items=[], total=0, entries=0, compared=False, progress=round(look.progress, 3)
            )
        if self._look is look:
            self._look = None
        looked = look.task.result()
        return LintAnswer(
            items=[_told(finding, looked.contents, reader) for finding in looked.found[:SHOWN]],
            total=len(looked.found),
            entries=len(looked.contents),
            compared=looked.compared,
            progress=1.0,
        )

    async def close(self) -> None:
        if self._look is not None:
            self._look.task.cancel()
            await asyncio.gather(self._look.task, return_exceptions=True)

    async def _run(self, look: _Look) -> Looked:
        try:
            contents = await newest(self._database)
            questions = sum(len(list(phrasings(content))) for content in contents.values())
            compared = self._knowledge.has_vectors and questions <= MAX_COMPARED
            embed = partial(self._knowledge.vectors, progress=look.progressed)
            found = await lint(contents, embed if compared else None, now())
            return Looked(contents, found, compared)
        finally:
            look.done_at = now()


def _told(finding: Finding, contents: Mapping[str, Content], reader: Language) -> FindingOut:
    other = finding.fields.get("other")
    return FindingOut(
        code=finding.code,
        entry_id=finding.entry_id,
        title=_title(contents[finding.entry_id], reader),
        other=other,
        other_title=_title(contents[other], reader) if other else None,
        question=finding.fields.get("question"),
        near=finding.fields.get("near"),
        suggestion=finding.fields.get("suggestion"),
        words=finding.told(reader),
    )


def _title(content: Content, reader: Language) -> str:
    by_language = titles(content)
    return by_language.get(reader) or next(iter(by_language.values()))
