"""SQL about the widget's settings and what customers told before the chat."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import Visitor, WidgetDocument

ONLY = 1


def document(session: Session, *, lock: bool = False) -> WidgetDocument | None:
    return session.get(WidgetDocument, ONLY, with_for_update=True if lock else None)


def visitor(session: Session, visitor_id: str) -> Visitor | None:
    return session.get(Visitor, visitor_id)
