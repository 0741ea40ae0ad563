from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.auth.types import IdentityProof
from app.chat.events import Message
from nlu.types import Language


class SessionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str | None = Field(None, max_length=200)
    name: str | None = Field(None, max_length=200)
    email: str | None = Field(None, max_length=320)
    language: Language | None = None
    page_url: str | None = Field(None, max_length=2000)
    identity: IdentityProof | None = None


class SessionAnswer(BaseModel):
    token: str
    """Kept by the widget in its own frame; never put into an address."""
    visitor_id: str
    conversation_id: str


class MessagesAnswer(BaseModel):
    items: list[Message]


class Why(BaseModel):
    """Why the bot said it: what it understood and what it did."""

    understanding: dict[str, JsonValue] | None
    trace: dict[str, Any] | None
    explanation: dict[str, Any] | None = None
    """Words' shares and nearest examples, where they were asked for."""
