"""Settings for a command, with a mistake in them told in a line each rather than a traceback."""

from __future__ import annotations

import asyncio
from typing import Any

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console

from app.config import Settings

errors = Console(stderr=True)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; options given on the command line (not None) win. Exits with 2."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as wrong:
        for problem in wrong.errors():
            name = ".".join(str(part) for part in problem["loc"]).upper()
            where = f"LINGXI_{name}: " if name else ""
            got = "" if not name else f", got {problem['input']!r}"
            errors.print(f"[red]✗[/] {where}{problem['msg'].removeprefix('Value error, ')}{got}")
        raise typer.Exit(2) from None


def expect_model(settings: Settings) -> None:
    """Ends the command with 2 where the bot is not trained yet, or the encoder another version's."""
    from nlu.encoder.e5_file import EncoderFileError
    from nlu.encoder.folder import read_card

    try:
        read_card(settings.encoder_folder)
    except EncoderFileError as wrong:
        errors.print(f"[red]✗[/] {wrong}", soft_wrap=True)
        raise typer.Exit(2) from None
    if not settings.nlu_model.is_dir():
        command = f"lingxi train {settings.bot}"
        errors.print(
            f"[red]✗[/] expected a trained model in {settings.nlu_model}; run `{command}`",
            soft_wrap=True,
        )
        raise typer.Exit(2)


def expect_vectors(settings: Settings) -> None:
    """Ends the command with 2 where pgvector is asked for and cannot be had."""
    if settings.knowledge_vectors != "pgvector":
        return
    from sqlalchemy.exc import SQLAlchemyError

    from app.db import Database
    from app.errors import DatabaseUnavailable
    from app.faq.shared_vectors import VectorsMissingError, granted

    async def look() -> None:
        database = Database(settings.sqlalchemy_url)
        try:
            await granted(settings, database)
        finally:
            await database.close()

    try:
        asyncio.run(look())
    except VectorsMissingError as refused:
        errors.print(f"[red]✗[/] {refused}", soft_wrap=True)
        raise typer.Exit(2) from None
    except (DatabaseUnavailable, SQLAlchemyError):
        return  # that the database is away or another one, the start says


def settings_table() -> str:
    """`docs/settings.md`: every setting with its default and meaning, as Markdown."""
    rows = [
        "# Settings",
        "",
        "Read from the environment and from `.env` in the working folder, once, at start.",
        "Written by `lingxi settings > docs/settings.md`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default_factory else _shown(field.default)
        rows.append(f"| `LINGXI_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def _shown(default: object) -> str:
    match default:
        case None:
            return ""
        case SecretStr():
            return "a development secret"
        case _:
            return f"`{default}`"


app = typer.Typer()


@app.command()
def settings() -> None:
    """Print the table of all settings."""
    typer.echo(settings_table())
