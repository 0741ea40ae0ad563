"""``lingxi faq learn``: the blend of words and vectors, learned anew from stores of entries."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.faq_files import FileProblem, read_entries
from app.cli.settings import errors, load_settings
from app.config import Settings

if TYPE_CHECKING:
    from dialogue.knowledge.learn import Learned
    from dialogue.knowledge.types import Entry


def learn(
    stores: Annotated[list[Path], typer.Argument(help="JSON lines of entries, a file a store.")],
    out: Annotated[Path, typer.Option(help="The blend's file to write.")],
    precision: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="Of what is answered word for word.")
    ] = 0.85,
) -> None:
    """Learn how much words and vectors count, from entries with several phrasings each."""
    from dialogue.knowledge.score import save_blend

    try:
        known = [read_entries(store) for store in stores]
    except FileProblem as wrong:
        errors.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    learned = asyncio.run(_learn(load_settings(), known, precision))
    save_blend(learned.blend, out)
    at = learned.blend.thresholds
    typer.echo(
        f"{learned.asked} questions; answers from {at.answer}: {learned.precision:.1%} right, "
        f"{learned.answered:.1%} of what is known answered; offers from {at.suggest}"
    )


async def _learn(settings: Settings, known: list[list[Entry]], precision: float) -> Learned:
    from app.cli.faq import embedding
    from dialogue.knowledge.learn import learn_blend
    from dialogue.knowledge.score import load_blend

    async with embedding(settings) as engine:
        return await learn_blend(known, engine, load_blend(), precision=precision)
