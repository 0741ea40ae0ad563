"""``lingxi setup``: everything a first start needs. Safe to run again, and quick then."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import typer
from rich.console import Console

from app.cli.progress import Bar, step_bars
from app.cli.settings import load_settings
from app.config import Settings
from app.weights.packages import FetchError, Say

app = typer.Typer()

Step = Callable[[Settings, Say], None]


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
    with step_bars(console) as progress:
        for name, step in steps:
            bar = Bar(progress, progress.add_task(name, total=None, words=""))
            try:
                step(settings, bar)
            except FetchError as error:
                progress.stop()
                console.print(f"[red]✗[/] {name}: {error}")
                raise typer.Exit(1) from None
            bar.done()


def _encoder(settings: Settings, say: Say) -> None:
    from app.cli.encoder import prepare_encoder

    prepare_encoder(settings, say)


def _voice(settings: Settings, say: Say) -> None:
    from app.voice.convert import prepare_voice

    if settings.voice == "neural":
        prepare_voice(settings.home, say)


def _hearing(settings: Settings, say: Say) -> None:
    """Only with the extra of that name."""
    from app.hearing.convert import prepare_hearing

    if find_spec("faster_whisper") is not None:
        prepare_hearing(settings.home, say)


def _generator(settings: Settings, say: Say) -> None:
    from app.weights.generator import prepare_generator

    if settings.generation == "local":
        prepare_generator(settings.home, say)


def _database(settings: Settings, say: Say) -> None:
    from app.db import upgrade

    upgrade(settings.sqlalchemy_url)


def _bot(settings: Settings, say: Say) -> None:
    from app.cli.bot import train_if_stale

    train_if_stale(Path(settings.bot), settings, say)
