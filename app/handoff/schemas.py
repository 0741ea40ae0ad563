from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.chat.events import ConversationSummary
from app.handoff.views import View
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


class TransferRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agent_id: str = Field(max_length=32)


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
