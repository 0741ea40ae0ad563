"""``lingxi parse``: understand one text and show what was understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.settings import errors, load_settings
from app.config import Settings
from nlu.types import Explanation, Understanding

if TYPE_CHECKING:
    from nlu.engine import Engine

app = typer.Typer()


@app.command()
def parse(
    text: Annotated[str, typer.Argument(help="What the customer writes.")],
    explained: Annotated[
        bool, typer.Option("--explain", help="Also why: words' shares, nearest examples.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option(help="A trained model's folder; left out: the bot's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Understand one text: intent, entities, sentiment, words."""
    settings = load_settings()
    explanation = asyncio.run(_explain(text, settings, model)) if explained else None
    understanding = (
        explanation.understanding
        if explanation is not None
        else asyncio.run(_understand(text, settings, model))
    )
    if as_json and explanation is not None:
        typer.echo(json.dumps(explanation_json(explanation), ensure_ascii=False))
    elif as_json:
        typer.echo(json.dumps(to_json(understanding), ensure_ascii=False))
    else:
        _show(understanding)
        if explanation is not None:
            _show_why(explanation)


async def _understand(text: str, settings: Settings, model: Path | None) -> Understanding:
    async with _serving(settings, model) as engine:
        return await engine.parse(text)


async def _explain(text: str, settings: Settings, model: Path | None) -> Explanation:
    async with _serving(settings, model) as engine:
        return await engine.explain(text)


@asynccontextmanager
async def _serving(settings: Settings, model: Path | None) -> AsyncIterator[Engine]:
    from nlu.artifact import ModelError
    from nlu.encoder.e5_file import EncoderFileError
    from nlu.engine import Engine

    folder = model or settings.nlu_model
    try:
        engine = Engine.load(
            folder,
            settings.encoder_folder,
            threads=settings.inference_threads,
            runtime=settings.nlu_runtime,
        )
    except ModelError as error:
        hint = "" if model else "; run `lingxi setup`"
        errors.print(f"[red]✗[/] {error}{hint}", highlight=False)
        raise typer.Exit(2) from None
    except EncoderFileError as error:
        errors.print(f"[red]✗[/] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


def to_json(understanding: Understanding) -> dict[str, Any]:
    """The understanding as plain JSON, without the vector (nobody reads 384 numbers)."""
    parts = asdict(understanding)
    del parts["vector"]
    return parts


def explanation_json(explanation: Explanation) -> dict[str, Any]:
    return asdict(explanation) | {"understanding": to_json(explanation.understanding)}


def _show_why(explanation: Explanation) -> None:
    console = Console()
    console.print("\n[bold]why[/]")
    if explanation.intents:
        shares = Table("word", *explanation.intents)
        for word in explanation.words:
            shares.add_row(
                Text(word.text), *(f"{word.shares[i]:+.3f}" for i in explanation.intents)
            )
        empty = explanation.without_words
        shares.add_row(
            "[dim](no words)[/]", *(f"{empty.get(i, 0):.3f}" for i in explanation.intents)
        )
        console.print(shares)
    if explanation.nearest:
        nearest = Table("nearest training example", "intent", "alike")
        for one in explanation.nearest:
            nearest.add_row(Text(one.text), one.intent, f"{one.similarity:.3f}")
        console.print(nearest)
    if explanation.scope_threshold is not None:
        console.print(
            f"in scope   {explanation.in_scope:.3f}, refused below {explanation.scope_threshold:.3f} "
            f"(chosen so that {explanation.scope_precision:.0%} of what is answered is right)"
        )
    console.print(f"entities   the encoder's from a confidence of {explanation.entity_threshold:g}")
    console.print(f"[dim]explained in {explanation.explain_ms:.0f} ms by {explanation.runtime}[/]")


def _show(understanding: Understanding) -> None:
    console = Console()
    spans = Text(understanding.text)
    for entity in understanding.entities:
        spans.stylize("bold black on cyan", entity.start, entity.end)
    console.print(spans)
    if understanding.read_as is not None:
        console.print(f"[dim]read as[/] {understanding.read_as}")
    ranking = Table("intent", "confidence")
    for score in understanding.intent_ranking[:5]:
        ranking.add_row(score.name, f"{score.confidence:.3f}")
    console.print(f"[bold]{understanding.intent.name}[/] ({understanding.language})", ranking)
    if understanding.entities:
        entities = Table("entity", "role, group", "text", "value", "span", "by")
        for found in understanding.entities:
            span = f"{found.start}:{found.end}"
            marks = ", ".join(filter(None, (found.role, found.group)))
            entities.add_row(
                *(found.entity, marks, found.text, str(found.value), span, found.extractor)
            )
        console.print(entities)
    sentiment = understanding.sentiment
    console.print(f"sentiment  {sentiment.label} ({sentiment.strength:.2f})")
    console.print("words      " + " ".join(f"{t.text}/{t.pos}" for t in understanding.tokens))
    console.print("keywords   " + " ".join(understanding.keywords))
    timings = ", ".join(f"{name} {ms:.1f}" for name, ms in understanding.timings_ms.items())
    console.print(f"[dim]milliseconds: {timings}[/]")
