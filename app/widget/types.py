"""The owner's settings of the widget: one document, checked whole."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.hours import OfficeHours
from nlu.types import Language

MAX_STARS = 4
"""Of `*` in a page's pattern: enough to say what is meant, too few to make a browser think long."""


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Both(Document):
    """Words in both languages."""

    zh: str = Field("", max_length=1000)
    en: str = Field("", max_length=1000)


class Suggestions(Document):
    zh: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field([], max_length=6)
    en: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field([], max_length=6)


class Question(Document):
    """Asked before the chat begins."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    """`name` and `email` become the customer's own."""
    kind: Literal["text", "email", "phone", "choice"] = "text"
    label: Both
    required: bool = False
    choices: list[Both] = Field([], max_length=12)


class Prechat(Document):
    enabled: bool = False
    intro: Both = Both()
    questions: list[Question] = Field([], max_length=6)

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [question.key for question in self.questions]
        if len(set(keys)) < len(keys):
            raise ValueError(f"expected a key of its own for each question, got {keys}")
        return self


class Proposal(Document):
    """Words beside the launcher, once for each customer."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    enabled: bool = True
    page: str = Field("*", min_length=1, max_length=200)
    """The path of the page, `*` for any characters: ``/product/*``."""
    after_s: int = Field(10, ge=0, le=3600)
    words: Both

    @field_validator("page")
    @classmethod
    def _few_stars(cls, page: str) -> str:
        if page.count("*") > MAX_STARS:
            raise ValueError(f"expected at most {MAX_STARS} stars, got {page.count('*')}")
        return page


class Holiday(Document):
    first: date
    last: date
    name: str = Field("", max_length=80)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"expected a last day after {self.first}, got {self.last}")
        return self


class WidgetSettings(Document):
    title: Both
    color: str = Field(pattern="^#[0-9a-fA-F]{6}$")
    position: Literal["left", "right"] = "right"
    welcome: Both = Both()
    suggestions: Suggestions = Suggestions()
    away: Both = Both()
    """While nobody is at the desk; empty: the widget's own words."""
    files: bool = True
    """Customers may send files."""
    prechat: Prechat = Prechat()
    proposals: list[Proposal] = Field([], max_length=8)
    office_hours: str = Field(max_length=500)
    timezone: str = Field(max_length=64)
    holidays: list[Holiday] = Field([], max_length=100)

    @model_validator(mode="after")
    def _hours_make_sense(self) -> Self:
        self.hours()
        return self

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"expected a time zone like Asia/Shanghai, got {timezone}") from None
        return timezone

    def hours(self) -> OfficeHours:
        """Raises `ValueError`."""
        days = [(holiday.first, holiday.last) for holiday in self.holidays]
        return OfficeHours.parse(self.office_hours, self.timezone, days)


class Detail(BaseModel):
    """An answer from before the chat, with its question as it was then."""

    key: str
    label: Both
    value: str


class WidgetConfig(BaseModel):
    """What the widget itself needs to know; nothing of anybody."""

    title: Both
    welcome: Both
    color: str
    position: Literal["left", "right"]
    voice: bool
    voice_input: bool
    files: bool
    languages: list[Language]
    office_open: bool
    away: Both
    suggestions: Suggestions
    prechat: Prechat | None


class Look(BaseModel):
    """What the loader on the host page needs before anybody opens the chat."""

    color: str
    position: Literal["left", "right"]
    proposals: list[Proposal] = []
