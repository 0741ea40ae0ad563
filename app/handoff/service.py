"""When a human is needed: the queue, tickets, claims, and giving back.

Every change of owner goes through `ownership.apply` on a locked conversation. What the bot was
still working on is dropped in the same transaction in which an agent claims, so it cannot speak
afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity, AuthService
from app.chat.agent_events import ConversationSummary
from app.chat.happenings import Happened
from app.chat.messages import summary_of
from app.chat.service import ChatService, ownership_of
from app.db import tell
from app.errors import Conflict, NotFound
from app.handoff import clocks, repository
from app.handoff.details import Detail, detail_of
from app.handoff.ownership import Actor, Command, apply
from app.handoff.places import place_of, tell_owner, tell_queue
from app.handoff.records import end_record, open_record
from app.handoff.routing import check_team, route
from app.handoff.rules import RulesService
from app.handoff.tagging import add_tags
from app.handoff.types import Place
from app.handoff.views import Cursor, Filters, View
from app.hours import OfficeHours
from app.models import Conversation, now
from app.models.base import PRIORITIES
from app.words import Words, as_language
from dialogue.types import HandoffReason

ANSWER_WITHIN = timedelta(hours=2)
"""What a ticket promises, counted from when the office is next open."""
NORMAL = PRIORITIES.index("normal")


@dataclass(frozen=True, slots=True)
class Page:
    items: list[ConversationSummary]
    next: str | None


class Office(Protocol):
    """Knows when somebody is at the desk."""

    def hours(self, session: Session) -> OfficeHours: ...


class HandoffService:
    def __init__(
        self,
        chat: ChatService,
        auth: AuthService,
        words: Words,
        office: Office,
        rules: RulesService,
    ) -> None:
        self._chat = chat
        self._rules = rules
        self._auth = auth
        self._words = words
        self._office = office

    # --- asking for a human -----------------------------------------------------------------

    def ask(self, session: Session, conversation_id: str, visitor_id: str) -> None:
        """The customer tapped "talk to a human"."""
        row = self._of_visitor(session, conversation_id, visitor_id)
        self._chat.cancel_turns(session, row.id)
        summary = self._words.notice("requested_summary", as_language(row.language))
        self.request(session, row, "requested", summary, {})

    def tag(self, session: Session, row: Conversation, names: Sequence[str]) -> None:
        """Beside the tags it has, as far as a conversation takes them."""
        add_tags(session, row, names)

    def request(
        self,
        session: Session,
        row: Conversation,
        reason: HandoffReason,
        summary: str,
        slots: Mapping[str, Any],
    ) -> None:
        """Queue a locked conversation, or leave a ticket with a promise when nobody is there."""
        if row.owner in ("queued", "agent"):
            return
        before = row.last_seq
        self._move(session, row, "request_human", Actor("bot", "bot"))
        entry = open_record(session, row, reason, summary, slots)
        route(session, row, self._rules.read(session), reason, entry.sentiment_trend)
        if self._office.hours(session).open_at(now()) and self._auth.present(session):
            ahead = repository.ahead_of(session, row)
            said = "queued" if ahead else "queued_next"
            self._chat.notice(session, row, "queued", said=said, ahead=ahead)
        else:
            entry.kind = "ticket"
            hours = self._office.hours(session)
            entry.promised_at = _promise(hours)
            self._chat.notice(session, row, "ticket", promise=_show(entry.promised_at, hours))
        asked = {"reason": reason, "kind": entry.kind}
        tell(session, Happened("handoff.requested", row.id, detail=asked))
        if row.unread == 0:  # what made the bot ask is new to every agent
            row.unread = min(1, before)
        tell_owner(session, row)

    def cancel(self, session: Session, conversation_id: str, visitor_id: str) -> None:
        """The customer would rather go on with the bot; or stops what it is saying."""
        row = self._of_visitor(session, conversation_id, visitor_id)
        if row.owner != "queued":
            self._chat.cancel_turns(session, row.id)
            return
        self._move(session, row, "cancel", Actor("visitor", visitor_id))
        end_record(session, row, "cancelled")
        self._chat.notice(session, row, "wait_cancelled")
        tell_owner(session, row)
        tell_queue(session)

    # --- what agents do ---------------------------------------------------------------------

    def act(
        self,
        session: Session,
        conversation_id: str,
        command: Command,
        agent: AgentIdentity,
        to: str | None = None,
    ) -> ConversationSummary:
        """Claim, release, hand back, transfer, close or reopen.

        Raises `Conflict` (``already_claimed``, ``wrong_state``), `Forbidden` (``not_owner``).
        """
        row = self._chat.lock(session, conversation_id)
        before = ownership_of(row)
        target = self._auth.agent_named(session, to) if to else None
        try:
            self._move(session, row, command, agent.actor, to)
        except Conflict as conflict:
            if conflict.code == "already_claimed":
                raise Conflict("already_claimed", agent=row.agent_name) from None
            raise
        if ownership_of(row) != before:
            name = target.name if target else agent.name
            self._follow(session, row, command, name, was_queued=before.owner == "queued")
            record(session, agent.id, command, row.id)
        return summary_of(row)

    def give(self, session: Session, conversation_id: str, agent_id: str) -> bool:
        """Give a waiting customer to an agent without their claim; False if nobody waits there."""
        row = self._chat.lock(session, conversation_id)
        if row.owner != "queued":
            return False
        agent = self._auth.agent_named(session, agent_id)
        self._move(session, row, "claim", Actor("agent", agent.id))
        self._follow(session, row, "claim", agent.name, was_queued=True)
        record(session, "system", "assigned", row.id, {"agent": agent.id})
        return True

    def to_team(
        self, session: Session, conversation_id: str, agent: AgentIdentity, team_id: str
    ) -> ConversationSummary:
        """Into the queue of a team. Raises `NotFound`, `Conflict`, `Forbidden`."""
        row = self._chat.lock(session, conversation_id)
        check_team(session, team_id)
        if row.owner == "agent":
            self._move(session, row, "release", agent.actor)
            self._chat.notice(session, row, "released")
        elif row.owner != "queued":
            raise Conflict("wrong_state", owner=row.owner)
        row.team_id = team_id
        tell_owner(session, row)
        record(session, agent.id, "transfer", row.id, {"team": team_id})
        return summary_of(row)

    def _follow(
        self, session: Session, row: Conversation, command: Command, name: str, *, was_queued: bool
    ) -> None:
        """What goes with a change of owner: the record, the notice, the news."""
        match command:
            case "claim" | "reopen":
                self._chat.cancel_turns(session, row.id)
                self._claimed(session, row, name)
                self._chat.notice(session, row, "agent_joined", agent=name)
            case "transfer":
                row.agent_name = name
                self._chat.notice(session, row, "transferred", agent=name)
            case "release":
                self._chat.notice(session, row, "released")
            case "hand_back":
                end_record(session, row, "handed_back")
                self._chat.forget_misses(session, row)
                self._chat.notice(session, row, "handed_back")
            case "close":
                self._chat.cancel_turns(session, row.id)
                end_record(session, row, "closed")
                row.closed_at = now()
                row.unread = 0
                row.rank = NORMAL
                self._chat.notice(session, row, "closed")
            case _:
                raise Conflict("wrong_state", owner=row.owner)
        if command in ("claim", "reopen", "transfer"):
            to = {"agent_id": row.agent_id, "agent_name": name}
            tell(session, Happened("conversation.assigned", row.id, detail=to))
        elif command == "close":
            tell(session, Happened("conversation.closed", row.id))
        tell_owner(session, row)
        if was_queued:
            tell_queue(session)

    def _claimed(self, session: Session, row: Conversation, name: str) -> None:
        row.agent_name = name
        row.closed_at = None
        entry = repository.handoff(session, row.handoff_id)
        if entry is None:
            summary = self._words.notice("claimed_summary", as_language(row.language), agent=name)
            entry = open_record(session, row, "requested", summary, {})
        entry.agent_id = row.agent_id
        entry.claimed_at = entry.claimed_at or now()

    # --- reading ----------------------------------------------------------------------------

    def place(self, session: Session, conversation_id: str) -> Place:
        row = session.get(Conversation, conversation_id)
        return place_of(session, row) if row else Place(None, None)

    def detail(self, session: Session, conversation_id: str) -> Detail:
        """Raises `NotFound`."""
        return detail_of(session, conversation_id)

    def list(
        self, session: Session, agent_id: str, filters: Filters, before: str | None, limit: int
    ) -> Page:
        """One page of the inbox; the queue in its order, the rest latest first."""
        start = Cursor.parse(before) if before else None
        late = None
        if filters.overdue:
            late = repository.later_than_promised(self._rules.read(session), now())
        rows = repository.page(session, filters, agent_id, late, start, limit + 1)
        page = rows[:limit]
        end = Cursor.after(page[-1], filters.view) if len(rows) > limit else None
        return Page([summary_of(row) for row in page], str(end) if end else None)

    def counts(self, session: Session, agent_id: str) -> dict[View, int]:
        return repository.counts(session, agent_id)

    # --- shared steps -----------------------------------------------------------------------

    def _of_visitor(self, session: Session, conversation_id: str, visitor_id: str) -> Conversation:
        row = self._chat.lock(session, conversation_id)
        if row.visitor_id != visitor_id:
            raise NotFound()
        return row

    def _move(
        self,
        session: Session,
        row: Conversation,
        command: Command,
        actor: Actor,
        to: str | None = None,
    ) -> None:
        """The one place where a conversation's owner is written (beside a customer's writing)."""
        was = row.owner
        after = apply(ownership_of(row), command, actor, to)
        row.owner, row.agent_id = after.owner, after.agent_id
        if after.owner != "agent":
            row.agent_name = None
        if after.owner == "queued" and was != "queued":
            row.queued_at = now()
        elif after.owner != "queued":
            row.queued_at = None
        if after.owner in ("queued", "agent"):
            clocks.human_wanted(row)
        else:
            clocks.humans_done(row)
        session.flush()


def _promise(hours: OfficeHours) -> datetime:
    opening = hours.next_opening(now()) or now() + timedelta(days=1)
    return opening + ANSWER_WITHIN


def _show(moment: datetime, hours: OfficeHours) -> str:
    return moment.astimezone(hours.zone).strftime("%m-%d %H:%M")
