from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.chat.agent_events import ConversationSummary, WireNote
from app.chat.events import Message, WireFile
from app.handoff.views import Filters
from app.models.base import Language
from dialogue.knowledge.types import Audience

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Label = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s|\[\]{}][^\n|\[\]{}]*$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NoteIn(Body):
    text: str
    mentions: list[str] = Field(default_factory=list, max_length=20)
    whisper: bool = False


class NoteChange(Body):
    text: str


class NotesAnswer(BaseModel):
    items: list[WireNote]


class CallOut(BaseModel):
    note: WireNote
    visitor_name: str


class CallsAnswer(BaseModel):
    items: list[CallOut]


class FoundMessage(BaseModel):
    message: Message
    conversation: ConversationSummary


class FoundAnswer(BaseModel):
    items: list[FoundMessage]
    next: str | None
    """Hand it back as `before`."""


class ViewIn(Body):
    name: Name
    shared: bool = False
    filters: Filters


class ViewRow(Protocol):
    """A saved view as it is stored."""

    @property
    def id(self) -> str: ...
    @property
    def agent_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def shared(self) -> bool: ...
    @property
    def filters(self) -> dict[str, Any]: ...


class ViewOut(BaseModel):
    id: str
    name: str
    shared: bool
    mine: bool
    filters: Filters


class ViewsAnswer(BaseModel):
    items: list[ViewOut]


class TagsAnswer(BaseModel):
    items: list[str]


class PageOut(BaseModel):
    url: str
    at: datetime


class CustomerAnswer(BaseModel):
    """Where the customer was, and what was said with them before; latest first."""

    trail: list[PageOut]
    earlier: list[ConversationSummary]


class SuggestionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    entry_id: str
    title: str
    question: str
    answer: str
    score: float
    audience: Audience
    """Who may be told of it: an agent is shown more than this customer may be."""
    files: list[WireFile]
    """What goes with the answer; the last path segments of `url` go into `send`'s `files`."""


class SuggestionsAnswer(BaseModel):
    items: list[SuggestionOut]


class LabelledEntity(Body):
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    entity: Label
    value: str | None = Field(None, max_length=500)


class CorrectionIn(Body):
    message_id: str = Field(max_length=32)
    """A customer's message, or the bot's answer to it."""
    intent: Label
    entities: list[LabelledEntity] = Field(default_factory=list, max_length=50)
    entry_id: str | None = Field(None, max_length=100)
    """The FAQ entry that answers it."""


class CorrectionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    conversation_id: str
    message_id: str
    text: str
    language: Language
    was_intent: str | None
    intent: str
    entities: list[LabelledEntity]
    entry_id: str | None
    author_name: str
    at: datetime


class CorrectionAnswer(BaseModel):
    correction: CorrectionOut | None


class CorrectionsAnswer(BaseModel):
    items: list[CorrectionOut]


class LabelsAnswer(BaseModel):
    """What the bot's project knows."""

    intents: list[str]
    entities: list[str]


class WordingAnswer(BaseModel):
    """What `POST /api/wording/...` can do here."""

    available: bool
    """False without an OpenAI-compatible endpoint (`LINGXI_GENERATION=openai`)."""


class TranslateIn(Body):
    text: str
    to: Language


class ToneIn(Body):
    text: str


class WordsAnswer(BaseModel):
    text: str
