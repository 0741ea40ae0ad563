"""``lingxi nlu candidate | held-out``: a bot's next model beside the one that serves, and how good it is.

Progress goes to standard output, one JSON object a line, for whoever started it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.settings import errors, load_settings
from dialogue.project.load import load_project
from nlu.data import DataError, load_data
from nlu.data.load import load_files
from nlu.encoder.e5_file import EncoderFileError
from nlu.train.progress import Step

if TYPE_CHECKING:
    from app.config import Settings
    from dialogue.project.model import Project

JUDGED = "judged.json"
HELD_OUT = "eval/nlu_dev.jsonl"
"""Below the bot project: labelled examples that no model is trained on."""

Bot = Annotated[Path | None, typer.Option(help="The bot project; else the settings'.")]


def candidate(
    out: Annotated[Path, typer.Option(help="Folder for the model.")],
    bot: Bot = None,
    extra: Annotated[Path | None, typer.Option(help="Further examples: corrections.")] = None,
    profile: Literal["fast", "best"] = "fast",
) -> None:
    """Train a bot's next model without touching the one that serves, and judge it."""
    from app.cli.bot import SEED, STAMP, nlu_print
    from nlu.train import TrainOptions, train_model

    settings = load_settings(bot=bot)
    project = load_project(settings.bot)
    options = TrainOptions(
        profile=profile, seed=SEED, threads=settings.inference_threads, tolerated_share=1.0
    )
    try:
        data = load_files(project.training_files)
        if extra is not None:
            data += load_data(extra)
        train_model(data, out, encoder_dir=settings.encoder_folder, options=options, progress=_say)
    except (DataError, EncoderFileError) as wrong:
        errors.print(str(wrong), markup=False)
        raise typer.Exit(2) from None
    (out / STAMP).write_text(nlu_print(project))
    _judge(out, project, settings)


def held_out(
    model: Annotated[Path, typer.Option(help="A trained model's folder.")], bot: Bot = None
) -> None:
    """Judge a model on the bot's held-out examples, and keep the result beside it."""
    settings = load_settings(bot=bot)
    _judge(model, load_project(settings.bot), settings)


def _judge(model: Path, project: Project, settings: Settings) -> None:
    from nlu.evaluate.judge import judge, open_reader

    file = project.root / HELD_OUT
    if not file.is_file():
        return
    _say(Step("judge", 0, 1))
    found = judge(
        open_reader(model, settings.encoder_folder, settings.inference_threads), load_data(file)
    )
    kept = {
        "figures": found.figures.to_json(),
        "answers": [
            {
                "text": one.example.text,
                "expected": one.gold,
                "said": one.best_intent,
                "confidence": round(one.best_confidence, 4),
            }
            for one in found.judged
        ],
    }
    (model / JUDGED).write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    _say(Step("judge", 1, 1))


def _say(step: Step) -> None:
    said = {"stage": step.stage, "done": step.done, "total": step.total}
    typer.echo(json.dumps(said | {"figures": dict(step.figures)}))
