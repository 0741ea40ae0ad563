"""The whole knowledge looked over: what lint finds, for whoever mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.db import Database
from app.faq.content import phrasings, titles
from app.faq.keeper import newest
from app.faq.lint import Finding, lint
from app.faq.schemas.checkup import FindingOut, LintAnswer
from app.faq.schemas.entries import Content
from app.models import now
from dialogue.knowledge.vectors import VectorCache
from nlu.types import Embedder, Language

MAX_COMPARED = 20_000
"""Phrasings that are compared with one another: some seconds of one core in a thread."""
SHOWN = 500


class Checkup:
    def __init__(self, database: Database, embedder: Embedder | None) -> None:
        self._database = database
        self._embedder = _Remembering(embedder) if embedder is not None else None

    async def look(self, reader: Language) -> LintAnswer:
        """Findings in the newest versions. Raises `Overloaded` while customers keep us busy."""
        contents = await newest(self._database)
        questions = sum(len(list(phrasings(content))) for content in contents.values())
        compared = self._embedder is not None and questions <= MAX_COMPARED
        found = await lint(contents, self._embedder if compared else None, now())
        return LintAnswer(
            items=[_told(finding, contents, reader) for finding in found[:SHOWN]],
            total=len(found),
            entries=len(contents),
            compared=compared,
        )


class _Remembering:
    """Embeds only what it has not seen, so that looking again after an edit is quick."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._cache = VectorCache(None, "", embedder.width)

    @property
    def width(self) -> int:
        return self._embedder.width

    async def embed(self, texts: Sequence[str], *, passages: bool = False) -> NDArray[np.float32]:
        return await self._cache.embed(texts, self._embedder, passages=passages)


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
