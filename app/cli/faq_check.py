"""The test questions before an import by the command line goes live, as the dashboard asks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from app.cli.settings import errors
from app.config import Settings

if TYPE_CHECKING:
    from app.db import Database
    from app.faq.plan import Plan
    from app.faq.schemas.regression import CheckAnswer

NONE = "-"


async def worsened(settings: Settings, database: Database, planned: Plan) -> CheckAnswer | None:
    """What would no longer be answered right, if anything; without test questions no model is read."""
    from app.chat.hub import Hub
    from app.cli.faq import embedding
    from app.faq.importer import tried
    from app.faq.keeper import KnowledgeKeeper
    from app.faq.regression import Regression, has_cases
    from app.faq.shared_vectors import open_cache
    from dialogue.knowledge.live import LiveKnowledge
    from dialogue.knowledge.reading.reader import Reader

    if not await has_cases(database):
        return None
    async with embedding(settings) as engine:
        cache, reader = await open_cache(settings, database, engine.width), Reader.load(engine)
        knowledge = LiveKnowledge(engine, cache=cache, reader=reader)
        await KnowledgeKeeper(database, Hub(), knowledge).refresh()
        check = await tried(database, Regression(database, knowledge), planned)
    return check if check.blocks else None


def show(check: CheckAnswer) -> None:
    table = Table("test question", "expected", "answered now", "after this")
    for case in check.worse:
        found = (case.expected, case.before, case.after)
        table.add_row(case.query, *(entry or NONE for entry in found))
    Console().print(table)
    errors.print(
        f"nothing was imported: {len(check.worse)} of {check.cases} test questions would not be "
        "answered right any more; mend the file, or import with --draft and publish by hand",
        markup=False,
        soft_wrap=True,
    )
