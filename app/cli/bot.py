"""``lingxi train`` and ``lingxi validate``: a bot project into what serves it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli.progress import training_bars
from app.cli.settings import errors, load_settings
from app.config import Settings
from app.weights.packages import Say
from dialogue.project.model import Project

if TYPE_CHECKING:
    from dialogue.policy.trained import TrainedPolicy
    from nlu.data.examples import DataSet
    from nlu.heads import FloatArray
    from nlu.train.progress import Progress, Step

SEED = 7
STAMP = "source.sha256"
POLICY_STAMP = "policy.sha256"
"""Beside the policy's folder: a project may well have none."""

train_app = typer.Typer()
validate_app = typer.Typer()
Bot = Annotated[Path | None, typer.Argument(help="The bot project; else the settings'.")]


@train_app.command()
def train(bot: Bot = None) -> None:
    """Train a bot project."""
    from app.cli.project import examine
    from nlu.data.examples import DataError
    from nlu.encoder.e5_file import EncoderFileError

    settings = load_settings(bot=bot.resolve() if bot else None)
    examined = examine(settings.bot)
    examined.tell()
    if examined.project is None:
        raise typer.Exit(1)
    try:
        with training_bars() as bars:
            scores = train_bot(examined.project, settings, bars)
    except DataError as wrong:  # stories can still be judged with `lingxi test`
        if not examined.errors:  # else they are told above
            errors.print(str(wrong), markup=False)
        errors.print(
            "[red]✗[/] no understanding was trained: the bot cannot be served before its NLU data "
            "is mended"
        )
        raise typer.Exit(1) from None
    except EncoderFileError as wrong:
        errors.print(f"{wrong}; or set LINGXI_HOME", markup=False)
        raise typer.Exit(2) from None
    for name, score in scores.items():
        Console().print(f"{name}  {score:.3f}")


@validate_app.command()
def validate(bot: Bot = None) -> None:
    """Check a bot project for mistakes."""
    from app.cli.project import examine

    settings = load_settings(bot=bot.resolve() if bot else None)
    examined = examine(settings.bot)
    examined.tell()
    project, mistakes = examined.project, examined.mistakes + len(examined.errors)
    if project is None:
        raise typer.Exit(1)
    if not project.domain.intents and not project.domain.responses:
        errors.print(f"[red]✗[/] expected a domain in {settings.bot}, found none")
        raise typer.Exit(1)
    count = len(examined.warnings) - examined.mistakes
    Console().print(f"{settings.bot}: {mistakes} mistakes, {count} warnings")
    if mistakes:
        raise typer.Exit(1)


def train_if_stale(bot: Path, settings: Settings, say: Say) -> None:
    """Train what did not come from exactly these files: understanding, policy or both."""
    from dialogue.project.load import load_project

    project = load_project(bot)
    folder = settings.nlu_model.parent
    if _read(settings.nlu_model / STAMP) != nlu_print(project):
        words = "training the understanding, about a minute"
        say(words)

        def tell(step: Step) -> None:
            figures = "  ".join(f"{name} {value:.3g}" for name, value in step.figures.items())
            say(f"{words}: {step.stage}  {figures}", step.done / max(1, step.total))

        _train_nlu(project, settings, tell)
    if _read(folder / POLICY_STAMP) != _policy_print(project):
        say("training the policy")
        _train_policy(project, settings)


def train_bot(project: Project, settings: Settings, progress: Progress) -> dict[str, float]:
    """Train understanding and policy. Returns their scores.

    Raises `DataError` for NLU data that cannot be trained on, when the policy is trained already.
    """
    policy = _train_policy(project, settings)
    return {**_train_nlu(project, settings, progress), **policy}


def _train_nlu(project: Project, settings: Settings, progress: Progress) -> dict[str, float]:
    """Train beside the old model, then put the new one in its place."""
    from nlu.data.load import load_files
    from nlu.train import TrainOptions, train_model

    target = settings.nlu_model
    target.parent.mkdir(parents=True, exist_ok=True)
    options = TrainOptions(
        profile="fast",
        seed=SEED,
        threads=settings.inference_threads,
        tolerated_share=1.0,  # a bot that Rasa trained trains here, whatever is told of its slips
    )
    examples = teachable(load_files(project.training_files), project)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fresh = Path(scratch) / "nlu"
        card = train_model(
            examples,
            fresh,
            encoder_dir=settings.encoder_folder,
            options=options,
            progress=progress,
            warn=_warn,
        )
        (fresh / STAMP).write_text(nlu_print(project))
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return dict(card.scores)


def teachable(data: DataSet, project: Project) -> DataSet:
    """Without two intents to tell apart a model is trained that knows none: buttons still work."""
    from nlu.data.examples import Example

    if len(data.intents) > 1:
        return data
    _warn(
        f"{project.root}: expected NLU examples of two or more intents, got "
        f"{', '.join(data.intents) or 'none'}: only buttons and payloads such as /greet are "
        "understood, other words are nlu_fallback"
    )
    unlabelled = tuple(replace(example, intent=None) for example in data.examples)
    return replace(
        data, examples=unlabelled or tuple(Example(text, entities=()) for text in ("hello", "你好"))
    )


def fit_policy(project: Project, settings: Settings) -> TrainedPolicy | None:
    """The dialogue's trained policy, where the project's configuration asks for one."""
    from dialogue.policy.train import train_policy

    if not project.policies.trained:
        return None
    return train_policy(project, meanings=_meanings(project, settings))


def _meanings(project: Project, settings: Settings) -> dict[str, FloatArray]:
    """What the encoder makes of the intents; nothing where it or the examples cannot be read."""
    from nlu.data.examples import DataError
    from nlu.data.load import load_files
    from nlu.encoder.e5_file import EncoderFileError
    from nlu.train.meanings import intent_meanings

    try:
        data = load_files(project.training_files)
        return intent_meanings(data, settings.encoder_folder, threads=settings.inference_threads)
    except (DataError, EncoderFileError):
        return {}


def _train_policy(project: Project, settings: Settings) -> dict[str, float]:
    from dialogue.policy.train import save_policy

    folder = settings.nlu_model.parent
    policy = fit_policy(project, settings)
    if policy is None:
        shutil.rmtree(folder / "policy", ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    else:
        save_policy(policy, folder / "policy")
    (folder / POLICY_STAMP).write_text(_policy_print(project))
    return {f"policy {name}": score for name, score in policy.card.scores.items()} if policy else {}


def _warn(words: str) -> None:
    errors.print(words, markup=False, soft_wrap=True)


def _read(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.is_file() else None


def nlu_print(project: Project) -> str:
    """Of what the understanding is trained on: the examples, and the encoder that reads them."""
    from nlu.encoder.folder import FORMAT

    digest = hashlib.sha256(f"encoder {FORMAT}".encode())
    for path in sorted(project.training_files):
        content = path.read_bytes()
        digest.update(f"{os.path.relpath(path, project.root)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _policy_print(project: Project) -> str:
    """Of what the policy is trained on, as this version of Lingxi reads it."""
    from dialogue.policy.trained import fingerprint

    return fingerprint(project)
