"""The wire protocol of customers: one discriminated union per direction, unknown fields forbidden.

Visitors speak `ClientEvent` and hear `ServerEvent` on ``/ws``; agents' events are in
`agent_events`. The TypeScript types in ``web/shared/events.ts`` are generated from both.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MAX_TEXT_CHARS = 4000
"""Longer customer texts are refused with `too_long`: no FAQ or order question needs more."""

RECALL_WITHIN_S = 120
"""As in the messengers that people know: long enough for a slip, too short to rewrite history."""

Owner = Literal["bot", "queued", "agent", "closed"]
AuthorType = Literal["visitor", "bot", "agent", "system"]
ClientMsgId = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
MAX_SEQ = 2**31 - 1
"""What the databases' integers hold."""
Seq = Annotated[int, Field(ge=0, le=MAX_SEQ)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what a message holds -------------------------------------------------------------------


class WireButton(Wire):
    title: str
    payload: str


class WireCard(Wire):
    title: str
    subtitle: str = ""
    image_url: str | None = None
    buttons: list[WireButton] = []


class WireCitation(Wire):
    entry_id: str
    title: str
    url: str | None = None


class WireFile(Wire):
    url: str
    """Relative to the server. Its last part is the key that only the two sides know."""
    name: str
    media_type: str
    size: int
    """Bytes."""
    width: int | None = None
    """Pixels; None for what is no picture."""
    height: int | None = None
    text: str = ""
    """What could be read in a picture."""


class WireQuote(Wire):
    """The message that this one answers, as it was then."""

    message_id: str
    author: AuthorType
    name: str = ""
    text: str


FileKey = Annotated[str, Field(min_length=16, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
MessageId = Annotated[str, Field(max_length=64)]


class SendContent(Wire):
    """What a person sends: text, and for a tapped button the payload behind its title."""

    text: str
    payload: str | None = None
    files: list[FileKey] | None = None
    """Keys of files uploaded before; then `text` may be empty."""
    reply_to: MessageId | None = None
    """The message that is quoted."""


class Content(Wire):
    """What a message shows."""

    text: str = ""
    buttons: list[WireButton] = []
    cards: list[WireCard] = []
    image_url: str | None = None
    attachment_url: str | None = None
    custom: dict[str, Any] | None = None
    citations: list[WireCitation] = []
    source: Literal["response", "action", "faq", "generated", "system"] | None = None
    language: Literal["zh", "en"] | None = None
    notice: str | None = None
    """For system messages: the key of the words, e.g. `queued`, `agent_joined`, `closed`."""
    files: list[WireFile] = []
    quote: WireQuote | None = None
    recalled: bool = False
    """Its author took it back; nothing else is left of it."""


class Author(Wire):
    type: AuthorType
    id: str
    name: str = ""


class Message(Wire):
    id: str
    conversation_id: str
    seq: Seq
    author: Author
    content: Content
    created_at: datetime
    client_msg_id: str | None = None
    """Only told to its own author, so that an optimistic copy can be replaced."""
    voice_url: str | None = None
    feedback: Literal["up", "down"] | None = None


# --- visitor to server ----------------------------------------------------------------------


class Hello(Wire):
    type: Literal["hello"] = "hello"
    token: str
    last_seq: Seq = 0
    epoch: str | None = None
    """The epoch of the last `welcome`; another one there means: forget and take the reset."""
    language: Literal["zh", "en"] | None = None
    voice: bool = False
    """Render bot replies as speech."""
    page_url: str | None = None


class Send(Wire):
    type: Literal["send"] = "send"
    client_msg_id: ClientMsgId
    content: SendContent


class Typing(Wire):
    type: Literal["typing"] = "typing"
    text: str | None = Field(default=None, max_length=MAX_TEXT_CHARS)
    """Draft preview for the agent; None when the customer stopped."""


class Read(Wire):
    type: Literal["read"] = "read"
    seq: Seq


class Feedback(Wire):
    type: Literal["feedback"] = "feedback"
    message_id: str
    value: Literal["up", "down"]


class Recall(Wire):
    """Take back one's own message; possible for `RECALL_WITHIN_S` seconds."""

    type: Literal["recall"] = "recall"
    message_id: MessageId


class Rate(Wire):
    type: Literal["rate"] = "rate"
    stars: Annotated[int, Field(ge=1, le=5)]
    comment: str = Field(default="", max_length=1000)


class RequestHuman(Wire):
    type: Literal["request_human"] = "request_human"


class Cancel(Wire):
    """Stop a reply being generated; or, while queued, go back to the bot."""

    type: Literal["cancel"] = "cancel"


class SetVoice(Wire):
    type: Literal["set_voice"] = "set_voice"
    on: bool


ClientEvent = Annotated[
    Hello | Send | Typing | Read | Feedback | Recall | Rate | RequestHuman | Cancel | SetVoice,
    Field(discriminator="type"),
]

# --- server to visitor ----------------------------------------------------------------------


class Welcome(Wire):
    type: Literal["welcome"] = "welcome"
    conversation_id: str
    epoch: str
    owner: Owner
    agent_name: str | None = None
    queue_position: int | None = None
    expected_wait_s: float | None = None
    last_seq: Seq
    peer_read_seq: Seq
    """Up to where the other side (bot or agent) has read."""


class Ack(Wire):
    """The message is committed: it will never be lost and never be shown twice."""

    type: Literal["ack"] = "ack"
    client_msg_id: str
    seq: Seq
    message_id: str
    created_at: datetime


class Nack(Wire):
    type: Literal["nack"] = "nack"
    client_msg_id: str | None
    code: str
    words: str
    retry_after_s: float | None = None


class MessageEvent(Wire):
    type: Literal["message"] = "message"
    message: Message


class Partial(Wire):
    """Text so far of a reply that is still being generated; replaced by its `message`."""

    type: Literal["partial"] = "partial"
    turn_id: str
    text: str


class PeerTyping(Wire):
    type: Literal["typing"] = "typing"
    who: Literal["bot", "agent"]
    on: bool


class PeerRead(Wire):
    type: Literal["read"] = "read"
    seq: Seq


class OwnerChanged(Wire):
    type: Literal["owner_changed"] = "owner_changed"
    owner: Owner
    agent_name: str | None = None
    queue_position: int | None = None
    expected_wait_s: float | None = None


class VoiceReady(Wire):
    type: Literal["voice_ready"] = "voice_ready"
    message_id: str
    url: str


class Reset(Wire):
    """Forget everything shown: the whole conversation follows as `message` events."""

    type: Literal["reset"] = "reset"
    epoch: str


class Error(Wire):
    type: Literal["error"] = "error"
    code: str
    words: str
    retry_after_s: float | None = None


ServerEvent = Annotated[
    Welcome
    | Ack
    | Nack
    | MessageEvent
    | Partial
    | PeerTyping
    | PeerRead
    | OwnerChanged
    | VoiceReady
    | Reset
    | Error,
    Field(discriminator="type"),
]

client_msg_id: TypeAdapter[str] = TypeAdapter(ClientMsgId)
client_event: TypeAdapter[ClientEvent] = TypeAdapter(ClientEvent)
server_event: TypeAdapter[ServerEvent] = TypeAdapter(ServerEvent)
