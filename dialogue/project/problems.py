"""What is wrong with a project, or cannot be honoured, with the place and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialogue.project.model import Project


@dataclass(frozen=True, slots=True)
class Problem:
    message: str
    file: Path | None = None
    line: int | None = None
    suggestion: str | None = None
    mistake: bool = False
    """Surely not meant so, as a name that nothing defines. The bot runs without it;
    `lingxi validate` fails on it."""

    def __str__(self) -> str:
        place = f"{self.file}" if self.file else "project"
        if self.line is not None:
            place += f":{self.line}"
        return f"{place}: {self.message}" + (f" ({self.suggestion})" if self.suggestion else "")


class ProjectError(Exception):
    """A project that cannot run; `errors` holds everything found, not only the first."""

    def __init__(
        self,
        errors: Sequence[Problem],
        warnings: Sequence[Problem] = (),
        project: Project | None = None,
    ) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)
        self.warnings = tuple(warnings)
        self.project = project
        """As far as it could be read: what else is wrong with it can be told too."""


@dataclass
class Report:
    """Collects problems while a project is read."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def error(
        self,
        message: str,
        file: Path | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        _add(self.errors, Problem(message, file, line, hint))

    def warn(
        self,
        message: str,
        file: Path | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        _add(self.warnings, Problem(message, file, line, hint))

    def mistake(
        self,
        message: str,
        file: Path | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        """Something to mend, with which the bot runs all the same."""
        _add(self.warnings, Problem(message, file, line, hint, mistake=True))

    def dangling(
        self, what: str, name: str, known: Sequence[str], file: Path | None, line: int | None
    ) -> None:
        """A reference to a `what` that the domain does not have."""
        many = "entities" if what == "entity" else f"{what}s"
        hint = did_you_mean(name, known) or f"add it to the domain's {many}"
        self.mistake(f"the {what} {name!r} is not in the domain", file, line, hint)


def _add(found: list[Problem], problem: Problem) -> None:
    """Once: two files may lead to the same place."""
    if problem not in found:
        found.append(problem)


def did_you_mean(name: str, known: Sequence[str]) -> str | None:
    close = get_close_matches(name, known, n=1, cutoff=0.75)
    return f"did you mean {close[0]!r}?" if close else None
