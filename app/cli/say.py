"""``lingxi say``: speak one text into a sound file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.settings import load_settings

app = typer.Typer()


@app.command()
def say(
    text: Annotated[str, typer.Argument(help="What to say, in Chinese, English or both.")],
    out: Annotated[Path, typer.Option(help="The MP3 file to write.")],
    voice: Annotated[str | None, typer.Option(help="A voice other than the settings'.")] = None,
    speed: Annotated[float, typer.Option(min=0.5, max=2.0, help="1 is natural.")] = 1.0,
) -> None:
    """Speak one text into a sound file."""
    from app.voice.say import say as speak

    clip = asyncio.run(speak(text, out, load_settings(), voice=voice, speed=speed))
    Console().print(f"{out}: {clip.duration_s:.1f} s")
