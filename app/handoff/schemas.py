from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from app.chat.agent_events import ConversationSummary
from app.handoff.rules import Rules
from app.handoff.views import Filters, View
from app.models.base import Priority
from nlu.types import Language


class InboxAnswer(BaseModel):
    items: list[ConversationSummary]
    counts: Mapping[View, int]
    next: str | None


class ConversationAnswer(BaseModel):
    conversation: ConversationSummary


class VisitorOut(BaseModel):
    id: str
    name: str
    email: str | None
    language: Language
    created_at: datetime
    page_url: str | None
    verified_id: str | None
    details: list[Mapping[str, Any]]


class CardOut(BaseModel):
    reason: str | None
    summary: str
    slots: Mapping[str, Any]
    sentiment_trend: list[str]
    tried: list[str]
    promised_at: datetime | None


class DetailAnswer(BaseModel):
    conversation: ConversationSummary
    visitor: VisitorOut
    handoff: CardOut | None


class InboxQuery(Filters):
    before: str | None = Field(None, max_length=100)
    """The `next` of the page before."""
    limit: int = Field(50, ge=1, le=100)


class TransferRequest(BaseModel):
    """To an agent, or into the queue of a team."""

    model_config = ConfigDict(extra="forbid")

    agent_id: str | None = Field(None, max_length=32)
    team_id: str | None = Field(None, max_length=32)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.agent_id is None) == (self.team_id is None):
            raise ValueError("expected either agent_id or team_id")
        return self


class ConversationChange(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority | None = None
    tags: list[Annotated[str, Field(min_length=1, max_length=40)]] | None = None
    team_id: str | None = Field(None, max_length=32)
    snoozed_until: AwareDatetime | None = None
    """null: show it again."""
    held: bool | None = None


class TeamIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    intents: list[str] = Field(default_factory=list, max_length=200)
    """Customers who last asked for one of these are queued for this team."""
    agent_ids: list[str] = Field(default_factory=list, max_length=1000)


class TeamOut(TeamIn):
    model_config = ConfigDict(extra="ignore", from_attributes=True)

    id: str


class TeamsAnswer(BaseModel):
    items: list[TeamOut]


class SkillIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    intents: list[str] = Field(default_factory=list, max_length=200)
    """Customers who lately asked for one of these need it."""


class SkillOut(SkillIn):
    model_config = ConfigDict(extra="ignore", from_attributes=True)

    name: str


class SkillsAnswer(BaseModel):
    items: list[SkillOut]


class RoutingIn(BaseModel):
    """What an agent takes when chats are given out."""

    model_config = ConfigDict(extra="forbid")

    languages: list[Language] = Field(default_factory=list, max_length=10)
    """None named means all."""
    skills: list[str] = Field(default_factory=list, max_length=100)
    max_chats: int | None = Field(None, ge=1, le=500)
    """null: as the rules say."""


class RoutingOut(RoutingIn):
    model_config = ConfigDict(extra="ignore", from_attributes=True)


class DeskAnswer(BaseModel):
    """What a dashboard needs to know of the desk: rules, teams, skills and tags."""

    rules: Rules
    teams: list[TeamOut]
    skills: list[SkillOut]
    tags: list[str]


class CannedIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    shortcut: str = Field(min_length=1, max_length=50, pattern=r"^\S+$")
    title: str = Field("", max_length=200)
    text: str = Field(min_length=1, max_length=4000)


class CannedOut(CannedIn):
    model_config = ConfigDict(extra="ignore")

    id: str


class CannedListAnswer(BaseModel):
    items: list[CannedOut]
