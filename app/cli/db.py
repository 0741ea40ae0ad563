"""``lingxi db``: the database."""

from __future__ import annotations

import typer
from rich.console import Console

from app.cli.settings import load_settings

db_app = typer.Typer(no_args_is_help=True)


@db_app.callback()
def db() -> None:
    """The database."""


@db_app.command()
def upgrade() -> None:
    """Bring the database to the newest revision; safe to run again."""
    from app.db import upgrade as upgrade_database

    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    upgrade_database(settings.sqlalchemy_url)
    Console().print("the database is at the newest revision")
