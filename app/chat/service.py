"""What may happen in a conversation. Every method is a unit of work on a session; none commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from app.chat import event_repository, repository, search_repository
from app.chat.events import RECALL_WITHIN_S, Author, Content
from app.chat.forgetting import RECALLED, forget_words
from app.chat.happenings import Happened
from app.chat.hints import (
    CancelWanted,
    MessageChanged,
    ReadNow,
    RowChanged,
)
from app.chat.messages import (
    searched_text,
    summary_of,
    to_wire,
)
from app.chat.reader import MAX_URL_CHARS, MESSAGES_PAGE
from app.chat.writer import ChatWriter
from app.chat.writer import ownership_of as ownership_of
from app.db import tell
from app.errors import Conflict, NotFound, Refused
from app.files.service import detach
from app.models import Conversation, StoredMessage, Turn, new_id, now
from app.words import as_language
from nlu.types import Language


class ChatService(ChatWriter):
    """Messages in, messages out, and what else may happen to them."""

    # --- who comes --------------------------------------------------------------------------

    def enter(
        self,
        session: Session,
        visitor_id: str,
        language: Language | None,
        voice: bool | None,
        page_url: str | None,
    ) -> str:
        """The id of the visitor's latest conversation, made if there is none."""
        row = repository.latest_conversation(session, visitor_id) or self.start(session, visitor_id)
        row.voice = row.voice if voice is None else voice
        if page_url:
            row.page_url = page_url[:MAX_URL_CHARS]
            repository.note_page(session, visitor_id, row.page_url, now())
        if row.last_seq == 0 and language:
            row.language = language
        return row.id

    def start(self, session: Session, visitor_id: str, channel: str = "widget") -> Conversation:
        visitor = repository.visitor(session, visitor_id)
        if visitor is None:
            raise NotFound()
        row = Conversation(
            id=new_id(),
            visitor_id=visitor_id,
            visitor_name=visitor.name,
            language=visitor.language,
            channel=channel,
        )
        session.add(row)
        session.flush()
        return row

    def adopt(self, session: Session, from_id: str, to_id: str) -> None:
        """An anonymous customer turned out to be somebody known: their chats go along."""
        repository.move_to_visitor(session, from_id, to_id)

    def rename(self, session: Session, visitor_id: str, name: str) -> None:
        for row in repository.conversations_of(session, visitor_id):
            if row.visitor_name != name:
                row.visitor_name = name
                tell(session, RowChanged(conversation_id=row.id, summary=summary_of(row)))

    # --- what is done with what was written ---------------------------------------------------

    def read(self, session: Session, conversation_id: str, reader: Author, seq: int) -> None:
        row = self.lock(session, conversation_id)
        seq = min(seq, row.last_seq)
        if reader.type == "visitor":
            if row.visitor_id != reader.id:
                raise NotFound()
            if seq <= row.visitor_read_seq:
                return
            row.visitor_read_seq = seq
            tell(session, ReadNow(conversation_id=row.id, who="visitor", seq=seq))
        else:
            if seq <= row.agent_read_seq and row.unread == 0:
                return
            row.agent_read_seq = max(seq, row.agent_read_seq)
            row.unread = repository.visitor_messages_after(session, row.id, row.agent_read_seq)
            tell(
                session,
                RowChanged(conversation_id=row.id, summary=summary_of(row)),
                ReadNow(conversation_id=row.id, who="agent", seq=seq),
            )

    def feedback(
        self,
        session: Session,
        conversation_id: str,
        visitor_id: str,
        message_id: str,
        value: Literal["up", "down"],
    ) -> None:
        stored = repository.message(session, message_id)
        row = repository.conversation(session, conversation_id)
        if (
            stored is None
            or row is None
            or row.visitor_id != visitor_id
            or stored.conversation_id != conversation_id
            or stored.author_type not in ("bot", "agent")
        ):
            raise NotFound("message_not_found")
        if stored.feedback == value:
            return
        stored.feedback = value
        session.flush()
        tell(session, MessageChanged(conversation_id=row.id, message=to_wire(stored)))

    def recall(
        self, session: Session, conversation_id: str, author: Author, message_id: str
    ) -> None:
        """Take back one's own message while it is fresh; for both sides nothing is left of it.

        Raises `NotFound`, `Conflict` (``too_late``).
        """
        row = self.lock(session, conversation_id)
        stored = repository.message(session, message_id)
        if (
            stored is None
            or stored.conversation_id != row.id
            or (stored.author_type, stored.author_id) != (author.type, author.id)
        ):
            raise NotFound("message_not_found")
        if stored.content.get("recalled"):
            return
        if not is_fresh(stored.created_at):
            raise Conflict("too_late", minutes=RECALL_WITHIN_S // 60)
        detach(session, stored.id)
        said = searched_text(Content.model_validate(stored.content))
        search_repository.forget_message(session, stored.id, said)
        stored.content = {"recalled": True}
        stored.payload = None
        self._forget_quotes(session, row, stored)
        row.epoch = new_id()  # who was away takes the conversation anew, without it
        if stored.seq == row.last_seq:
            row.last_message = ""
        self._drop_if_nothing_is_asked(session, row, stored)
        turn = repository.turn(session, stored.turn_id) if stored.turn_id else None
        if turn is not None and turn.state == "done" and author.type == "visitor":
            forget_words(session, turn, said)
        elif turn is not None and turn.state == "running":
            turn.trace = RECALLED
        session.flush()
        tell(
            session,
            MessageChanged(conversation_id=row.id, message=to_wire(stored)),
            RowChanged(conversation_id=row.id, summary=summary_of(row)),
        )

    @staticmethod
    def _forget_quotes(session: Session, row: Conversation, recalled: StoredMessage) -> None:
        for later in repository.quoting(session, recalled, MESSAGES_PAGE):
            quote = {**later.content["quote"], "text": ""}
            later.content = {**later.content, "quote": quote}
            tell(session, MessageChanged(conversation_id=row.id, message=to_wire(later)))

    @staticmethod
    def _drop_if_nothing_is_asked(
        session: Session, row: Conversation, recalled: StoredMessage
    ) -> None:
        """A turn all of whose messages were taken back has nothing to answer."""
        turn = repository.turn(session, recalled.turn_id) if recalled.turn_id else None
        if turn is None or turn.state not in ("pending", "running"):
            return
        asked = repository.messages_of_turn(session, turn.id)
        if all(message.content.get("recalled") for message in asked):
            drop(turn)
            tell(session, CancelWanted(conversation_id=row.id))

    def rate(
        self, session: Session, conversation_id: str, visitor_id: str, stars: int, comment: str
    ) -> None:
        if "\0" in comment:
            raise Refused("bad_text")
        row = self.lock(session, conversation_id)
        if row.visitor_id != visitor_id:
            raise NotFound()
        row.rating = stars
        row.rating_comment = self.hide(comment, as_language(row.language))
        tell(session, Happened("conversation.rated", row.id))
        tell(session, RowChanged(conversation_id=row.id, summary=summary_of(row)))

    def set_voice(self, session: Session, conversation_id: str, on: bool) -> None:
        self.lock(session, conversation_id).voice = on

    def cancel_turns(self, session: Session, conversation_id: str) -> None:
        """The customer no longer wants what is being answered: nothing is said to it any more."""
        row = self.lock(session, conversation_id)
        for turn in repository.open_turns(session, row.id):
            drop(turn)
        tell(session, CancelWanted(conversation_id=row.id))

    def forget_misses(self, session: Session, row: Conversation) -> None:
        """A human has helped: the dialogue starts counting misses anew after this event."""
        event = {"event": "bot", "text": None, "data": {}, "metadata": {"handed_back": True}}
        event_repository.add(session, row.id, None, [event])


def is_fresh(created_at: datetime) -> bool:
    """Whether a message may still be taken back."""
    return now() - created_at < timedelta(seconds=RECALL_WITHIN_S)


def drop(turn: Turn) -> None:
    turn.state = "dropped"
    turn.finished_at = now()
    turn.lease_until = None
