"""The words that agents, and the models that may, put on a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from app.errors import Refused
from app.handoff import repository
from app.models import Conversation

MAX_TAGS = 12
MAX_TAG_CHARS = 40


def put_tags(session: Session, row: Conversation, tags: Iterable[str]) -> None:
    """In the place of those it has. Raises `Refused`."""
    names = _named(tags)
    if len(names) > MAX_TAGS or not all(map(_can_be_tag, names)):
        raise Refused("bad_tags", limit=MAX_TAGS)
    for name in names:
        repository.make_tag(session, name)
    row.tags = names


def add_tags(session: Session, row: Conversation, labels: Sequence[str]) -> None:
    """Beside those it has: a model's labels, as far as they can be tags and there is room."""
    fit = [label[:MAX_TAG_CHARS] for label in labels if _can_be_tag(label)]
    names = _named([*row.tags, *fit])[:MAX_TAGS]
    if names != tuple(row.tags):
        put_tags(session, row, names)


def _can_be_tag(name: str) -> bool:
    return "|" not in name and "\0" not in name


def _named(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for tag in tags if (name := " ".join(tag.split()))))
