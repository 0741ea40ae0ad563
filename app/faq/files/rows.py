"""One entry as a file has it, flat, and its way to content or to the problems that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from app.faq.content import LANGUAGES, language_of
from app.faq.files.attached import path_of
from app.faq.files.columns import audience_of
from app.faq.files.problems import Problem
from app.faq.schemas.entries import MAX_ANSWER_CHARS, MAX_ATTACHMENTS, MAX_PHRASINGS, Content
from app.faq.schemas.synonyms import MAX_WORD_CHARS, MAX_WORDS, SynonymsIn
from dialogue.knowledge.types import AUDIENCES, EntryKind

MAX_QUESTION_CHARS = 500
MAX_KEYWORDS = 100
MAX_PATH_CHARS = 400
ATTACHMENTS = "attachments"
SYNONYMS = "synonyms"
_LINES = re.compile(r"[\r\n]+")
_COMMAS = re.compile(r"[,，、;；]+")
_ID = re.compile(r"[^\s/\\?#\x00-\x1f]{1,100}")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """Values by field: ``questions.zh``, ``answer.en@rest``, ``category``, ... ."""

    file: str
    number: int | None
    values: Mapping[str, object]
    columns: Mapping[str, str] = field(default_factory=dict)
    """What the file calls the field, where that is something else."""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    file: str
    row: int | None
    id: str | None
    content: Content
    attachments: tuple[str, ...] = ()
    """Paths of its files in the archive; what is in no archive says nothing of them."""
    column: str = ATTACHMENTS
    """What the file calls the field of them."""


@dataclass(frozen=True, slots=True)
class ReadSynonyms:
    """Words that mean the same, as a file has them: the others are read as the first."""

    file: str
    row: int | None
    words: tuple[str, ...]


class _Reading:
    """Reads one row; `problems` fills up."""

    def __init__(self, row: Row, zone: ZoneInfo) -> None:
        self.row = row
        self.zone = zone
        self.problems: list[Problem] = []

    def wrong(self, code: str, field: str | None, got: object = None, **fields: str | int) -> None:
        column = self.row.columns.get(field, field) if field else None
        self.problems.append(Problem(code, self.row.file, self.row.number, column, got, fields))

    def text(self, name: str, limit: int) -> str:
        """The trimmed text of a field; empty where there is none."""
        return self._clean(name, self.row.values.get(name), limit)

    def texts(self, name: str, limit: int, most: int, *, commas: bool = False) -> list[str]:
        """The texts of a field, of a cell one a line; `commas` part a single line too."""
        value = self.row.values.get(name)
        if isinstance(value, str):
            lines = _LINES.split(value.strip())
            value = _COMMAS.split(value) if commas and len(lines) == 1 else lines
        if not isinstance(value, list):
            value = [value]
        found = [self._clean(name, item, limit) for item in value]
        unique = list(dict.fromkeys(text for text in found if text))
        if len(unique) > most:
            self.wrong("too_many", name, len(unique), limit=most)
        return unique

    def moment(self, name: str, *, whole_day: bool) -> datetime | None:
        """A date or a moment; a bare date as an end includes that day."""
        value = self.row.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            moment = _moment(value)
        except ValueError:
            self.wrong("bad_date", name, value)
            return None
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        day = moment + timedelta(days=1) if whole_day else moment
        return datetime.combine(day, time(), self.zone)

    def _clean(self, name: str, value: object, limit: int) -> str:
        if value is None:
            return ""
        if isinstance(value, bool | float | int):
            value = f"{value:g}" if isinstance(value, float) else str(value)
        if not isinstance(value, str):
            self.wrong("not_text", name, value)
            return ""
        text = value.strip()
        if len(text) > limit:
            self.wrong("too_long", name, f"{len(text)}: {text[:40]}", limit=limit)
        if _CONTROL.search(text):
            self.wrong("bad_text", name, text)
        return text


def _moment(value: object) -> date | datetime:
    """Raises `ValueError`."""
    if isinstance(value, date | datetime):
        return value
    text = str(value).strip()
    if parts := _DATE.fullmatch(text):
        year, month, day = (int(part) for part in parts.groups())
        return date(year, month, day)
    return datetime.fromisoformat(text.replace("/", "-"))


def read_row(row: Row, zone: ZoneInfo) -> ReadEntry | list[Problem]:
    """The entry in `row`, or everything that is wrong with it."""
    reading = _Reading(row, zone)
    questions = _questions(reading)
    answers = list(_answers(reading))
    entry_id = reading.text("id", 1_000)
    if entry_id and not _ID.fullmatch(entry_id):
        reading.wrong("bad_id", "id", entry_id)
    kind = reading.text("kind", 20) or "faq"
    if kind not in get_args(EntryKind):
        reading.wrong("bad_kind", "kind", kind)
    audience = reading.text("audience", 20) or "everyone"
    audience = audience_of(audience) or audience
    if audience not in AUDIENCES:
        reading.wrong("bad_audience", "audience", audience)
    begin = reading.moment("valid_from", whole_day=False)
    end = reading.moment("valid_until", whole_day=True)
    if begin and end and begin >= end:
        reading.wrong(
            "dates_reversed", "valid_until", row.values["valid_until"], begin=f"{begin:%Y-%m-%d}"
        )
    category = reading.text("category", 100)
    keywords = reading.texts("keywords", 100, MAX_KEYWORDS, commas=True)
    source = reading.text("source", 500)
    files = reading.texts(ATTACHMENTS, MAX_PATH_CHARS, MAX_ATTACHMENTS)
    if not any(questions.values()):
        reading.wrong("missing_question", _given(row, "questions"))
    if not any(answer["channel"] is None for answer in answers):
        reading.wrong("missing_answer", _given(row, "answer"))
    if reading.problems:
        return reading.problems
    content = {
        "questions": questions,
        "answers": answers,
        "category": category,
        "keywords": keywords,
        "valid_from": begin,
        "valid_until": end,
        "kind": kind,
        "source": source or None,
        "audience": audience,
    }
    try:
        return ReadEntry(
            row.file,
            row.number,
            entry_id or None,
            Content.model_validate(content),
            tuple(dict.fromkeys(path_of(file) for file in files)),
            row.columns.get(ATTACHMENTS, ATTACHMENTS),
        )
    except ValidationError as error:
        for wrong in error.errors():
            place = ".".join(str(part) for part in wrong["loc"]) or None
            reading.wrong("invalid", place, wrong["msg"])
        return reading.problems


def is_group(row: Row) -> bool:
    """Whether `row` holds words that mean the same, and no entry."""
    return set(row.values) == {SYNONYMS}


def read_group(row: Row, zone: ZoneInfo) -> ReadSynonyms | list[Problem]:
    """The words in `row`, or everything that is wrong with them."""
    reading = _Reading(row, zone)
    words = reading.texts(SYNONYMS, MAX_WORD_CHARS, MAX_WORDS, commas=True)
    if not reading.problems:
        try:
            return ReadSynonyms(row.file, row.number, tuple(SynonymsIn(words=words).words))
        except ValidationError:
            reading.wrong("bad_synonyms", SYNONYMS, ", ".join(words))
    return reading.problems


def _questions(reading: _Reading) -> dict[str, list[str]]:
    """By language; of a column without a language the script tells it."""
    found: dict[str, list[str]] = {
        language: reading.texts(f"questions.{language}", MAX_QUESTION_CHARS, MAX_PHRASINGS)
        for language in LANGUAGES
    }
    for text in reading.texts("questions", MAX_QUESTION_CHARS, MAX_PHRASINGS):
        found[language_of(text)].append(text)
    return {language: texts for language, texts in found.items() if texts}


def _answers(reading: _Reading) -> Iterator[dict[str, str | None]]:
    for name in reading.row.values:
        place, _, channel = name.partition("@")
        head, _, language = place.partition(".")
        if head != "answer":
            continue
        text = reading.text(name, MAX_ANSWER_CHARS)
        if text:
            own = language or language_of(text)
            yield {"language": own, "channel": channel or None, "text": text}


def _given(row: Row, head: str) -> str:
    """The column to name where something is missing: one that the file has."""
    return next((name for name in row.values if name.split(".")[0] == head), head)
