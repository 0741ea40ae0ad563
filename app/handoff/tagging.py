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
    if len(names) > MAX_TAGS or any("|" in name or "\0" in name for name in names):
        raise Refused("bad_tags", limit=MAX_TAGS)
    for name in names:
        repository.make_tag(session, name)
    row.tags = names


def add_tags(session: Session, row: Conversation, labels: Sequence[str]) -> None:
    """Beside those it has: a model's labels, as far as they can be tags and there is room."""
    fit = [label[:MAX_TAG_CHARS] for label in labels if "|" not in label]
    names = _named([*row.tags, *fit])[:MAX_TAGS]
    if names != tuple(row.tags):
        put_tags(session, row, names)


def _named(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for tag in tags if (name := " ".join(tag.split()))))
