"""``lingxi faq learn``: the blend of words and vectors, learned anew from stores of entries."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.faq_files import FileProblem, read_entries, read_queries
from app.cli.settings import errors, load_settings
from app.config import Settings

if TYPE_CHECKING:
    from dialogue.generate.tune.scenes import Scene
    from dialogue.knowledge.learn import Lessons
    from dialogue.knowledge.practice import Query, Store

SHOP = Path("bots/shop")


def learn(
    out: Annotated[Path, typer.Option(help="The blend's file to write.")],
    stores: Annotated[
        list[Path] | None, typer.Argument(help="JSON lines of entries, a file a store.")
    ] = None,
    precision: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="Of what is answered word for word.")
    ] = 0.9,
    leave_one_out: Annotated[
        bool, typer.Option(help="Also tell what a blend does on a store that it has not seen.")
    ] = True,
) -> None:
    """Learn how much words and vectors count.

    From the shop's entries, stores of whole questions, the dialogues that the language model is
    tuned on, and more stores.
    A store's questions are in NAME.queries.jsonl beside it; without them phrasings are hidden.
    """
    from dialogue.knowledge.score import save_blend

    settings = load_settings()
    try:
        known = [*own_stores(settings), *(_store(path) for path in stores or ())]
    except FileProblem as wrong:
        errors.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    lessons = asyncio.run(_prepare(settings, known))
    learned = lessons.learn(precision)
    save_blend(learned.blend, out)
    at = learned.blend.thresholds
    typer.echo(
        f"{learned.asked} questions; answers from {at.answer}: {learned.precision:.1%} right, "
        f"{learned.answered:.1%} of what is known answered; offers from {at.suggest}"
    )
    if leave_one_out and len(lessons.names) > 1:
        for name in lessons.names:
            blend = lessons.learn(precision, without=name).blend
            it = lessons.judge(blend, name)
            typer.echo(
                f"not having seen {name:20} {it.asked:5} questions  P@1 {it.p_at_1:.3f}  answered "
                f"{it.answered:.3f}, right {it.precision:.3f}  calibration {it.calibration:.3f}"
            )


def _store(path: Path) -> Store:
    """Raises `FileProblem`."""
    from dialogue.knowledge.practice import Store

    entries = read_entries(path)
    beside = path.with_suffix(".queries.jsonl")
    queries = read_queries(beside, {e.id for e in entries}) if beside.is_file() else []
    return Store(path.stem, entries, [(query.text, query.entry) for query in queries])


def own_stores(settings: Settings) -> list[Store]:
    from app.faq.seed import project_entries
    from dialogue.generate.tune.scenes import load_scenes
    from dialogue.knowledge.practice import Store
    from dialogue.knowledge.stores import written_stores
    from dialogue.knowledge.types import Entry

    scenes = load_scenes()
    stores = [Store("shop", project_entries(SHOP, settings.zone)), *written_stores()]
    for language in ("zh", "en"):
        mine = [scene for scene in scenes if scene.language == language]
        entries = [
            Entry(f"{scene.id}-{number}", (note.title,), {scene.language: note.text})
            for scene in mine
            for number, note in enumerate(scene.passages)
        ]
        stores.append(Store(f"dialogues-{language}", entries, asked_in(mine)))
    return stores


def asked_in(scenes: Sequence[Scene]) -> list[Query]:
    """What their customers ask that one passage answers, or none."""
    return [
        (turn.ask, f"{scene.id}-{turn.cited[0]}" if turn.kind == "answer" else None)
        for scene in scenes
        for turn in scene.turns
        if not turn.after
        and (turn.kind == "unknown" or (turn.kind == "answer" and len(set(turn.cited)) == 1))
    ]


async def _prepare(settings: Settings, known: list[Store]) -> Lessons:
    from app.cli.faq import embedding
    from dialogue.knowledge.learn import Lessons
    from dialogue.knowledge.score import load_blend

    async with embedding(settings) as engine:
        return await Lessons.prepare(known, engine, load_blend())
