"""The wire protocol of agents: `AgentClientEvent` to us, `AgentServerEvent` to them, on ``/ws/agent``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from app.chat.events import (
    Ack,
    AuthorType,
    ClientMsgId,
    Error,
    Message,
    MessageId,
    Nack,
    Owner,
    SendContent,
    Seq,
    Wire,
)

# --- agent to server: what is live; actions on a conversation go by REST ---------------------


class AgentHello(Wire):
    """Sent first. The socket is authenticated by the login cookie and its Origin."""

    type: Literal["hello"] = "hello"
    language: Literal["zh", "en"] = "zh"


class Watch(Wire):
    """Hear everything of one conversation, from after `last_seq` on."""

    type: Literal["watch"] = "watch"
    conversation_id: str
    last_seq: Seq = 0


class Unwatch(Wire):
    type: Literal["unwatch"] = "unwatch"
    conversation_id: str


class AgentSend(Wire):
    type: Literal["send"] = "send"
    conversation_id: str
    client_msg_id: ClientMsgId
    content: SendContent


class AgentTyping(Wire):
    type: Literal["typing"] = "typing"
    conversation_id: str
    on: bool


class AgentRead(Wire):
    type: Literal["read"] = "read"
    conversation_id: str
    seq: Seq


class AgentRecall(Wire):
    type: Literal["recall"] = "recall"
    conversation_id: str
    message_id: MessageId


AgentClientEvent = Annotated[
    AgentHello | Watch | Unwatch | AgentSend | AgentTyping | AgentRead | AgentRecall,
    Field(discriminator="type"),
]

# --- server to agent ------------------------------------------------------------------------


class ConversationSummary(Wire):
    """One row of the inbox."""

    id: str
    owner: Owner
    agent_id: str | None
    agent_name: str | None
    visitor_id: str
    visitor_name: str
    language: Literal["zh", "en"]
    last_message: str
    last_author: AuthorType | None
    last_at: datetime
    last_seq: Seq
    unread: int
    waiting_since: datetime | None
    """When the customer entered the queue; None outside it."""
    handoff_reason: str | None
    sentiment: Literal["negative", "neutral", "positive"]
    rating: int | None
    page_url: str | None
    channel: str
    priority: Literal["low", "normal", "high", "urgent"]
    tags: list[str]
    team_id: str | None
    snoozed_until: datetime | None
    held_at: datetime | None
    held_s: float
    human_since: datetime | None
    """When a human was first wanted, this time."""
    awaiting_since: datetime | None
    """Since when the customer waits for a word of a human."""
    responded: bool
    """A human has said something, this time."""


class WireNote(Wire):
    """What agents tell each other. It has no `seq`, and customers never hear of it."""

    id: str
    conversation_id: str
    kind: Literal["note", "whisper"]
    author_id: str
    author_name: str
    text: str
    mentions: list[str]
    """Ids of the agents it calls."""
    after_seq: Seq
    created_at: datetime
    edited_at: datetime | None


class AgentWelcome(Wire):
    type: Literal["welcome"] = "welcome"
    agent_id: str
    name: str
    role: Literal["agent", "supervisor", "admin"]


class ConversationChanged(Wire):
    """A row appeared or changed; the inbox folds it in by id."""

    type: Literal["conversation"] = "conversation"
    conversation: ConversationSummary


class AgentMessageEvent(Wire):
    type: Literal["message"] = "message"
    message: Message


class VisitorTyping(Wire):
    type: Literal["typing"] = "typing"
    conversation_id: str
    who: Literal["visitor", "agent"]
    name: str = ""
    draft: str | None = None
    """What a customer has typed so far, empty for an agent's; None when they stopped."""


class AgentPeerRead(Wire):
    type: Literal["read"] = "read"
    conversation_id: str
    who: Literal["visitor", "agent"]
    seq: Seq


class Viewing(Wire):
    """Who else has this conversation open."""

    type: Literal["viewing"] = "viewing"
    conversation_id: str
    agents: list[str]


class NoteChanged(Wire):
    """A note was written, changed or taken away; told to whoever watches the conversation."""

    type: Literal["note"] = "note"
    conversation_id: str
    note: WireNote | None
    deleted_id: str | None = None


class Mentioned(Wire):
    """A note calls this agent."""

    type: Literal["mentioned"] = "mentioned"
    note: WireNote
    visitor_name: str


AgentServerEvent = Annotated[
    AgentWelcome
    | Ack
    | Nack
    | ConversationChanged
    | AgentMessageEvent
    | VisitorTyping
    | AgentPeerRead
    | Viewing
    | NoteChanged
    | Mentioned
    | Error,
    Field(discriminator="type"),
]

agent_client_event: TypeAdapter[AgentClientEvent] = TypeAdapter(AgentClientEvent)
agent_server_event: TypeAdapter[AgentServerEvent] = TypeAdapter(AgentServerEvent)
