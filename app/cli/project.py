"""A bot project for a command: read, or everything that is wrong with it told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from app.cli.settings import errors
from dialogue.domain import DEFAULT_INTENTS, Domain
from dialogue.policy.contradictions import contradictions
from dialogue.project import Project, ProjectError, load_project
from dialogue.project.problems import Problem, Report, did_you_mean
from nlu.data.examples import OOS_LABELS, DataError, DataSet
from nlu.data.load import load_files

MOST_LINES = 5


@dataclass(frozen=True, slots=True)
class Examined:
    """A project with all that is wrong with it; None where it cannot run."""

    project: Project | None
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def mistakes(self) -> int:
        return sum(warning.mistake for warning in self.warnings)

    def tell(self) -> None:
        for words in _told((*self.errors, *self.warnings)):
            errors.print(words, markup=False, highlight=False, soft_wrap=True)


def _told(problems: Sequence[Problem]) -> Iterator[str]:
    """A line for each problem; one that a file has in many places is told once, with the lines."""
    alike: dict[tuple[str, Path | None, str | None], list[Problem]] = {}
    for problem in problems:
        key = (problem.message, problem.file, problem.suggestion)
        alike.setdefault(key, []).append(problem)
    for first, *others in alike.values():
        lines = [str(other.line) for other in others if other.line is not None]
        more = f" and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
        also = f"; also in lines {', '.join(lines[:MOST_LINES])}{more}" if lines else ""
        yield f"{first}{also}"


def examine(bot: Path) -> Examined:
    """Read domain, dialogue, examples and knowledge, and compare them with each other."""
    sound, known = True, None
    wrong: tuple[Problem, ...] = ()
    try:
        known = load_project(bot)
    except ProjectError as broken:
        sound, known, wrong = False, broken.project, broken.errors
    wrong += _unreadable_faq(bot)
    if known is None:
        return Examined(None, wrong, ())
    examples, unread = _examples(known.training_files)
    report = Report()
    _compare(known.domain, examples, report)
    if not unread:
        _find_untaught(known.domain, examples, report)
    warnings = (*known.warnings, *report.warnings, *contradictions(known))
    return Examined(known if sound else None, (*wrong, *_elsewhere(wrong, unread)), warnings)


def _unreadable_faq(bot: Path) -> tuple[Problem, ...]:
    from app.faq.files.problems import told
    from app.faq.files.read import read_folder

    read = read_folder(bot / "faq", ZoneInfo("UTC"))
    return tuple(Problem(told(one, "en").words, bot / "faq") for one in read.problems)


def open_project(bot: Path) -> Project:
    """The project; for one that cannot run everything is told, and the command ends with 1."""
    with suppress(ProjectError):
        project = load_project(bot)
        if not _unreadable_faq(bot):
            return project
    examine(bot).tell()
    raise typer.Exit(1)


def _examples(files: Sequence[Path]) -> tuple[DataSet, list[Problem]]:
    """What the files teach, and what in them cannot be read."""
    try:
        return load_files(files), []
    except DataError as wrong:
        problems = [Problem(p.words, Path(p.file), p.line or None) for p in wrong.problems]
        return wrong.rest or DataSet(), problems


def _elsewhere(told: Iterable[Problem], more: Iterable[Problem]) -> Iterator[Problem]:
    """Of `more` what is not about files that could not be read anyhow."""
    unread = {problem.file for problem in told if problem.message.startswith("not valid YAML")}
    return (problem for problem in more if problem.file not in unread)


def _compare(domain: Domain, data: DataSet, report: Report) -> None:
    """What examples and domain know of each other."""
    intents, entities = tuple(domain.intents), domain.entities
    for example in data.examples:
        at = (Path(example.file), example.line)
        base = (example.intent or "").split("/", 1)[0]
        if base and base not in domain.intents and base not in OOS_LABELS:
            report.dangling("intent", base, intents, *at)
        for span in example.entities or ():
            if span.entity not in entities:
                report.dangling("entity", span.entity, entities, *at)


def _find_untaught(domain: Domain, data: DataSet, report: Report) -> None:
    if not data.examples:
        report.warn("no NLU examples: only buttons and payloads such as /greet are understood")
    taught = {(example.intent or "").split("/", 1)[0] for example in data.examples}
    for name in domain.intents:
        if data.examples and name not in taught and name not in DEFAULT_INTENTS:
            hint = did_you_mean(name, tuple(taught)) or "add some, or take it out of the domain"
            report.warn(f"the intent {name!r} has no examples", None, None, hint)
