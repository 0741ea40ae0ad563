"""A conversation as the agent opens it: its row, its customer, the handoff's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.chat.agent_events import ConversationSummary
from app.chat.messages import summary_of
from app.errors import NotFound
from app.handoff.records import Card, card_of
from app.models import Conversation, Visitor
from app.models.base import Language


@dataclass(frozen=True, slots=True)
class VisitorFacts:
    id: str
    name: str
    email: str | None
    language: Language
    created_at: datetime
    page_url: str | None
    verified_id: str | None
    """The customer's id at the host site, which vouches for them."""
    details: Sequence[Mapping[str, Any]]
    """What they told before the chat."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A conversation as the agent opens it."""

    summary: ConversationSummary
    visitor: VisitorFacts
    card: Card | None


def detail_of(session: Session, conversation_id: str) -> Detail:
    """Raises `NotFound`."""
    row = session.get(Conversation, conversation_id)
    visitor = session.get(Visitor, row.visitor_id) if row else None
    if row is None or visitor is None:
        raise NotFound()
    return Detail(
        summary=summary_of(row),
        visitor=VisitorFacts(
            id=visitor.id,
            name=visitor.name,
            email=visitor.email,
            language=visitor.language,
            created_at=visitor.created_at,
            page_url=row.page_url,
            verified_id=visitor.verified_id,
            details=visitor.details or [],
        ),
        card=card_of(session, row),
    )
