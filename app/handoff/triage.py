"""What agents set on a conversation that is nobody's ownership: urgency, tags, snooze, hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity
from app.chat.agent_events import ConversationSummary
from app.chat.hints import RowChanged
from app.chat.messages import summary_of
from app.chat.service import ChatService
from app.db import tell
from app.errors import Conflict, Forbidden, Refused
from app.handoff import clocks, repository, team_repository
from app.handoff.places import tell_queue
from app.handoff.routing import check_team
from app.handoff.tagging import put_tags
from app.models import Conversation, now
from app.models.base import PRIORITIES, Priority

LONGEST_SNOOZE = timedelta(days=90)
WOKEN_AT_ONCE = 200


class TriageService:
    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    def tags(self, session: Session) -> list[str]:
        """Every tag there is."""
        return list(repository.tags(session))

    def set_priority(self, session: Session, row: Conversation, priority: Priority) -> None:
        row.rank = PRIORITIES.index(priority)
        if row.owner == "queued":
            tell_queue(session)

    def set_tags(self, session: Session, row: Conversation, tags: Sequence[str]) -> None:
        """Raises `Refused`."""
        put_tags(session, row, tags)

    def set_team(self, session: Session, row: Conversation, team_id: str | None) -> None:
        row.team_id = check_team(session, team_id).id if team_id else None

    def snooze(
        self, session: Session, row: Conversation, agent: AgentIdentity, until: datetime | None
    ) -> None:
        """Out of sight until then, or until the customer writes. Raises `Refused`, `Conflict`."""
        self._check_has(row, agent)
        if until is not None and not now() < until <= now() + LONGEST_SNOOZE:
            raise Refused("bad_snooze", days=LONGEST_SNOOZE.days)
        row.snoozed_until = until

    def hold(self, session: Session, row: Conversation, agent: AgentIdentity, on: bool) -> None:
        """The customer is told to be patient, and the time to the end is not counted."""
        self._check_has(row, agent)
        if on and row.held_at is None:
            clocks.hold(row)
            self._chat.notice(session, row, "on_hold")
        elif not on:
            clocks.resume(row)

    def lock(self, session: Session, conversation_id: str) -> Conversation:
        return self._chat.lock(session, conversation_id)

    def done(
        self, session: Session, row: Conversation, agent: AgentIdentity, fields: Sequence[str]
    ) -> ConversationSummary:
        session.flush()
        summary = summary_of(row)
        tell(session, RowChanged(conversation_id=row.id, summary=summary))
        record(session, agent.id, "conversation_changed", row.id, {"fields": " ".join(fields)})
        return summary

    # --- what comes back by itself ----------------------------------------------------------

    def has_sleepers(self, session: Session) -> bool:
        return bool(team_repository.due_snoozes(session, now(), 1))

    def wake(self, session: Session) -> int:
        """Show again what was put off until now; returns how many."""
        ids = team_repository.due_snoozes(session, now(), WOKEN_AT_ONCE)
        for id_ in ids:
            row = self._chat.lock(session, id_)
            row.snoozed_until = None
            tell(session, RowChanged(conversation_id=id_, summary=summary_of(row)))
        return len(ids)

    @staticmethod
    def _check_has(row: Conversation, agent: AgentIdentity) -> None:
        if row.owner != "agent":
            raise Conflict("wrong_state", owner=row.owner)
        if row.agent_id != agent.id and not agent.actor.may_override:
            raise Forbidden("not_owner")
