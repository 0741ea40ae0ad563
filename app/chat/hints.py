"""What workers tell each other after a commit. A hint may be lost; the database is the truth."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.chat.agent_events import ConversationSummary, WireNote
from app.chat.events import Message, Owner
from nlu.types import Language


class HintModel(BaseModel):
    model_config = ConfigDict(frozen=True)

    conversation_id: str


class MessageSaved(HintModel):
    type: Literal["message"] = "message"
    message: Message


class MessageChanged(HintModel):
    """A message that was told before is another now."""

    type: Literal["message_changed"] = "message_changed"
    message: Message


class RowChanged(HintModel):
    """For the inbox of every agent."""

    type: Literal["row"] = "row"
    summary: ConversationSummary


class OwnerMoved(HintModel):
    type: Literal["owner"] = "owner"
    owner: Owner
    agent_name: str | None = None
    queue_position: int | None = None
    expected_wait_s: float | None = None


class TypingNow(HintModel):
    type: Literal["typing"] = "typing"
    who: Literal["bot", "agent", "visitor"]
    on: bool
    name: str = ""
    draft: str | None = None


class PartialNow(HintModel):
    type: Literal["partial"] = "partial"
    turn_id: str
    text: str


class ReadNow(HintModel):
    type: Literal["read"] = "read"
    who: Literal["agent", "visitor", "bot"]
    seq: int


class VoiceNow(HintModel):
    type: Literal["voice"] = "voice"
    message_id: str
    url: str


class SpeechWanted(HintModel):
    """The customer hears replies. Stays in its worker."""

    type: Literal["speech_wanted"] = "speech_wanted"
    message_id: str
    text: str
    language: Language | None


class TroubleNow(HintModel):
    """A kind word to the customer that is no message, e.g. that we are busy."""

    type: Literal["trouble"] = "trouble"
    code: str
    retry_after_s: float | None = None


class ViewingNow(HintModel):
    type: Literal["viewing"] = "viewing"
    agents: list[str]


class NoteTold(HintModel):
    """For the agents who watch; no customer's socket knows this hint."""

    type: Literal["note"] = "note"
    note: WireNote | None
    deleted_id: str | None = None


class AgentCalled(HintModel):
    """For one agent, wherever they are."""

    type: Literal["agent_called"] = "agent_called"
    agent_id: str
    note: WireNote
    visitor_name: str


class TurnEnded(HintModel):
    type: Literal["turn_ended"] = "turn_ended"
    turn_id: str


class TurnWanted(HintModel):
    """A turn is owed. Stays in its worker."""

    type: Literal["turn_wanted"] = "turn_wanted"


class CancelWanted(HintModel):
    """The customer wants no reply any more to what is being answered."""

    type: Literal["cancel_wanted"] = "cancel_wanted"


class SeqReached(HintModel):
    """What the database holds, for a reader that may have missed hints."""

    type: Literal["seq"] = "seq"
    seq: int


class SessionEnded(HintModel):
    """A login ended: its sockets close. `conversation_id` is empty."""

    type: Literal["session_ended"] = "session_ended"
    conversation_id: str = ""
    token_hash: str


class CustomerErased(HintModel):
    """The conversation is gone, with all that was kept of it: its sockets close."""

    type: Literal["customer_erased"] = "customer_erased"


class KnowledgeChanged(HintModel):
    """What customers are told has changed. `conversation_id` is empty."""

    type: Literal["knowledge_changed"] = "knowledge_changed"
    conversation_id: str = ""
    revision: int


class DrillTold(HintModel):
    """A part plays dead in every worker; `until` None: no more. `conversation_id` is empty."""

    type: Literal["drill"] = "drill"
    conversation_id: str = ""
    part: str
    until: datetime | None


Hint = Annotated[
    MessageSaved
    | MessageChanged
    | RowChanged
    | OwnerMoved
    | TypingNow
    | PartialNow
    | ReadNow
    | VoiceNow
    | SpeechWanted
    | TroubleNow
    | ViewingNow
    | NoteTold
    | AgentCalled
    | TurnEnded
    | TurnWanted
    | CancelWanted
    | SeqReached
    | SessionEnded
    | CustomerErased
    | KnowledgeChanged
    | DrillTold,
    Field(discriminator="type"),
]
hint_adapter: TypeAdapter[Hint] = TypeAdapter(Hint)
