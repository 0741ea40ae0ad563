"""``lingxi stories``: stored conversations as a story file, to train and to test a bot with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.database import open_database
from app.cli.settings import load_settings
from app.config import Settings
from dialogue.types import StoredEvent

app = typer.Typer()
console = Console()


@app.command()
def stories(
    out: Annotated[Path, typer.Argument(help="The YAML file to write.")],
    conversation: Annotated[
        list[str] | None, typer.Option("--conversation", help="Only this one; may be repeated.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only conversations that began then or later (UTC).")
    ] = None,
) -> None:
    """Write stored conversations as stories."""
    from dialogue.project.story_writer import story_yaml

    begun = since.replace(tzinfo=UTC) if since else None
    found = asyncio.run(_read(load_settings(), conversation or [], begun))
    out.write_text(story_yaml(found), encoding="utf-8")
    console.print(f"[green]✓[/] {len(found)} conversations in {out}")


async def _read(
    settings: Settings, ids: list[str], since: datetime | None
) -> list[tuple[str, list[StoredEvent]]]:
    from app.chat.service import ChatService
    from app.words import Words

    chat = ChatService(Words.load())
    async with open_database(settings) as database:
        return await database.read(lambda s: list(chat.histories(s, ids, since)))
