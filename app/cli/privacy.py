"""``lingxi privacy``: what a customer may ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from app.cli.database import open_database
from app.cli.settings import errors, load_settings
from app.errors import DatabaseUnavailable, NotFound
from app.privacy.service import PrivacyService

app = typer.Typer(no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="The customer's id, as `lingxi privacy find` shows it.")]


@app.callback()
def privacy() -> None:
    """Find, hand out and forget one customer."""


@app.command()
def find(text: Annotated[str, typer.Argument(help="An id, e-mail address or name.")]) -> None:
    """List the customers of exactly this id, address or name."""

    async def work(to: PrivacyService) -> None:
        for row, count in await to.find(text):
            Console().print(f"{row.id}  {row.name}  {row.email or ''}  {count} conversations")

    _with_service(work)


@app.command()
def export(who: Who, out: Annotated[Path, typer.Argument(help="The JSON file to write.")]) -> None:
    """Write everything that is kept of a customer."""

    async def work(to: PrivacyService) -> None:
        found = await to.export(who, "command line")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        Console().print(f"{out}: {sum(map(len, found.values()))} rows")

    _with_service(work)


@app.command()
def erase(
    who: Who, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Forget a customer for good: conversations, files, speech."""
    if not yes:
        typer.confirm(f"Forget {who}? It cannot be undone.", abort=True)

    async def work(to: PrivacyService) -> None:
        await to.erase(who, "command line")
        Console().print(f"{who} is forgotten")

    _with_service(work)


def _with_service(work: Callable[[PrivacyService], Awaitable[None]]) -> None:
    from app.files.service import FilesService

    settings = load_settings()

    async def run() -> None:
        async with open_database(settings) as database:
            files = FilesService(database, settings.home / "files", 0, None)
            await work(PrivacyService(database, files, settings.clips_folder))

    try:
        asyncio.run(run())
    except NotFound:
        errors.print("[red]✗[/] expected the id of a customer, found nobody of that id")
        raise typer.Exit(1) from None
    except (DatabaseUnavailable, OSError) as error:
        errors.print(f"[red]✗[/] the database cannot be used now: {error}")
        raise typer.Exit(1) from None
