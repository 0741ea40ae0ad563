"""``lingxi train`` and ``lingxi validate``: a bot project into what serves it."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.settings import errors, load_settings
from app.config import Settings

SEED = 7
STAMP = "source.sha256"

train_app = typer.Typer()
validate_app = typer.Typer()
Bot = Annotated[Path | None, typer.Argument(help="The bot project; else the settings'.")]


@train_app.command()
def train(bot: Bot = None) -> None:
    """Train a bot project."""
    from dialogue.project.problems import ProjectError
    from nlu.data.examples import DataError
    from nlu.encoder.e5_file import EncoderFileError

    settings = load_settings(bot=bot.resolve() if bot else None)
    console = Console()
    try:
        with console.status("training …"):
            scores = train_bot(settings.bot, settings)
    except ProjectError as wrong:
        errors.print(str(wrong), markup=False)
        raise typer.Exit(1) from None
    except DataError as wrong:  # stories can still be judged with `lingxi test`
        _train_policy(settings.bot, settings.nlu_model.parent / "policy")
        errors.print(f"no understanding was trained: {wrong}", markup=False)
        errors.print("[red]✗[/] the bot cannot be served before its NLU data is mended")
        raise typer.Exit(1) from None
    except EncoderFileError as wrong:
        errors.print(f"{wrong}; run `lingxi setup`, or set LINGXI_HOME", markup=False)
        raise typer.Exit(2) from None
    for name, score in scores.items():
        console.print(f"{name}  {score:.3f}")


@validate_app.command()
def validate(bot: Bot = None) -> None:
    """Check a bot project for mistakes."""
    from dialogue.project.load import load_project
    from dialogue.project.problems import ProjectError

    settings = load_settings(bot=bot.resolve() if bot else None)
    try:
        project = load_project(settings.bot)
    except ProjectError as wrong:
        for problem in (*wrong.errors, *wrong.warnings):
            errors.print(str(problem), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    for warning in project.warnings:
        errors.print(str(warning), markup=False, soft_wrap=True)
    mistakes = sum(warning.dangling for warning in project.warnings)
    if not project.domain.intents and not project.domain.responses:
        errors.print(f"[red]✗[/] expected a domain in {settings.bot}, found none")
        raise typer.Exit(1)
    count = len(project.warnings) - mistakes
    Console().print(f"{settings.bot}: {mistakes} mistakes, {count} warnings")
    if mistakes:
        raise typer.Exit(1)


def train_if_stale(bot: Path, settings: Settings, say: Callable[[str], None]) -> None:
    """Train unless the model in place came from exactly these files."""
    stamp = settings.nlu_model / STAMP
    if stamp.is_file() and stamp.read_text() == _fingerprint(bot):
        return
    say("training, about a minute")
    train_bot(bot, settings)


def train_bot(bot: Path, settings: Settings) -> dict[str, float]:
    """Train beside the old model, then put the new one in its place. Returns its scores."""
    from nlu.train import TrainOptions, train_model

    target = settings.nlu_model
    target.parent.mkdir(parents=True, exist_ok=True)
    options = TrainOptions(profile="fast", seed=SEED, threads=settings.inference_threads)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fresh = Path(scratch) / "nlu"
        card = train_model(
            bot / "data", fresh, encoder_dir=settings.encoder_folder, options=options
        )
        (fresh / STAMP).write_text(_fingerprint(bot))
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return {**card.scores, **_train_policy(bot, target.parent / "policy")}


def _train_policy(bot: Path, folder: Path) -> dict[str, float]:
    """The dialogue's trained policy, where the project's configuration asks for one."""
    from dialogue.policy.train import save_policy, train_policy
    from dialogue.project.load import load_project

    policy = train_policy(load_project(bot))
    if policy is None:
        shutil.rmtree(folder, ignore_errors=True)
        return {}
    save_policy(policy, folder)
    return {f"policy {name}": score for name, score in policy.card.scores.items()}


def _fingerprint(bot: Path) -> str:
    """Of the files that training reads."""
    digest = hashlib.sha256()
    for path in sorted((bot / "data").rglob("*.yml")):
        digest.update(str(path.relative_to(bot)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
