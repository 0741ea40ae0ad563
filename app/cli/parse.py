"""``lingxi parse``: understand one text and show what was understood."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.settings import errors, load_settings
from app.config import Settings
from nlu.types import Understanding

app = typer.Typer()


@app.command()
def parse(
    text: Annotated[str, typer.Argument(help="What the customer writes.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Understand one text: intent, entities, sentiment, words."""
    understanding = asyncio.run(_understand(text, load_settings()))
    if as_json:
        typer.echo(json.dumps(to_json(understanding), ensure_ascii=False))
    else:
        _show(understanding)


async def _understand(text: str, settings: Settings) -> Understanding:
    from nlu.engine import Engine

    if not settings.nlu_model.is_dir():
        errors.print(
            f"[red]✗[/] expected a trained model in {settings.nlu_model}; run `lingxi setup`"
        )
        raise typer.Exit(2)
    engine = Engine.load(
        settings.nlu_model, settings.encoder_folder, threads=settings.inference_threads
    )
    await engine.start()
    try:
        return await engine.parse(text)
    finally:
        await engine.close()


def to_json(understanding: Understanding) -> dict[str, Any]:
    """The understanding as plain JSON, without the vector (nobody reads 384 numbers)."""
    parts = asdict(understanding)
    del parts["vector"]
    return parts


def _show(understanding: Understanding) -> None:
    console = Console()
    spans = Text(understanding.text)
    for entity in understanding.entities:
        spans.stylize("bold black on cyan", entity.start, entity.end)
    console.print(spans)
    ranking = Table("intent", "confidence")
    for score in understanding.intent_ranking[:5]:
        ranking.add_row(score.name, f"{score.confidence:.3f}")
    console.print(f"[bold]{understanding.intent.name}[/] ({understanding.language})", ranking)
    if understanding.entities:
        entities = Table("entity", "text", "value", "span", "by")
        for found in understanding.entities:
            span = f"{found.start}:{found.end}"
            entities.add_row(found.entity, found.text, str(found.value), span, found.extractor)
        console.print(entities)
    sentiment = understanding.sentiment
    console.print(f"sentiment  {sentiment.label} ({sentiment.strength:.2f})")
    console.print("words      " + " ".join(f"{t.text}/{t.pos}" for t in understanding.tokens))
    console.print("keywords   " + " ".join(understanding.keywords))
    timings = ", ".join(f"{name} {ms:.1f}" for name, ms in understanding.timings_ms.items())
    console.print(f"[dim]milliseconds: {timings}[/]")
