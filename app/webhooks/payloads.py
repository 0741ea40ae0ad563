"""What other programs are told, as JSON. `docs/developers.md` shows it; fields are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from app.chat.events import Content
from app.chat.messages import to_wire
from app.models import Conversation, StoredMessage, Visitor
from app.models.base import PRIORITIES, AuthorType, Language, Owner, Priority


class ToldAgent(BaseModel):
    id: str
    name: str


class ToldCustomer(BaseModel):
    id: str
    name: str
    email: str | None
    external_id: str | None
    """Your own id, if you vouch for the customer, or what your program calls them."""


class ToldConversation(BaseModel):
    id: str
    channel: str
    language: Language
    owner: Owner
    agent: ToldAgent | None
    customer: ToldCustomer
    priority: Priority
    tags: list[str]
    page_url: str | None
    rating: int | None
    rating_comment: str
    created_at: datetime
    closed_at: datetime | None


class ToldMessage(BaseModel):
    id: str
    seq: int
    author: AuthorType
    author_name: str
    content: dict[str, Any]
    """As the widget gets it: `text`, and what else there is of buttons, cards, files, citations."""
    created_at: datetime


def conversation_of(row: Conversation, visitor: Visitor) -> ToldConversation:
    agent = ToldAgent(id=row.agent_id, name=row.agent_name or "") if row.agent_id else None
    outer = (visitor.external_id or "").partition(":")[2]
    return ToldConversation(
        id=row.id,
        channel=row.channel,
        language=row.language,
        owner=row.owner,
        agent=agent,
        customer=ToldCustomer(
            id=visitor.id, name=visitor.name, email=visitor.email, external_id=outer or None
        ),
        priority=PRIORITIES[row.rank],
        tags=list(row.tags),
        page_url=row.page_url,
        rating=row.rating,
        rating_comment=row.rating_comment,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def message_of(stored: StoredMessage) -> ToldMessage:
    message = to_wire(stored)
    content: Content = message.content
    return ToldMessage(
        id=message.id,
        seq=message.seq,
        author=message.author.type,
        author_name=message.author.name,
        content={"text": content.text, **content.model_dump(mode="json", exclude_defaults=True)},
        created_at=message.created_at,
    )
