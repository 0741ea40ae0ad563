"""Private notes: what agents tell each other about a conversation.

They are rows of their own, beside the messages and without a `seq`, and are told by a hint that
only agents' sockets know. So no way of reading messages can show one to a customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity, AuthService
from app.chat.agent_events import WireNote
from app.chat.events import SendContent
from app.chat.hints import AgentCalled, NoteTold
from app.chat.messages import check_content
from app.chat.service import ChatService
from app.db import tell
from app.desk import repository
from app.errors import Conflict, Forbidden, NotFound
from app.models import Conversation, Mention, Note, new_id, now


@dataclass(frozen=True, slots=True)
class Call:
    """A note that calls somebody, and whom it is about."""

    note: WireNote
    visitor_name: str


class NoteService:
    def __init__(self, chat: ChatService, auth: AuthService) -> None:
        self._chat = chat
        self._auth = auth

    def all(self, session: Session, conversation_id: str) -> list[WireNote]:
        """Oldest first."""
        self._chat.opened(session, conversation_id)
        rows = repository.notes(session, conversation_id)
        called = repository.mentioned(session, [row.id for row in rows])
        return [_wire(row, called.get(row.id, [])) for row in rows]

    def write(
        self,
        session: Session,
        agent: AgentIdentity,
        conversation_id: str,
        text: str,
        mentions: Sequence[str],
    ) -> WireNote:
        """Raises `Refused`, `NotFound`."""
        check_content(SendContent(text=text))
        row = self._chat.lock(session, conversation_id)
        return self._save(session, agent, row, "note", text, mentions)

    def whisper(
        self, session: Session, agent: AgentIdentity, conversation_id: str, text: str
    ) -> WireNote:
        """A supervisor's word to the agent who has the chat. Raises `Forbidden`, `Conflict`."""
        if not agent.actor.may_override:
            raise Forbidden()
        check_content(SendContent(text=text))
        row = self._chat.lock(session, conversation_id)
        if row.owner != "agent" or row.agent_id is None:
            raise Conflict("wrong_state", owner=row.owner)
        return self._save(session, agent, row, "whisper", text, [row.agent_id])

    def change(self, session: Session, agent: AgentIdentity, note_id: str, text: str) -> WireNote:
        check_content(SendContent(text=text))
        row = self._own(session, agent, note_id)
        conversation = session.get_one(Conversation, row.conversation_id)
        row.text, row.edited_at = self._chat.hide(text, conversation.language), now()
        called = repository.mentioned(session, [row.id]).get(row.id, [])
        note = _wire(row, called)
        tell(session, NoteTold(conversation_id=row.conversation_id, note=note))
        return note

    def delete(self, session: Session, agent: AgentIdentity, note_id: str) -> None:
        row = self._own(session, agent, note_id)
        repository.forget_mentions(session, row.id)
        session.delete(row)
        record(session, agent.id, "note_deleted", row.id)
        tell(session, NoteTold(conversation_id=row.conversation_id, note=None, deleted_id=row.id))

    # --- mentions ---------------------------------------------------------------------------

    def calls(self, session: Session, agent_id: str) -> list[Call]:
        """Unread, latest first."""
        found = repository.unread_mentions(session, agent_id)
        called = repository.mentioned(session, [row.id for row, _ in found])
        return [Call(_wire(row, called.get(row.id, [])), name) for row, name in found]

    def heard(self, session: Session, agent_id: str, conversation_id: str) -> None:
        repository.read_mentions(session, agent_id, conversation_id, now())

    # --- shared steps -----------------------------------------------------------------------

    def _save(
        self,
        session: Session,
        agent: AgentIdentity,
        row: Conversation,
        kind: Literal["note", "whisper"],
        text: str,
        mentions: Sequence[str],
    ) -> WireNote:
        called = sorted({self._auth.agent_named(session, id_).id for id_ in mentions})
        saved = Note(
            id=new_id(),
            conversation_id=row.id,
            kind=kind,
            author_id=agent.id,
            author_name=agent.name,
            text=self._chat.hide(text, row.language),
            after_seq=row.last_seq,
            created_at=now(),
        )
        session.add(saved)
        session.flush()
        session.add_all(Mention(note_id=saved.id, agent_id=id_) for id_ in called)
        note = _wire(saved, called)
        tell(session, NoteTold(conversation_id=row.id, note=note))
        for id_ in called:
            if id_ != agent.id:
                name = row.visitor_name
                tell(
                    session,
                    AgentCalled(conversation_id=row.id, agent_id=id_, note=note, visitor_name=name),
                )
        return note

    @staticmethod
    def _own(session: Session, agent: AgentIdentity, note_id: str) -> Note:
        row = session.get(Note, note_id)
        if row is None:
            raise NotFound()
        if row.author_id != agent.id:
            raise Forbidden()
        return row


def _wire(row: Note, mentions: Sequence[str]) -> WireNote:
    return WireNote(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=row.kind,
        author_id=row.author_id,
        author_name=row.author_name,
        text=row.text,
        mentions=list(mentions),
        after_seq=row.after_seq,
        created_at=row.created_at,
        edited_at=row.edited_at,
    )
