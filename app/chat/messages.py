"""Between stored rows, wire messages and the dialogue's replies."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from app.chat.agent_events import ConversationSummary
from app.chat.events import (
    MAX_TEXT_CHARS,
    Author,
    Content,
    Message,
    SendContent,
    WireButton,
    WireCard,
    WireCitation,
    WireFile,
    WireQuote,
)
from app.chat.repository import Columns
from app.errors import Refused
from app.models import Conversation, StoredMessage
from app.models.base import PRIORITIES
from dialogue.replies.language import language_shown
from dialogue.types import Reply
from nlu.text.language import detect_language
from nlu.types import Language

BOT = Author(type="bot", id="bot")
SYSTEM = Author(type="system", id="system")
PREVIEW_CHARS = 120
MAX_PAYLOAD_CHARS = 4000
MAX_READ_CHARS = 400
"""Of the text in one picture: the top of an order or an error message says it."""


def check_content(content: SendContent) -> None:
    """Refuse what cannot be stored or answered: empty, too long, NUL, lone surrogates."""
    text = content.text
    if not text.strip() and not content.files:
        raise Refused("empty")
    if len(text) > MAX_TEXT_CHARS or len(content.payload or "") > MAX_PAYLOAD_CHARS:
        raise Refused("too_long", limit=MAX_TEXT_CHARS)
    for part in (text, content.payload or ""):
        if "\0" in part or not _is_encodable(part):
            raise Refused("bad_text")


def _is_encodable(text: str) -> bool:
    """False where half of a surrogate pair stands alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def language_written(text: str, before: Language) -> Language:
    """The customer's language by what they write; an "OK" or an order's number does not change it."""
    return language_shown(text, detect_language(text, before)) or before


def body_hash(content: SendContent) -> str:
    more = [content.files, content.reply_to] if content.files or content.reply_to else []
    body = json.dumps([content.text, content.payload, *more], ensure_ascii=True)
    return hashlib.sha256(body.encode()).hexdigest()


def to_wire(stored: StoredMessage | Columns) -> Message:
    author = Author.model_construct(
        type=stored.author_type, id=stored.author_id, name=stored.author_name
    )
    return as_said(stored, author, Content.model_validate(stored.content))


def as_said(stored: StoredMessage | Columns, author: Author, content: Content) -> Message:
    """What was stored just now, and is not read again from what is stored."""
    return Message.model_construct(
        id=stored.id,
        conversation_id=stored.conversation_id,
        seq=stored.seq,
        author=author,
        content=content,
        created_at=stored.created_at,
        client_msg_id=stored.client_msg_id,
        voice_url=stored.voice_url,
        feedback=stored.feedback,
    )


def without_client_id(message: Message) -> Message:
    return message.model_copy(update={"client_msg_id": None}) if message.client_msg_id else message


def to_content(reply: Reply) -> Content:
    return Content(
        text=reply.text,
        buttons=[WireButton(title=b.title, payload=b.payload) for b in reply.buttons],
        cards=[_to_card(element) for element in reply.elements],
        image_url=reply.image,
        attachment_url=reply.attachment,
        custom=dict(reply.custom) if reply.custom is not None else None,
        citations=[
            WireCitation(entry_id=c.entry_id, title=c.title, url=c.url) for c in reply.citations
        ],
        source=reply.source,
        language=reply.language,
        files=[WireFile(**asdict(file)) for file in reply.files],
    )


def _to_card(element: object) -> WireCard:
    """A rasa element is a dict of the bot author's; unknown keys are theirs and not shown."""
    known = dict(element) if hasattr(element, "keys") else {}  # type: ignore[call-overload]
    buttons = known.get("buttons") or []
    return WireCard(
        title=str(known.get("title", "")),
        subtitle=str(known.get("subtitle") or ""),
        image_url=known.get("image_url"),
        buttons=[
            WireButton(title=str(b.get("title", "")), payload=str(b.get("payload", "")))
            for b in buttons
        ],
    )


def searched_text(content: Content) -> str:
    """What a message can be found by: its words, its files' names, and what was read in pictures."""
    files = [part for file in content.files for part in (file.name, file.text) if part]
    return "\n".join([content.text, *files])


def preview(content: Content) -> str:
    files = " ".join(f"[{file.name}]" for file in content.files)
    return " ".join(f"{content.text} {files}".split())[:PREVIEW_CHARS]


def quote_of(stored: StoredMessage) -> WireQuote:
    return WireQuote(
        message_id=stored.id,
        author=stored.author_type,
        name=stored.author_name,
        text=preview(Content.model_validate(stored.content)),
    )


def said_to_the_bot(content: Content) -> str:
    """A customer's words, and what could be read in their pictures."""
    read = (file.text[:MAX_READ_CHARS] for file in content.files)
    return "\n".join(filter(None, (content.text.strip(), *read)))


def summary_of(row: Conversation) -> ConversationSummary:
    return ConversationSummary.model_construct(
        id=row.id,
        owner=row.owner,
        agent_id=row.agent_id,
        agent_name=row.agent_name,
        visitor_id=row.visitor_id,
        visitor_name=row.visitor_name,
        language=row.language,
        last_message=row.last_message,
        last_author=row.last_author,
        last_at=row.updated_at,
        last_seq=row.last_seq,
        unread=row.unread,
        waiting_since=row.queued_at,
        handoff_reason=row.handoff_reason,
        sentiment=row.sentiment,
        rating=row.rating,
        page_url=row.page_url,
        channel=row.channel,
        priority=PRIORITIES[row.rank],
        tags=list(row.tags),
        team_id=row.team_id,
        snoozed_until=row.snoozed_until,
        held_at=row.held_at,
        held_s=row.held_s,
        human_since=row.human_since,
        awaiting_since=row.awaiting_since,
        responded=row.responded_at is not None,
    )
