"""Entries: their content, versions and lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from app.chat.events import WireFile
from app.faq.schemas.texts import EntryId, Phrasing, Request, Text
from dialogue.knowledge.types import Audience, EntryKind
from nlu.types import Language

MAX_PHRASINGS = 200
MAX_ANSWER_CHARS = 8_000
MAX_ATTACHMENTS = 5
"""As many as a message takes."""

Status = Literal["draft", "published", "changed", "archived"]
"""draft: never live; published: the newest version is live; changed: an older one is."""
Shown = Literal[Status, "expired"]
"""What a list may be cut down to; an expired entry was published, and its time is over."""
Action = Literal["created", "edited", "imported", "seeded", "reverted", "archived"]
Mode = Literal["all", "good"]


class Answer(Request):
    """What customers are told, word for word."""

    language: Language
    channel: Annotated[Text, StringConstraints(max_length=40)] | None = None
    """The one channel it is for, e.g. `widget`, `rest`; null is for all that have no own."""
    text: Annotated[
        Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ANSWER_CHARS)
    ]


class EntryFile(Request):
    """A file that customers get with the answer, as `POST /api/faq/files` has told it."""

    url: Annotated[str, StringConstraints(pattern=r"^/files/[A-Za-z0-9_-]{16,64}$")]
    name: Annotated[Text, StringConstraints(max_length=200)] = ""
    """This and what follows is told by the server; what a request says of it counts nothing."""
    media_type: Annotated[Text, StringConstraints(max_length=100)] = ""
    size: int = 0
    width: int | None = None
    height: int | None = None

    @classmethod
    def of(cls, file: WireFile) -> Self:
        return cls.model_validate(file.model_dump(exclude={"text"}))


class Content(Request):
    """All of an entry that has versions."""

    questions: Mapping[Language, Annotated[list[Phrasing], Field(max_length=MAX_PHRASINGS)]]
    """Phrasings by language; the first of each is its title."""
    answers: Annotated[list[Answer], Field(min_length=1, max_length=40)]
    category: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    keywords: list[Phrasing] = Field(default_factory=list, max_length=100)
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    kind: EntryKind = "faq"
    """A passage is a piece of a document: it supports replies, but is not one word for word."""
    source: Annotated[Text, StringConstraints(max_length=500)] | None = None
    audience: Audience = "everyone"
    """Who may be told of it: everybody, customers whom the host site vouches for, or staff alone."""

    attachments: list[EntryFile] = Field(default_factory=list, max_length=MAX_ATTACHMENTS)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len({file.url for file in self.attachments}) < len(self.attachments):
            raise ValueError("expected each file once")
        if not any(self.questions.values()):
            raise ValueError("expected at least one question")
        places = [(answer.language, answer.channel) for answer in self.answers]
        if len(set(places)) < len(places):
            raise ValueError("expected one answer for each language and channel, got two")
        if not any(answer.channel is None for answer in self.answers):
            raise ValueError("expected an answer for all channels (channel null)")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("expected valid_until after valid_from")
        return self


class EntryIn(Request):
    id: EntryId | None = None
    """Made up if left out."""
    content: Content
    publish: bool = False
    """Go live at once; else it is a draft."""


class EntryChange(Request):
    content: Content
    version: int
    """The version that was edited; if somebody made a newer one, 409 `version_conflict`."""
    publish: bool = False
    """Go live at once; else customers still get the version that was published before."""


class RevertRequest(Request):
    number: int
    """The version whose content becomes a new one."""
    publish: bool = True


class EntrySummary(BaseModel):
    id: str
    title: str
    titles: Mapping[Language, str]
    category: str
    kind: EntryKind
    status: Status
    live: bool
    """Customers get it now: a version is published, and valid today."""
    version: int
    published_version: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    """Of the published version, else of the newest."""
    source: str | None
    updated_at: datetime
    updated_by: str
    """The name of a person; of the bot project or an import where it was one."""


class EntryOut(EntrySummary):
    content: Content
    """Of the newest version."""


class VersionOut(BaseModel):
    number: int
    action: Action
    """How it came to be."""
    author: str
    at: datetime
    live: bool
    published_at: datetime | None
    """When it last went live; null if it never did."""
    published_by: str | None
    content: Content


class EntryDetail(EntryOut):
    history: list[VersionOut]
    """Newest first."""


class Count(BaseModel):
    name: str
    entries: int


class Wanted(NamedTuple):
    """What a list is cut down to; None is anything."""

    q: str
    category: str | None
    status: Shown | None
    language: Language | None
    lacking: Language | None
    moment: datetime


class ListAnswer(BaseModel):
    items: list[EntrySummary]
    """Last changed first."""
    total: int
    """Of this filter."""
    counts: Mapping[Shown, int]
    """Of the whole store."""
    categories: list[Count]
