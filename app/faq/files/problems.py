"""A mistake in a file: where, what was expected and what came; told in zh or en."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from app.faq.schemas.imports import ProblemOut
from nlu.types import Language

GOT_CHARS = 80


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    file: str
    row: int | None = None
    column: str | None = None
    got: object = None
    fields: Mapping[str, str | int] = field(default_factory=dict)
    """What fills the words of `code`."""


class FileRefused(Exception):  # noqa: N818  (told to people)
    """A file of which nothing can be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.file}")
        self.problem = problem


@contextmanager
def parsing(file: str, format: str) -> Iterator[None]:
    """Others' parsers meet broken bytes with any error whatever: it is told as a broken file."""
    try:
        yield
    except FileRefused:
        raise
    except Exception as error:
        words = str(error) or type(error).__name__
        raise FileRefused(Problem("bad_file", file, got=words, fields={"format": format})) from None


@cache
def _words() -> Any:
    return YAML(typ="safe").load(Path(__file__).with_name("problems.yml"))


def told(problem: Problem, language: Language) -> ProblemOut:
    """The problem in words."""
    words = _words()
    known = {"file": problem.file, "row": problem.row, "column": problem.column}
    place = [
        words["place"][name][language].format_map(known)
        for name in ("file", "row", "column")
        if known[name] is not None
    ]
    expected = words["expected"][problem.code][language].format_map(problem.fields)
    shown = _shown(problem.got)
    got = words["got"][language].format(got=shown) if shown else words["nothing"][language]
    sentence = words["sentence"][language]
    return ProblemOut(
        file=problem.file,
        row=problem.row,
        column=problem.column,
        code=problem.code,
        expected=expected,
        got=got,
        words=sentence.format(
            place=("" if language == "zh" else ", ").join(place), expected=expected, got=got
        ),
    )


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return f"{type(value).__name__}[{len(value)}]"
    text = str(value).encode("utf-8", "replace").decode().replace("\0", "\ufffd").strip()
    return text if len(text) <= GOT_CHARS else text[: GOT_CHARS - 1] + "…"
