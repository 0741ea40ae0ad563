"""``lingxi test``: run a bot project's test stories, judged as Rasa judges them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.cli.bot import fit_policy
from app.cli.project import open_project
from app.cli.settings import errors, expect_model, load_settings
from app.config import Settings
from dialogue.policy.ensemble import Policies
from dialogue.policy.trained import load_trained
from dialogue.project import Project
from dialogue.testing.live import LiveReport
from dialogue.testing.stories import TestReport, run_tests

app = typer.Typer()


class Nlu(StrEnum):
    gold = "gold"
    model = "model"


@app.command()
def run_stories(
    bot: Annotated[Path | None, typer.Argument(help="The bot project; else the settings'.")] = None,
    nlu: Annotated[
        Nlu, typer.Option(help="Believe the stories' annotation, or ask the trained model.")
    ] = Nlu.gold,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    e2e: Annotated[
        bool, typer.Option("--e2e", help="Speak the stories to a live bot, through its socket.")
    ] = False,
) -> None:
    """Run a bot project's test stories."""
    settings = load_settings(bot=bot.resolve() if bot else None)
    project = open_project(settings.bot)
    report: TestReport | LiveReport
    report = _speak(project, settings) if e2e else asyncio.run(_run(project, settings, nlu))
    written = _write_failed(report, settings)
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _show(report, written)
    if report.failed:
        raise typer.Exit(1)


async def _run(project: Project, settings: Settings, nlu: Nlu) -> TestReport:
    scorer = load_trained(settings.nlu_model.parent / "policy", project)
    policies = Policies.build(project, scorer or fit_policy(project, settings))
    if nlu is Nlu.gold:
        return await run_tests(project, policies)
    from nlu.engine import Engine

    expect_model(settings)
    engine = Engine.load(
        settings.nlu_model, settings.encoder_folder, threads=settings.inference_threads
    )
    await engine.start()
    try:
        return await run_tests(project, policies, engine.parse)
    finally:
        await engine.close()


def _speak(project: Project, settings: Settings) -> LiveReport:
    from app.cli.live_tests import LiveTestError, speak_stories

    expect_model(settings)
    try:
        return asyncio.run(speak_stories(project, settings))
    except* LiveTestError as failed:
        for wrong in failed.exceptions:
            errors.print(f"[red]✗[/] {wrong}")
        raise typer.Exit(2) from None


def _write_failed(report: TestReport | LiveReport, settings: Settings) -> Path | None:
    """The failed stories with where they diverge, as YAML; None when all passed."""
    file = settings.home / "results" / settings.bot.name / "failed_stories.yml"
    if not report.failed:
        file.unlink(missing_ok=True)
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = ['version: "3.1"', "failed:"]
    for result in report.failed:
        lines.append(f"- story: {json.dumps(result.name, ensure_ascii=False)}")
        lines.append("  divergences:")
        for one in result.divergences:
            lines.append(f"  - {json.dumps(one.as_json(), ensure_ascii=False, default=str)}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _counted(figures: Mapping[str, Any]) -> Iterator[str]:
    """A story passes when everything in it is right; what is counted besides tells what was not."""
    yield f"{figures['stories_passed']} of {figures['stories']} stories"
    if "turns" in figures:
        yield f"{figures['turns_agreed']} of {figures['turns']} turns"
        return
    yield f"{figures['actions_correct']} of {figures['actions']} actions"
    if figures["intents"]:
        yield f"{figures['intents_correct']} of {figures['intents']} intents"
        yield f"the entities of {figures['entities_correct']} of {figures['intents']} messages"


def _show(report: TestReport | LiveReport, written: Path | None) -> None:
    console = Console()
    figures = report.as_json()
    for result in report.failed:
        first = result.divergences[0]
        console.print(f"[red]✗[/] {result.name}", markup=True, highlight=False)
        console.print(
            f"    after {first.after!r}: expected {first.kind} {first.expected}, got {first.got}"
            + (f" ({first.policy}, {first.confidence})" if first.policy else ""),
            markup=False,
        )
    console.print(", ".join(_counted(figures)))
    if written is not None:
        console.print(f"failed stories: {written}", markup=False)
