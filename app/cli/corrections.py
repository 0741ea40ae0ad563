"""``lingxi nlu corrections``: what agents corrected, as training data."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app.cli.database import open_database
from app.cli.settings import load_settings


def corrections(
    out: Annotated[Path, typer.Option(help="The nlu.yml to write.")],
) -> None:
    """Write what agents say customers meant, as a Rasa nlu.yml."""
    text = asyncio.run(_read())
    out.write_text(text, encoding="utf-8")
    typer.echo(f"{out}: {text.count(chr(10) + '    - ')} examples")


async def _read() -> str:
    from app.desk.corrections import Corrections  # `--help` need not wait for the tables

    async with open_database(load_settings()) as database:
        return await database.read(Corrections().training_data)
