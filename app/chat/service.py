"""What may happen in a conversation. Every method is a unit of work on a session; none commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from app.chat import repository, search_repository
from app.chat.events import RECALL_WITHIN_S, Author, Content, Message, SendContent
from app.chat.forgetting import RECALLED, forget_words
from app.chat.happenings import Happened
from app.chat.hints import (
    CancelWanted,
    MessageChanged,
    MessageSaved,
    OwnerMoved,
    ReadNow,
    RowChanged,
    TurnWanted,
)
from app.chat.messages import (
    SYSTEM,
    body_hash,
    check_content,
    preview,
    quote_of,
    searched_text,
    summary_of,
    to_wire,
)
from app.chat.reader import MAX_URL_CHARS, MESSAGES_PAGE, ChatReader
from app.db import tell
from app.errors import Conflict, Forbidden, NotFound, Refused
from app.files.service import attach, detach
from app.handoff import clocks
from app.handoff.ownership import Actor, Ownership, apply
from app.models import Conversation, StoredMessage, Turn, new_id, now
from app.personal import Mask
from app.words import Words, as_language
from nlu.types import Language


def ownership_of(row: Conversation) -> Ownership:
    return Ownership(row.owner, row.agent_id)


class ChatService(ChatReader):
    """Messages in, messages out. `words` speaks for the system; `hide` takes out what the owner
    does not want kept."""

    def __init__(self, words: Words, hide: Mask | None = None) -> None:
        self._words = words
        self.hide = hide or Mask((), words)

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

    # --- writing ----------------------------------------------------------------------------

    def accept(
        self,
        session: Session,
        conversation_id: str,
        author: Author,
        client_msg_id: str,
        content: SendContent,
        answered: bool = True,
    ) -> Message:
        """Save what a person sent; the same id and body again yield the same message.

        The bot answers it, if it owns the conversation; not `answered` by who only tells of it.
        Raises `Refused`, `Conflict` (the id was used for another body), `Forbidden`, `NotFound`.
        """
        check_content(content)
        row = self.lock(session, conversation_id)
        if author.type == "visitor" and row.visitor_id != author.id:
            raise NotFound()
        if self.hide:
            content = self._hidden(content, as_language(row.language))
        hashed = body_hash(content)
        known = repository.message_by_client_id(session, row.id, author.id, client_msg_id)
        if known is not None:
            if known.body_hash != hashed:
                raise Conflict("conflict")
            return to_wire(known)
        if author.type == "agent" and (row.owner, row.agent_id) != ("agent", author.id):
            raise Forbidden("not_owner")
        id_ = new_id()
        shown = self._shown(session, row, author, content, id_)
        visitor = author.type == "visitor"
        after = apply(ownership_of(row), "write", Actor("visitor", author.id)) if visitor else None
        turn_id = None
        if answered and after is not None and after.owner == "bot":
            turn_id = self._owed_turn(session, row).id
            tell(session, TurnWanted(conversation_id=row.id))
        # From here on no query: everything reaches the database in one flush.
        reopened = after is not None and self._visitor_writes(row, after)
        if author.type == "agent":
            clocks.agent_wrote(row)
        stored = self._append(
            session,
            row,
            author,
            shown,
            id=id_,
            client_msg_id=client_msg_id,
            body_hash=hashed,
            payload=content.payload,
            turn_id=turn_id,
        )
        message = to_wire(stored)
        if reopened:
            tell(session, Happened("conversation.opened", row.id, detail={"again": True}))
        self._told(session, row, message)
        if reopened:
            tell(session, OwnerMoved(conversation_id=row.id, owner="bot"))
        return message

    def say(
        self,
        session: Session,
        row: Conversation,
        author: Author,
        content: Content,
        turn_id: str | None = None,
    ) -> StoredMessage:
        """Append a message of the bot or the system to a locked conversation."""
        if self.hide:
            text = self.hide(content.text, as_language(row.language))
            content = content.model_copy(update={"text": text})
        stored = self._append(session, row, author, content, turn_id=turn_id)
        self._told(session, row, to_wire(stored))
        return stored

    def notice(
        self,
        session: Session,
        row: Conversation,
        key: str,
        said: str | None = None,
        **fields: str | int,
    ) -> StoredMessage:
        """A system message in the customer's language; clients may show their own by its key.

        `said`: the words' own key, where one notice is said in several ways.
        """
        language = as_language(row.language)
        text = self._words.notice(said or key, language, **fields)
        content = Content(text=text, notice=key, source="system", language=language)
        return self.say(session, row, SYSTEM, content)

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
        for later in repository.messages_after(session, row.id, recalled.seq, MESSAGES_PAGE):
            quote = later.content.get("quote")
            if quote and quote["message_id"] == recalled.id:
                later.content = {**later.content, "quote": {**quote, "text": ""}}
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
        repository.add_events(session, row.id, None, [event])

    # --- shared steps -----------------------------------------------------------------------

    def lock(self, session: Session, conversation_id: str) -> Conversation:
        row = repository.lock_conversation(session, conversation_id)
        if row is None:
            raise NotFound()
        return row

    def _hidden(self, content: SendContent, language: Language) -> SendContent:
        payload = self.hide(content.payload, language) if content.payload else content.payload
        return content.model_copy(
            update={"text": self.hide(content.text, language), "payload": payload}
        )

    def _visitor_writes(self, row: Conversation, after: Ownership) -> bool:
        """Writing into a closed conversation opens it again. True if it did."""
        was = row.owner
        row.owner, row.agent_id = after.owner, after.agent_id
        clocks.customer_wrote(row)
        if row.owner != "bot":
            row.unread += 1
        if was == row.owner:
            return False
        row.agent_name = row.closed_at = None
        return True

    def _owed_turn(self, session: Session, row: Conversation) -> Turn:
        """The turn that will answer: what is typed while one runs is merged into the next."""
        turn = repository.turn_in_state(session, row.id, "pending")
        if turn is None:
            turn = Turn(id=new_id(), conversation_id=row.id, state="pending")
            session.add(turn)
        return turn

    def _shown(
        self, session: Session, row: Conversation, author: Author, sent: SendContent, id_: str
    ) -> Content:
        """What is shown of what a person sent. Raises `Refused`, `NotFound`."""
        files = attach(session, sent.files or (), row.id, author.id, id_)
        quoted = repository.message(session, sent.reply_to) if sent.reply_to else None
        if sent.reply_to and (quoted is None or quoted.conversation_id != row.id):
            raise NotFound("message_not_found")
        quote = quote_of(quoted) if quoted is not None else None
        return Content(text=sent.text, files=files, quote=quote)

    def _append(
        self,
        session: Session,
        row: Conversation,
        author: Author,
        content: Content,
        **more: str | None,
    ) -> StoredMessage:
        if row.last_seq == 0:
            tell(session, Happened("conversation.opened", row.id, detail={"again": False}))
        row.last_seq += 1
        row.updated_at = now()
        if author.type != "system":
            row.last_message = preview(content)
            row.last_author = author.type
        stored = StoredMessage(
            **{"id": new_id(), **more},
            conversation_id=row.id,
            seq=row.last_seq,
            author_type=author.type,
            author_id=author.id,
            author_name=author.name,
            content=content.model_dump(mode="json", exclude_defaults=True),
            created_at=row.updated_at,
        )
        session.add(stored)
        if author.type != "system":
            search_repository.insert_words(session, stored.id, row.id, searched_text(content))
        return stored

    def _told(self, session: Session, row: Conversation, message: Message) -> None:
        if message.author.type != "system":
            tell(session, Happened("message.created", row.id, message.id))
        tell(
            session,
            MessageSaved(conversation_id=row.id, message=message),
            RowChanged(conversation_id=row.id, summary=summary_of(row)),
        )


def is_fresh(created_at: datetime) -> bool:
    """Whether a message may still be taken back."""
    return now() - created_at < timedelta(seconds=RECALL_WITHIN_S)


def drop(turn: Turn) -> None:
    turn.state = "dropped"
    turn.finished_at = now()
    turn.lease_until = None
