"""``lingxi nlu``: train understanding on any labelled data, and judge it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.corrections import corrections
from app.cli.nlu_bot import candidate, held_out
from app.cli.progress import tell, training_bars
from app.cli.settings import errors, load_settings
from nlu.artifact import ModelCard, ModelError
from nlu.data import DataError, DataSet, load_data
from nlu.encoder.e5_file import EncoderFileError

if TYPE_CHECKING:
    from nlu.engine.reader import Reader
    from nlu.evaluate.judge import Judgement

app = typer.Typer(no_args_is_help=True)
app.command("corrections")(corrections)
app.command("candidate")(candidate)
app.command("held-out")(held_out)
console = Console()

Data = Annotated[Path, typer.Option(help="JSON lines, CSV, a Rasa nlu.yml, or a bot project.")]
Model = Annotated[Path, typer.Option(help="A trained model's folder.")]
Seed = Annotated[int, typer.Option(help="The same seed and data give the same model.")]
Profile = Annotated[
    Literal["fast", "best"],
    typer.Option(help="`fast`: frozen encoder, seconds. `best`: the encoder is tuned, minutes."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with data or model is told in lines, not in a traceback."""
    try:
        yield
    except DataError as error:
        for problem in error.problems[:50]:
            errors.print(f"[red]✗[/] {problem}", highlight=False, soft_wrap=True)
        if len(error.problems) > 50:
            errors.print(f"... and {len(error.problems) - 50} more")
        raise typer.Exit(2) from None
    except (ModelError, EncoderFileError) as error:
        errors.print(f"[red]✗[/] {error}", soft_wrap=True)
        raise typer.Exit(2) from None


def _encoder_dir() -> Path:
    from app.cli.encoder import prepare_encoder

    return prepare_encoder(load_settings(), tell)


@app.command()
def train(
    data: Data,
    out: Annotated[Path, typer.Option(help="Where the model's folder goes.")],
    dev: Annotated[
        Path | None, typer.Option(help="Held-out data; its labels must all be in train.")
    ] = None,
    profile: Profile = "fast",
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Train a model."""
    from nlu.train import TrainOptions, train_model

    with _told():
        options = TrainOptions(
            profile=profile, seed=seed, threads=load_settings().inference_threads
        )
        held = load_data(dev) if dev is not None else None
        with training_bars() as bars:
            card = train_model(
                load_data(data),
                out,
                encoder_dir=_encoder_dir(),
                dev=held,
                options=options,
                progress=bars,
                warn=lambda words: errors.print(f"[yellow]![/] {words}", highlight=False),
            )
    if as_json:
        typer.echo(json.dumps({"model_id": card.model_id, "scores": card.scores}))
    else:
        _show_card(card, out)


def _show_card(card: ModelCard, out: Path) -> None:
    console.print(
        f"[green]✓[/] model {card.model_id} in {out}: {len(card.intents)} intents, "
        f"{len(card.entity_labels)} entity types"
    )
    for name, value in card.scores.items():
        console.print(f"  {name.replace('_', ' '):20} {value:.4f}")


@app.command()
def evaluate(
    model: Model,
    data: Data,
    oos: Annotated[Path | None, typer.Option(help="Texts that the model should refuse.")] = None,
    noise: Annotated[
        bool, typer.Option("--noise", help="Also with pinyin, homophones, typos, ...: by kind.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="Also write one HTML page: pictures, classes, mistakes.")
    ] = None,
    train_data: Annotated[
        Path | None, typer.Option("--train", help="For the report's learning curve.")
    ] = None,
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of the report.")] = "en",
    seed: Annotated[int, typer.Option(help="The same seed makes the same noise.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Judge a model on labelled data.

    `accuracy` counts the best intent of in-scope examples, refused or not.
    """
    from nlu.evaluate.judge import judge, open_reader

    with _told():
        outside = load_data(oos) if oos is not None else None
        labelled = load_data(data)
        settings = load_settings()
        reader = open_reader(
            model, _encoder_dir(), settings.inference_threads, settings.nlu_runtime
        )
        judgement = judge(reader, labelled, outside)
        figures = judgement.figures.to_json()
        if report is not None:
            _write_report(judgement, reader, report, language, train_data, seed)
        by_kind = _with_noise(reader, labelled, seed) if noise else {}
    if as_json:
        typer.echo(json.dumps(figures | ({"noise": by_kind} if noise else {})))
        return
    figures |= {f"accuracy with {kind.replace('_', ' ')}": found for kind, found in by_kind.items()}
    table = Table("figure", "value", box=None)
    for name, value in figures.items():
        table.add_row(name, _shown(value))
    console.print(table)


def _write_report(
    judgement: Judgement,
    reader: Reader,
    path: Path,
    language: Literal["zh", "en"],
    train_data: Path | None,
    seed: int,
) -> None:
    from nlu.encoder.runtime import Encoder
    from nlu.evaluate.report import curve_points, html_report

    points: list[tuple[int, float]] = []
    if train_data is not None:
        encoder = Encoder(_encoder_dir(), threads=load_settings().inference_threads)
        judged = [one.example for one in judgement.judged]
        points = curve_points(load_data(train_data), judged, encoder, seed)
    page = html_report(judgement, reader.model.card.model_id, language, points)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    errors.print(f"[green]✓[/] report in {path}", soft_wrap=True)


def _with_noise(reader: Reader, data: DataSet, seed: int) -> dict[str, float | int | None]:
    """Accuracy under each kind of noise."""
    from nlu.evaluate.judge import judge
    from nlu.evaluate.noise import KINDS, noisy_set

    return {
        kind: judge(reader, noisy_set(data, kind, seed)).figures.to_json()["accuracy"]
        for kind in KINDS
    }


@app.command()
def validate(data: Data) -> None:
    """Show what in a data set would confuse a model; conflicts fail."""
    from nlu.encoder.runtime import Encoder
    from nlu.evaluate.lint import lint
    from nlu.train.features import text_vectors

    with _told():
        encoder = Encoder(_encoder_dir(), threads=load_settings().inference_threads)
        findings = lint(load_data(data), lambda texts: text_vectors(encoder, texts))
    for finding in findings:
        mark = "[red]✗[/]" if finding.kind == "conflict" else "[yellow]![/]"
        console.print(mark, Text(str(finding)), soft_wrap=True)
    if not findings:
        console.print("[green]✓[/] nothing found")
    if any(finding.kind == "conflict" for finding in findings):
        raise typer.Exit(1)


@app.command("cross-validate")
def cross_validate(
    data: Data,
    folds: Annotated[int, typer.Option(min=2, help="Parts; each is held out once.")] = 5,
    profile: Profile = "fast",
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Train and judge on each of several splits; the mean of each figure."""
    from nlu.evaluate.cross import cross_validate as run
    from nlu.train import TrainOptions

    with _told(), training_bars() as bars:
        options = TrainOptions(profile=profile, seed=seed)
        results = run(load_data(data), _encoder_dir(), folds=folds, options=options, progress=bars)
    figures = mean_of([result.to_json() for result in results])
    if as_json:
        typer.echo(json.dumps(figures))
        return
    table = Table("figure", "mean", *(f"fold {i + 1}" for i in range(len(results))), box=None)
    for name, mean in figures.items():
        table.add_row(name, _shown(mean), *(_shown(result.to_json()[name]) for result in results))
    console.print(table)


@app.command()
def export(
    model: Model,
    out: Annotated[Path, typer.Option(help="Folder for the ONNX graphs.")],
    precision: Annotated[str, typer.Option(help="`fp32` or `int8`.")] = "fp32",
) -> None:
    """Write encoder and tuned layers as ONNX, with a card that says how to use them."""
    from nlu.encoder.export import export_onnx

    if precision not in ("fp32", "int8"):
        raise typer.BadParameter(f"expected fp32 or int8, got {precision}")
    with _told():
        written = export_onnx(model, _encoder_dir(), out, "fp32" if precision == "fp32" else "int8")
    for path in written:
        console.print(f"[green]✓[/] {path} ({path.stat().st_size / 1e6:.1f} MB)", soft_wrap=True)


def _shown(figure: float | None) -> str:
    return "-" if figure is None else str(figure)


def mean_of(rows: Sequence[Mapping[str, float | int | None]]) -> dict[str, float | None]:
    """The mean of each figure; None where a fold has none."""
    means: dict[str, float | None] = {}
    for name in rows[0]:
        values = [value for row in rows if (value := row[name]) is not None]
        means[name] = round(sum(values) / len(values), 4) if len(values) == len(rows) else None
    return means
