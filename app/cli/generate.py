"""``lingxi generate``: tune the local language model, and judge what customers are told."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from app.cli.progress import tell
from app.cli.settings import errors, load_settings
from app.config import Settings
from app.weights.packages import FetchError
from dialogue.generate.adapter import FOLDER as ADAPTER
from dialogue.generate.judge import Asked, Judged, SuiteError, figures, judge_replies, read_suite
from nlu.types import Language

if TYPE_CHECKING:
    from app.engines import Engines
    from dialogue.generate.tune.train import Judgement
    from dialogue.generate.tune.train import Progress as Told

MOST_LOADING_S = 120.0
LANGUAGES: tuple[Language, ...] = ("zh", "en")
app = typer.Typer(no_args_is_help=True)
console = Console()
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.callback()
def root() -> None:
    """The language model: tune and judge it."""


@app.command()
def train(
    out: Annotated[
        Path, typer.Option(help="The adapter's folder; the default one ships.")
    ] = ADAPTER,
    data: Annotated[Path | None, typer.Option(help="Folder of scenes; else our own.")] = None,
    steps: Annotated[int, typer.Option(min=1, help="Lessons of about ten questions.")] = 400,
    rank: Annotated[int, typer.Option(min=1, max=64, help="Width of the adapter.")] = 8,
    rate: Annotated[float, typer.Option(min=1e-6, max=1e-1, help="Learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="The same seed and data make the same lessons.")] = 7,
    judge_every: Annotated[int, typer.Option(min=1, help="Steps between judgements.")] = 80,
    restart: Annotated[bool, typer.Option("--restart", help="Forget the last checkpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tune the local model on written dialogues; an interrupted run goes on where it was."""
    # A thread that spins while it waits takes the core that another one works on.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    from app.weights.generator import base_model
    from dialogue.generate.tune.scenes import FOLDER, SceneError
    from dialogue.generate.tune.train import TuneOptions, Tuner

    settings = load_settings()
    options = TuneOptions(
        steps=steps,
        rank=rank,
        rate=rate,
        seed=seed,
        threads=settings.inference_threads,
        judge_every=judge_every,
    )
    work = settings.home / "tuning"
    if restart:
        (work / "checkpoint.safetensors").unlink(missing_ok=True)
    try:
        with base_model(settings.home, tell) as source:
            tell("reading the model and the dialogues")
            tuner = Tuner(source, work, options, data or FOLDER)
        with _bar() as bar:
            judgement = tuner.run(out, bar)
    except (SceneError, FetchError) as wrong:
        errors.print(f"[red]✗[/] {wrong}", highlight=False)
        raise typer.Exit(2) from None
    _show(judgement, out, as_json)


class _bar:  # noqa: N801  used as a context manager alone
    """A bar with the loss and the last judgement."""

    def __enter__(self) -> _bar:
        columns = (
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
        )
        self._progress = Progress(*columns, console=errors)
        self._progress.start()
        self._task = self._progress.add_task("tuning", figures="")
        return self

    def __call__(self, told: Told) -> None:
        text = f"loss {told.loss:.3f}"
        if told.judgement is not None:
            held = told.judgement
            text += (
                f"  held out: loss {held.loss:.3f} kinds {held.marks:.3f} words {held.words:.3f}"
            )
        self._progress.update(self._task, completed=told.step, total=told.steps, figures=text)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _show(judgement: Judgement, out: Path, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        typer.echo(json.dumps(asdict(judgement)))
        return
    console.print(f"[green]✓[/] adapter in {out}; `lingxi setup` puts it into the model")
    for name, value in asdict(judgement).items():
        console.print(f"  {name:10} {value}")


@app.command()
def evaluate(
    suite: Annotated[
        Path | None, typer.Option(help="JSON lines; else the bot's own suite.")
    ] = None,
    backend: Annotated[
        Literal["local", "openai", "none"] | None, typer.Option(help="Else the settings' one.")
    ] = None,
    details: Annotated[Path | None, typer.Option(help="Write each answer here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the bot every question of a suite; tell what reached the customer, and was it so."""
    settings = load_settings(generation=backend)
    path = suite or settings.bot / "eval" / "grounded.jsonl"
    try:
        asked = read_suite(path)
    except SuiteError as wrong:
        errors.print(str(wrong), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    judged = asyncio.run(_ask_all(settings, asked))
    if details is not None:
        rows = [json.dumps(_row(one), ensure_ascii=False) for one in judged]
        details.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = {"backend": settings.generation, **figures(judged)}
    if as_json:
        typer.echo(json.dumps(found))
        return
    for name, value in found.items():
        console.print(f"{name:26} {'-' if value is None else value}")


def _row(judged: Judged) -> dict[str, object]:
    return {
        **judged.asked.model_dump(),
        "source": judged.source,
        "said": judged.said,
        "from": judged.entries,
        "offered": judged.offered,
        "unsupported": judged.unsupported,
        "seconds": round(judged.seconds, 3),
    }


async def _ask_all(settings: Settings, asked: list[Asked]) -> list[Judged]:
    """Each in a conversation of its own, by the real understanding, search and dialogue."""
    from app.cli.chat import running_engines
    from app.cli.conversation import Conversation
    from app.faq.seed import project_entries

    entries = project_entries(settings.bot, settings.zone)
    known: dict[Language, dict[str, str]] = {
        language: {e.id: f"{e.title(language)} {e.answer(language)}" for e in entries}
        for language in LANGUAGES
    }
    titles: dict[Language, dict[str, str]] = {
        language: {e.id: e.title(language) for e in entries} for language in LANGUAGES
    }
    async with running_engines(settings) as engines:
        await _until_ready(settings, engines)
        judged = []
        for number, one in enumerate(asked):
            talk = Conversation(engines, f"suite-{number}")
            for by, earlier in one.history:
                if by == "customer":
                    await talk.say(earlier)
            began = time.perf_counter()
            _, result = await talk.say(one.question)
            spent = time.perf_counter() - began
            shown = titles[one.language]
            judged.append(judge_replies(one, result.replies, known[one.language], spent, shown))
        return judged


async def _until_ready(settings: Settings, engines: Engines) -> None:
    """A model that is still loading would be judged as none."""
    if settings.generation == "none":
        return
    until = time.monotonic() + MOST_LOADING_S
    while engines.generator is None or not engines.generator.ready:
        if engines.generator is None or time.monotonic() > until:
            errors.print("[red]✗[/] the language model is not ready; run `lingxi setup`")
            raise typer.Exit(2)
        await asyncio.sleep(0.1)
