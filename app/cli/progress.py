"""How far a long command is, for a person at a terminal and for a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from app.cli.settings import errors

if TYPE_CHECKING:
    from nlu.train.progress import Step


def step_bars(console: Console) -> Progress:
    """For `Bar`s."""
    return Progress(
        TextColumn("{task.description:14}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[words]}"),
        console=console,
    )


class Bar:
    """One step: how much of its present part is done, in a line that is rewritten.

    Where nothing can be rewritten (a log), each part is told once, without the figures that
    follow two spaces.
    """

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self._told: str | None = None

    def __call__(self, words: str, share: float | None = None, /) -> None:
        part, _, _figures = words.partition("  ")
        if part != self._told and not self._progress.console.is_terminal:
            self._progress.console.print(part.strip(), style="dim", highlight=False)
        self._told = part
        self._progress.update(self._task, total=share and 1.0, completed=share, words=words)

    def done(self) -> None:
        self._progress.update(self._task, total=1.0, completed=1.0, words="[green]✓[/]")
        self._progress.stop_task(self._task)


def tell(words: str, share: float | None = None, /) -> None:
    """What is being prepared, a line for each part of it."""
    if not share:
        errors.print(words, style="dim", highlight=False)


class TrainingBars:
    """A bar for each stage of a training run, with its loss and dev scores."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: Step) -> None:
        if step.stage not in self._tasks:
            self._tasks[step.stage] = self._progress.add_task(step.stage, figures="")
        figures = "  ".join(f"{name} {value:.4g}" for name, value in step.figures.items())
        self._progress.update(
            self._tasks[step.stage], completed=step.done, total=step.total, figures=figures
        )


@contextmanager
def training_bars() -> Iterator[TrainingBars]:
    columns = (
        TextColumn("{task.description:20}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=errors) as progress:
        yield TrainingBars(progress)
