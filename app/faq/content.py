"""What an entry says, in the forms that the store, the index and people need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, get_args

import orjson

from app.faq.schemas.entries import Content
from app.faq.schemas.imports import FieldChange
from app.models import FaqEntry
from dialogue.knowledge.text import has_han
from dialogue.knowledge.types import Entry, EntryFile
from nlu.types import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
TITLE_CHARS = 500
SHOWN_CHARS = 2_000
"""Of a changed field before and after, in a plan of an import."""


class Author(NamedTuple):
    """Who wrote a version."""

    id: str
    name: str


PROJECT = Author("", "bot project")
COMMAND_LINE = Author("", "command line")


def language_of(text: str) -> Language:
    """As its script tells it."""
    return "zh" if has_han(text) else "en"


def to_json(content: Content) -> dict[str, Any]:
    return content.model_dump(mode="json")


def from_json(stored: Mapping[str, Any]) -> Content:
    return Content.model_validate(stored)


def contents_of(stored: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Content]:
    """Contents by entry id."""
    return {id_: from_json(content) for id_, content in stored}


def digest(content: Content) -> str:
    """The same for the same content, whatever made it."""
    stored = to_json(content)
    del stored["attachments"]  # no file of entries has them: an import leaves them as they are
    if stored["audience"] == "everyone":  # as before there were audiences
        del stored["audience"]
    text = orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


def titles(content: Content) -> dict[str, str]:
    """The first phrasing of each language."""
    return {
        language: content.questions[language][0][:TITLE_CHARS]
        for language in LANGUAGES
        if content.questions.get(language)
    }


def search_text(entry_id: str, content: Content) -> str:
    parts = [entry_id, content.category, *phrasings(content), *content.keywords]
    return "\n".join([*parts, *(answer.text for answer in content.answers)]).lower()


def phrasings(content: Content) -> Iterator[str]:
    for language in LANGUAGES:
        yield from content.questions.get(language, ())


def valid_at(dated: Content | FaqEntry, moment: datetime) -> bool:
    return (dated.valid_from is None or dated.valid_from <= moment) and (
        dated.valid_until is None or moment < dated.valid_until
    )


def to_entry(entry_id: str, content: Content) -> Entry:
    """As the index searches it and the dialogue tells it."""
    general = {a.language: a.text for a in content.answers if a.channel is None}
    own = {(a.channel, a.language): a.text for a in content.answers if a.channel is not None}
    return Entry(
        id=entry_id,
        questions=tuple(phrasings(content)),
        answers=general,
        titles={language: texts[0] for language, texts in content.questions.items() if texts},
        category=content.category,
        keywords=tuple(content.keywords),
        kind=content.kind,
        source=content.source,
        channel_answers=own,
        audience=content.audience,
        files=tuple(EntryFile(**file.model_dump()) for file in content.attachments),
    )


def changes(before: Content | None, after: Content) -> list[FieldChange]:
    """What differs, field by field, as a person reads it."""
    old, new = fields_of(before) if before else {}, fields_of(after)
    return [
        FieldChange(
            field=name,
            before=old.get(name, "")[:SHOWN_CHARS],
            after=new.get(name, "")[:SHOWN_CHARS],
        )
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "") != new.get(name, "")
    ]


def fields_of(content: Content) -> dict[str, str]:
    """One text a field, named as files name them: ``questions.zh``, ``answer.en@rest``, ..."""
    shown = {f"questions.{name}": "\n".join(texts) for name, texts in content.questions.items()}
    for answer in content.answers:
        place = f"answer.{answer.language}"
        shown[f"{place}@{answer.channel}" if answer.channel else place] = answer.text
    shown["category"] = content.category
    shown["keywords"] = ", ".join(content.keywords)
    shown["valid_from"] = content.valid_from.isoformat() if content.valid_from else ""
    shown["valid_until"] = content.valid_until.isoformat() if content.valid_until else ""
    shown["kind"] = content.kind
    shown["source"] = content.source or ""
    shown["audience"] = content.audience if content.audience != "everyone" else ""
    return shown
