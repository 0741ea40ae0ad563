"""``lingxi setup``: everything a first start needs. Safe to run again, and quick then."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import typer
from rich.console import Console

from app.cli.settings import load_settings
from app.config import Settings
from app.weights.packages import FetchError

app = typer.Typer()

Step = Callable[[Settings, Callable[[str], None]], None]


@app.command()
def setup() -> None:
    """Convert the weights, build the database, train the bot."""
    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    console = Console()
    steps: list[tuple[str, Step]] = [
        ("encoder", _encoder),
        ("voice", _voice),
        ("hearing", _hearing),
        ("language model", _generator),
        ("database", _database),
        ("bot", _bot),
    ]
    for name, step in steps:
        started = time.monotonic()
        with console.status(f"{name} …") as status:
            try:
                step(settings, lambda line, name=name: status.update(f"{name}: {line}"))  # type: ignore[misc]
            except FetchError as error:
                console.print(f"[red]✗[/] {name}: {error}")
                raise typer.Exit(1) from None
        console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")


def _encoder(settings: Settings, say: Callable[[str], None]) -> None:
    from app.weights.encoder import prepare_encoder

    prepare_encoder(settings, say)


def _voice(settings: Settings, say: Callable[[str], None]) -> None:
    from app.voice.convert import prepare_voice

    if settings.voice == "neural":
        prepare_voice(settings.home, say)


def _hearing(settings: Settings, say: Callable[[str], None]) -> None:
    """Only with the extra of that name."""
    from app.hearing.convert import prepare_hearing

    if find_spec("faster_whisper") is not None:
        prepare_hearing(settings.home, say)


def _generator(settings: Settings, say: Callable[[str], None]) -> None:
    from app.weights.generator import prepare_generator

    if settings.generation == "local":
        prepare_generator(settings.home, say)


def _database(settings: Settings, say: Callable[[str], None]) -> None:
    from app.db import upgrade

    upgrade(settings.sqlalchemy_url)


def _bot(settings: Settings, say: Callable[[str], None]) -> None:
    from app.cli.bot import train_if_stale

    train_if_stale(Path(settings.bot), settings, say)
