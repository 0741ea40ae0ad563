"""``lingxi audit``: whether the log of who did what is whole."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from app.cli.database import open_database
from app.cli.settings import errors, load_settings
from app.errors import DatabaseUnavailable

app = typer.Typer(no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log: whether it is whole."""


@app.command()
def verify(
    known: Annotated[
        str | None,
        typer.Option(help="An end that was printed before, POSITION:HASH: it must still be there."),
    ] = None,
) -> None:
    """Follow the chain from the first entry to the last; exits with 1 where it was tampered with.

    Keep the printed end elsewhere: entries cut off at the end show only beside it.
    """
    position, _, digest = (known or "0:").partition(":")
    if not position.isdigit():
        errors.print(f"[red]✗[/] --known: expected POSITION:HASH, got {known!r}")
        raise typer.Exit(2)
    try:
        count, broken, end, then = asyncio.run(_look(int(position)))
    except DatabaseUnavailable as error:
        errors.print(f"[red]✗[/] {error.code}")
        raise typer.Exit(2) from None
    if broken is not None:
        errors.print(f"[red]✗[/] entry {broken} does not follow from the one before")
    elif known is not None and then != digest:
        errors.print(
            f"[red]✗[/] entry {position} is not the one it was: expected {digest}, got {then}"
        )
    else:
        Console().print(f"[green]✓[/] {count} entries, each follows from the one before")
        Console().print(f"end: {count}:{end}", soft_wrap=True)
        return
    raise typer.Exit(1)


async def _look(position: int) -> tuple[int, int | None, str | None, str | None]:
    """(entries, the first that is broken, the last one's hash, the hash at `position`)."""
    from app.audit import chain

    def work(session: Session) -> tuple[int, int | None, str | None, str | None]:
        count, broken = chain.check(session)
        return count, broken, chain.hash_at(session, count), chain.hash_at(session, position)

    async with open_database(load_settings()) as database:
        return await database.read(work)
