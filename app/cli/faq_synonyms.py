"""``lingxi faq synonyms``: words that mean the same to customers, as the database has them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.orm import Session

from app.cli.database import open_database
from app.cli.settings import errors, load_settings
from app.config import Settings

EXPECTED = "expected two or more different words, each of two characters or more"


def synonyms(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words that mean the same; the first stands for all.")
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Forget the groups that these words are in.")
    ] = False,
) -> None:
    """List the words that mean the same, or say which do; a running server takes them up by itself."""
    from app.errors import LingxiError
    from app.faq.schemas.synonyms import SynonymsIn
    from app.words import Words

    said = words or []
    if said and not drop:
        try:
            said = SynonymsIn(words=said).words
        except ValidationError:
            errors.print(f"{', '.join(said)}: {EXPECTED}", markup=False, soft_wrap=True)
            raise typer.Exit(2) from None
    elif drop and not said:
        errors.print("--drop: expected a word, got none", markup=False)
        raise typer.Exit(2)
    try:
        groups = asyncio.run(_put(load_settings(), said, drop=drop))
    except LingxiError as refused:
        errors.print(Words.load().error(refused, "en"), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    console = Console()
    for group in groups:
        console.print(" = ".join(group), markup=False, soft_wrap=True)
    console.print(told(len(groups)), markup=False)


def told(groups: int) -> str:
    return "1 group of synonyms" if groups == 1 else f"{groups} groups of synonyms"


async def _put(settings: Settings, words: list[str], *, drop: bool) -> list[list[str]]:
    """All groups, after that."""
    from app.faq import synonyms as kept
    from app.faq.content import COMMAND_LINE
    from app.faq.service import FaqService

    def write(session: Session) -> None:
        if drop:
            kept.forget(session, words)
        else:
            kept.put(session, words, COMMAND_LINE.name)
        deed = "faq_synonyms_deleted" if drop else "faq_synonyms_set"
        FaqService().went_live(session, COMMAND_LINE, deed, words[0])

    async with open_database(settings) as database:
        if words:
            await database.write(write)
        return await database.read(kept.groups)
