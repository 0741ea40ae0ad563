from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.chat.happenings import Event
from app.webhooks.addresses import MAX_URL_CHARS
from app.webhooks.types import Failure, Told

Name = Annotated[str, Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL_CHARS)]
Events = Annotated[list[Event], Field(min_length=1, max_length=20)]
State = Literal["pending", "delivered", "failed"]


class WebhookOut(BaseModel):
    id: str
    name: str
    url: str
    events: list[Event]
    enabled: bool
    disabled_reason: Literal["failing", "gone"] | None
    """Why the server switched it off; None when a person did."""
    failures: int
    """Attempts in a row that failed."""
    failing_since: datetime | None
    waiting: int
    """Deliveries that are owed."""
    created_at: datetime


class WebhooksAnswer(BaseModel):
    items: list[WebhookOut]


class WebhookRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    url: Url
    events: Events


class WebhookChange(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    url: Url | None = None
    events: Events | None = None
    enabled: bool | None = None


class SecretAnswer(BaseModel):
    id: str
    secret: str
    """Shown this once; deliveries are signed with it."""


class DeliveryOut(BaseModel):
    id: str
    """Also the header `webhook-id`."""
    event: Told
    conversation_id: str | None
    state: State
    attempts: int
    created_at: datetime
    next_at: datetime | None
    """When it is tried again; None once it is done."""
    finished_at: datetime | None
    status: int | None
    """HTTP's, of the last attempt."""
    error: Failure | None
    duration_ms: float | None


class DeliveriesAnswer(BaseModel):
    items: list[DeliveryOut]
    next: str | None
    """What to ask for as `before`; None at the end."""


class TestAnswer(BaseModel):
    delivered: bool
    status: int | None
    error: Failure | None
    duration_ms: float
