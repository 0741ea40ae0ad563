"""``lingxi faq``: the knowledge. What needs no database is here: search it and judge it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli.faq_files import FileProblem, Query, read_entries, read_queries
from app.cli.faq_learn import learn
from app.cli.faq_reader import learn_reader
from app.cli.faq_store import export, import_file, lint
from app.cli.faq_synonyms import synonyms
from app.cli.settings import errors, load_settings
from app.config import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dialogue.knowledge.types import Entry, SearchResult
    from nlu.engine import Engine

RANKS = 100
"""Ranks looked at for the reciprocal rank; what comes later counts nothing."""

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def root() -> None:
    """The knowledge: import, export, search and judge it."""


app.command("import")(import_file)
app.command()(export)
app.command()(lint)
app.command()(synonyms)
app.command()(learn)
app.command()(learn_reader)


@app.command()
def evaluate(
    entries: Annotated[Path, typer.Option(help='JSON lines: {"id", "questions", "answer"}.')],
    queries: Annotated[Path, typer.Option(help='JSON lines: {"query", "entry"[, "candidates"]}.')],
    as_json: AsJson = False,
) -> None:
    """Ask every query; tell how often the right entry came first."""
    try:
        known = read_entries(entries)
        asked = read_queries(queries, {entry.id for entry in known})
    except FileProblem as wrong:
        errors.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    found = asyncio.run(_search_all(load_settings(), known, asked))
    scores = judge(asked, found)
    if as_json:
        typer.echo(json.dumps(scores))
        return
    for name, score in scores.items():
        shown = "-" if score is None else f"{score:.4f}" if isinstance(score, float) else score
        typer.echo(f"{name:12} {shown}")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="What the customer asks.")],
    entries: Annotated[Path | None, typer.Option(help="JSON lines; else the bot's faq.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=RANKS)] = 5,
    as_json: AsJson = False,
) -> None:
    """Search, and show the scores of what was found."""
    from app.faq.seed import project_entries

    settings = load_settings()
    try:
        known = read_entries(entries) if entries else project_entries(settings.bot, settings.zone)
    except (FileProblem, ValueError) as wrong:
        errors.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    query = Query(text, None, None)
    result = asyncio.run(_search_all(settings, known, [query], limit))[0]
    if as_json:
        typer.echo(json.dumps(_shown(result), ensure_ascii=False))
        return
    table = Table("score", "words", "vectors", "entry", "question")
    for hit in result.hits:
        numbers = (f"{value:.3f}" for value in (hit.score, hit.lexical, hit.semantic))
        table.add_row(*numbers, hit.entry.id, hit.question)
    at = result.thresholds
    Console().print(f"{result.verdict} (answer ≥ {at.answer}, suggest ≥ {at.suggest})", table)


def judge(asked: Sequence[Query], found: Sequence[SearchResult]) -> dict[str, float | int | None]:
    """P@1, MRR and recall over answerable queries; over the others, the share not answered."""
    places: list[int | None] = []
    refused: list[bool] = []
    for query, result in zip(asked, found, strict=True):
        if query.entry is None:
            refused.append(result.verdict != "answer")
            continue
        ids = [hit.entry.id for hit in result.hits]
        places.append(ids.index(query.entry) if query.entry in ids else None)
    return {
        "p_at_1": _share([place == 0 for place in places]),
        "mrr": _share([0.0 if place is None else 1 / (place + 1) for place in places]),
        "recall_at_5": _share([place is not None and place < 5 for place in places]),
        "refused": _share(refused),
        "queries": len(asked),
    }


def _share(values: Sequence[float]) -> float | None:
    """The mean; None where there was nothing to count."""
    return round(sum(values) / len(values), 4) if values else None


def _shown(result: SearchResult) -> dict[str, object]:
    return {
        "verdict": result.verdict,
        "thresholds": {"answer": result.thresholds.answer, "suggest": result.thresholds.suggest},
        "hits": [
            {
                "entry": hit.entry.id,
                "question": hit.question,
                "score": round(hit.score, 4),
                "lexical": round(hit.lexical, 4),
                "semantic": round(hit.semantic, 4),
                "why": {name: round(value, 4) for name, value in hit.features.items()},
            }
            for hit in result.hits
        ],
    }


@asynccontextmanager
async def embedding(settings: Settings) -> AsyncIterator[Engine]:
    from nlu.encoder.e5_file import EncoderFileError
    from nlu.engine import Engine

    try:
        engine = Engine.load(None, settings.encoder_folder, threads=settings.inference_threads)
    except (EncoderFileError, FileNotFoundError) as wrong:
        errors.print(f"{wrong}; or set LINGXI_HOME", markup=False)
        raise typer.Exit(2) from None
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


async def _search_all(
    settings: Settings, known: Sequence[Entry], asked: Sequence[Query], limit: int = RANKS
) -> list[SearchResult]:
    from dialogue.knowledge.live import LiveKnowledge
    from dialogue.knowledge.reading.reader import Reader
    from dialogue.knowledge.text import has_han, plain

    async with embedding(settings) as engine:
        knowledge = LiveKnowledge(engine, reader=Reader.load(engine))
        await knowledge.replace(known)
        vectors = await engine.embed([plain(query.text) or " " for query in asked])
        return [
            await knowledge.search(
                query.text,
                language="zh" if has_han(query.text) else "en",
                vector=vector,
                limit=limit,
                among=query.candidates,
            )
            for query, vector in zip(asked, vectors, strict=True)
        ]
