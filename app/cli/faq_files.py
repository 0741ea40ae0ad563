"""Entries and queries as JSON lines; a mistake is told with file, line, expected and got."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from dialogue.knowledge.text import has_han
from dialogue.knowledge.types import Entry


class FileProblem(ValueError):  # noqa: N818  (told to people)
    """One mistake of a file: ``faq.jsonl:3: expected "questions" to be a list, got null``."""

    def __init__(self, path: Path, line: int | None, expected: str, got: object) -> None:
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: expected {expected}, got {_short(got)}")


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    entry: str | None
    """The id of the right entry; None when no entry answers."""
    candidates: tuple[str, ...] | None
    """The ids to rank; None ranks them all."""


def read_entries(path: Path) -> list[Entry]:
    """Raises `FileProblem`."""
    found: dict[str, Entry] = {}
    for line, row in _rows(path):
        id_ = _id(path, line, "id", row.get("id"))
        if id_ in found:
            raise FileProblem(path, line, 'an "id" that no line before has', row["id"])
        questions = row.get("questions")
        if not isinstance(questions, list) or not questions:
            raise FileProblem(path, line, '"questions" to be a list of texts', questions)
        for question in questions:
            if not isinstance(question, str) or not question.strip():
                raise FileProblem(path, line, 'each of "questions" to be a text', question)
        answer = row.get("answer", "")
        if not isinstance(answer, str):
            raise FileProblem(path, line, '"answer" to be a text', answer)
        language = "zh" if has_han(answer or questions[0]) else "en"
        found[id_] = Entry(
            id_, tuple(questions), {"zh": answer} if language == "zh" else {"en": answer}
        )
    if not found:
        raise FileProblem(path, None, "one entry a line", "an empty file")
    return list(found.values())


def read_queries(path: Path, known: Collection[str]) -> list[Query]:
    """Raises `FileProblem`, also for an entry that is not in `known`."""
    queries: list[Query] = []
    for line, row in _rows(path):
        text = row.get("query")
        if not isinstance(text, str):
            raise FileProblem(path, line, '"query" to be a text', text)
        if "entry" not in row:
            raise FileProblem(path, line, '"entry" (an id, or null for no answer)', sorted(row))
        wanted = row["entry"]
        entry = None if wanted is None else _id(path, line, "entry", wanted)
        if entry is not None and entry not in known:
            raise FileProblem(path, line, '"entry" to be the id of an entry', wanted)
        among = row.get("candidates")
        if among is not None and not isinstance(among, list):
            raise FileProblem(path, line, '"candidates" to be a list of ids', among)
        ids = None if among is None else tuple(_id(path, line, "candidates", a) for a in among)
        queries.append(Query(text, entry, ids))
    if not queries:
        raise FileProblem(path, None, "one query a line", "an empty file")
    return queries


def _rows(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as wrong:
        raise FileProblem(path, None, "a file that can be read", wrong.strerror) from None
    except UnicodeDecodeError as wrong:
        raise FileProblem(path, None, "text in UTF-8", f"byte {wrong.start} is not") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise FileProblem(path, number, "a JSON object", line) from None
        if not isinstance(row, dict):
            raise FileProblem(path, number, "a JSON object", row)
        yield number, row


def _id(path: Path, line: int, name: str, value: object) -> str:
    """Ids may be numbers or texts: 7 and "7" are one id."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise FileProblem(path, line, f'"{name}" to be an id, a text or a whole number', value)
    return str(value)


def _short(value: object) -> str:
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= 80 else shown[:79] + "…"
