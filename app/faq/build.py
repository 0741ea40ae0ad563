"""The knowledge's parts, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from app.chat.hub import Hub
from app.db import Database
from app.faq.checkup import Checkup
from app.faq.desk import FaqDesk
from app.faq.importer import Importer
from app.faq.keeper import KnowledgeKeeper
from app.faq.regression import Regression
from app.faq.seed import seed
from app.faq.service import FaqService
from app.faq.synonyms import SynonymDesk
from app.faq.unanswered import Unanswered
from app.files.service import FilesService
from dialogue.knowledge.live import LiveKnowledge
from nlu.types import Embedder


@dataclass(frozen=True, slots=True)
class Faq:
    knowledge: LiveKnowledge
    store: FaqService
    keeper: KnowledgeKeeper
    regression: Regression
    desk: FaqDesk
    importer: Importer
    unanswered: Unanswered
    checkup: Checkup
    synonyms: SynonymDesk
    seeding: Callable[[Path], Awaitable[int]]

    @classmethod
    def build(
        cls,
        database: Database,
        hub: Hub,
        knowledge: LiveKnowledge,
        embedder: Embedder | None,
        files: FilesService,
        zone: ZoneInfo,
        inside: frozenset[str] = frozenset(),
    ) -> Self:
        """`zone` is that of dates in files; pages of hosts in `inside` may be imported."""
        store = FaqService()
        keeper = KnowledgeKeeper(database, hub, knowledge)
        regression = Regression(database, knowledge)
        desk = FaqDesk(database, store, keeper, regression)
        return cls(
            knowledge=knowledge,
            store=store,
            keeper=keeper,
            regression=regression,
            desk=desk,
            unanswered=Unanswered(database, store, desk, regression, knowledge, embedder),
            checkup=Checkup(database, knowledge),
            synonyms=SynonymDesk(database, store, keeper, regression),
            importer=Importer(database, store, keeper, regression, files, zone, inside),
            seeding=partial(seed, database, store, zone),
        )

    async def begin(self, folder: Path) -> None:
        """Seed the store from the project's folder, and index what is live."""
        await self.seeding(folder)
        await self.keeper.refresh()
