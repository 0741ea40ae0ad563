"""``lingxi backup`` and ``lingxi restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.backup import BackupError, backup, restore
from app.cli.settings import errors, load_settings

backup_app = typer.Typer()
restore_app = typer.Typer()


@backup_app.command()
def take(out: Annotated[Path, typer.Argument(help="The ZIP file to write.")]) -> None:
    """Back up the database and the trained models, while chats go on."""
    try:
        names = backup(load_settings(), out)
    except BackupError as error:
        errors.print(f"[red]✗[/] {error}")
        raise typer.Exit(1) from None
    Console().print(f"{out}: {len(names)} files, {out.stat().st_size / 1e6:.1f} MB")


@restore_app.command()
def put_back(
    source: Annotated[Path, typer.Argument(help="A file that `lingxi backup` wrote.")],
    overwrite: Annotated[bool, typer.Option(help="Replace the data that is there.")] = False,
) -> None:
    """Put a backup's data in place; stop the server first."""
    try:
        names = restore(load_settings(), source, overwrite=overwrite)
    except BackupError as error:
        errors.print(f"[red]✗[/] {error}")
        raise typer.Exit(1) from None
    Console().print(f"{len(names)} files are back in place")
