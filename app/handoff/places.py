"""Where in the queue a customer is, and telling it to whoever waits and to the desk."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.chat.hints import OwnerMoved, RowChanged
from app.chat.messages import summary_of
from app.db import tell
from app.handoff import repository
from app.handoff.types import Place
from app.models import Conversation

WAITS_REMEMBERED = 20
FIRST_GUESS_WAIT_S = 60.0
"""Expected wait a head before anybody was ever claimed."""
POSITIONS_TOLD = 50
"""Further back in the queue nobody watches their number."""


def place_of(session: Session, row: Conversation) -> Place:
    if row.owner != "queued":
        return Place(None, None)
    position = repository.ahead_of(session, row) + 1
    entry = repository.handoff(session, row.handoff_id)
    if entry is not None and entry.kind == "ticket":
        return Place(position, None)
    waits = repository.recent_waits(session, WAITS_REMEMBERED)
    seconds = [(claimed - asked).total_seconds() for asked, claimed in waits]
    each = sum(seconds) / len(seconds) if seconds else FIRST_GUESS_WAIT_S
    return Place(position, round(each * position, 1))


def tell_owner(session: Session, row: Conversation) -> None:
    place = place_of(session, row)
    tell(
        session,
        OwnerMoved(
            conversation_id=row.id,
            owner=row.owner,
            agent_name=row.agent_name,
            queue_position=place.position,
            expected_wait_s=place.expected_wait_s,
        ),
        RowChanged(conversation_id=row.id, summary=summary_of(row)),
    )


def tell_queue(session: Session) -> None:
    """Somebody left the queue: whoever waits has moved up."""
    session.flush()
    for row in repository.queue(session, POSITIONS_TOLD):
        place = place_of(session, row)
        tell(
            session,
            OwnerMoved(
                conversation_id=row.id,
                owner="queued",
                queue_position=place.position,
                expected_wait_s=place.expected_wait_s,
            ),
        )
