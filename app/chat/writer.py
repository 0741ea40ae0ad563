"""How a message comes to be: of people, of the bot, of the system. Nothing here commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.chat import repository, search_repository
from app.chat.events import Author, Content, Message, SendContent
from app.chat.happenings import Happened
from app.chat.hints import MessageSaved, OwnerMoved, RowChanged, TurnWanted
from app.chat.messages import (
    SYSTEM,
    as_said,
    body_hash,
    check_content,
    language_written,
    preview,
    quote_of,
    searched_text,
    summary_of,
    to_wire,
)
from app.chat.reader import ChatReader
from app.chat.search_repository import Searched
from app.db import tell
from app.errors import Conflict, Forbidden, LingxiError, NotFound
from app.files.service import attach
from app.handoff import clocks
from app.handoff.ownership import Actor, Ownership, apply
from app.models import Conversation, StoredMessage, Turn, new_id, now
from app.personal import Mask
from app.words import Words, as_language
from nlu.types import Language


def ownership_of(row: Conversation) -> Ownership:
    return Ownership(row.owner, row.agent_id)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person sends into a conversation."""

    conversation_id: str
    author: Author
    client_msg_id: str
    content: SendContent
    answered: bool = True
    """The bot answers it, if it owns the conversation; not so what is only told of."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.conversation_id, self.author.id, self.client_msg_id


@dataclass(frozen=True, slots=True)
class Accepted:
    message: Message
    owed: bool = False
    """The bot owes an answer to it."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A new turn of a conversation in which none is open, and all the messages that ask for it."""

    row: Conversation
    turn: Turn
    messages: list[StoredMessage] = field(default_factory=list)


Begin = Callable[[Owed], None]
"""May begin the turn in the same unit of work."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is known before anything is accepted; what is accepted is added."""

    conversations: dict[str, Conversation]
    messages: dict[tuple[str, str, str], StoredMessage]
    """By what names them for their senders."""
    pending: dict[str, Turn]
    """The turn of each conversation that has not begun."""
    busy: set[str]
    """Conversations in which a turn runs."""
    new_messages: list[StoredMessage] = field(default_factory=list)
    new_turns: dict[str, Owed] = field(default_factory=dict)
    """By conversation."""
    searched: list[Searched] = field(default_factory=list)
    """What is to be found by the search."""


class ChatWriter(ChatReader):
    """Messages in. `words` speaks for the system; `hide` takes out what the owner does not want
    kept."""

    def __init__(self, words: Words, hide: Mask | None = None) -> None:
        self._words = words
        self.hide = hide or Mask((), words)

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

        Raises `Refused`, `Conflict` (the id was used for another body), `Forbidden`, `NotFound`.
        """
        sent = Sent(conversation_id, author, client_msg_id, content, answered)
        [accepted] = self.accept_all(session, [sent])
        if isinstance(accepted, LingxiError):
            raise accepted
        if accepted.owed:
            tell(session, TurnWanted(conversation_id=conversation_id))
        return accepted.message

    def accept_all(
        self, session: Session, sent: Sequence[Sent], begin: Begin = lambda owed: None
    ) -> list[Accepted | LingxiError]:
        """Save what several people sent, in order; who is refused changes nothing.

        As many statements for a hundred as for one. Whoever asks must see to the turns that are
        owed; those that nothing stands before are shown to `begin`.
        """
        batch = self._batch(session, sent)
        results: list[Accepted | LingxiError] = []
        with session.no_autoflush:  # all of it reaches the database in one flush
            for one in sent:
                try:
                    results.append(self._accept(session, batch, one))
                except LingxiError as error:
                    results.append(error)
        for id_, owed in batch.new_turns.items():
            if id_ not in batch.busy:
                begin(owed)
        repository.insert(session, batch.new_messages)
        repository.insert(session, [owed.turn for owed in batch.new_turns.values()])
        search_repository.insert_words(session, batch.searched)
        return results

    @staticmethod
    def _batch(session: Session, sent: Sequence[Sent]) -> _Batch:
        rows = repository.lock_conversations(session, {one.conversation_id for one in sent})
        of_bot = [row.id for row in rows if row.owner in ("bot", "closed")]
        turns = repository.open_turns_of(session, of_bot)
        return _Batch(
            {row.id: row for row in rows},
            {
                (found.conversation_id, found.author_id, found.client_msg_id or ""): found
                for found in repository.messages_by_client_ids(session, [one.key for one in sent])
            },
            {turn.conversation_id: turn for turn in turns if turn.state == "pending"},
            {turn.conversation_id for turn in turns if turn.state == "running"},
        )

    def _accept(self, session: Session, batch: _Batch, sent: Sent) -> Accepted:
        """All that may be refused comes first, then what changes anything."""
        author, content = sent.author, sent.content
        check_content(content)
        row = batch.conversations.get(sent.conversation_id)
        if row is None or (author.type == "visitor" and row.visitor_id != author.id):
            raise NotFound()
        if self.hide:
            content = self._hidden(content, as_language(row.language))
        hashed = body_hash(content)
        known = batch.messages.get(sent.key)
        if known is not None:
            if known.body_hash != hashed:
                raise Conflict("conflict")
            return Accepted(to_wire(known))
        if author.type == "agent" and (row.owner, row.agent_id) != ("agent", author.id):
            raise Forbidden("not_owner")
        id_ = new_id()
        shown = self._shown(session, row, author, content, id_)
        turn_id, reopened = None, False
        if author.type == "agent":
            clocks.agent_wrote(row)
        else:
            after = apply(ownership_of(row), "write", Actor("visitor", author.id))
            if sent.answered and after.owner == "bot":
                turn_id = self._owed_turn(batch, row).id
            reopened = self._visitor_writes(row, after, content.text)
        stored = self._append(
            session,
            row,
            author,
            shown,
            id=id_,
            client_msg_id=sent.client_msg_id,
            body_hash=hashed,
            payload=content.payload,
            turn_id=turn_id,
        )
        batch.messages[sent.key] = stored
        batch.new_messages.append(stored)
        if turn_id is not None and row.id in batch.new_turns:
            batch.new_turns[row.id].messages.append(stored)
        batch.searched.append(_searched(stored, shown))
        message = as_said(stored, author, shown)
        if reopened:
            tell(session, Happened("conversation.opened", row.id, detail={"again": True}))
        self._told(session, row, message)
        if reopened:
            tell(session, OwnerMoved(conversation_id=row.id, owner="bot"))
        return Accepted(message, owed=turn_id is not None)

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
        repository.insert(session, [stored])
        if author.type != "system":
            search_repository.insert_words(session, [_searched(stored, content)])
        self._told(session, row, as_said(stored, author, content))
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

    def _visitor_writes(self, row: Conversation, after: Ownership, text: str) -> bool:
        """Writing into a closed conversation opens it again. True if it did."""
        was = row.owner
        row.owner, row.agent_id = after.owner, after.agent_id
        clocks.customer_wrote(row)
        if row.owner != "bot":  # whose turns tell the language otherwise
            row.unread += 1
            row.language = language_written(text, as_language(row.language))
        if was == row.owner:
            return False
        row.agent_name = row.closed_at = None
        return True

    @staticmethod
    def _owed_turn(batch: _Batch, row: Conversation) -> Turn:
        """The turn that will answer: what is typed while one runs is merged into the next."""
        turn = batch.pending.get(row.id)
        if turn is None:
            turn = Turn(
                id=new_id(),
                conversation_id=row.id,
                state="pending",
                worker=None,
                lease_until=None,
                attempts=0,
            )
            batch.pending[row.id], batch.new_turns[row.id] = turn, Owed(row, turn)
        return turn

    def _shown(
        self, session: Session, row: Conversation, author: Author, sent: SendContent, id_: str
    ) -> Content:
        """What is shown of what a person sent. Raises `Refused`, `NotFound`."""
        quoted = repository.message(session, sent.reply_to) if sent.reply_to else None
        if sent.reply_to and (quoted is None or quoted.conversation_id != row.id):
            raise NotFound("message_not_found")
        files = attach(session, sent.files or (), row.id, author, id_)
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
        return stored

    def _told(self, session: Session, row: Conversation, message: Message) -> None:
        if message.author.type != "system":
            tell(session, Happened("message.created", row.id, message.id))
        tell(
            session,
            MessageSaved(conversation_id=row.id, message=message),
            RowChanged(conversation_id=row.id, summary=summary_of(row)),
        )


def _searched(stored: StoredMessage, content: Content) -> Searched:
    return stored.id, stored.conversation_id, searched_text(content)
