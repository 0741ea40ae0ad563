"""The border between the dialogue and whoever hosts it: replies, a turn's input and its result.

Tracker events are in `dialogue.events`; decisions in `dialogue.decisions`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dialogue.knowledge.types import EntryFile
from nlu.types import Language, Understanding

ReplySource = Literal["response", "action", "faq", "generated", "system"]
HandoffReason = Literal["requested", "misses", "anger", "action", "failure", "ungrounded"]
Route = Literal[
    "rule", "memory", "policy", "form", "faq", "generate", "clarify", "handoff", "fallback"
]

StoredEvent = Mapping[str, Any]
"""One tracker event in Rasa's JSON form (``{"event": "slot", "name": ..., ...}``): how events are
stored and cross the wire to an action server. Inside the dialogue they are typed."""


@dataclass(frozen=True, slots=True)
class Button:
    title: str
    payload: str
    """What a tap sends: ``/intent{"slot": "value"}`` or plain text."""


@dataclass(frozen=True, slots=True)
class Citation:
    entry_id: str
    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One bot message. At least one of text, image, attachment, elements, custom is set."""

    text: str = ""
    """Markdown of the safe subset: emphasis, lists, links, code."""
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    attachment: str | None = None
    elements: tuple[Mapping[str, Any], ...] = ()
    """Cards of a carousel: title, subtitle, image_url, buttons."""
    custom: Mapping[str, Any] | None = None
    language: Language = "zh"
    source: ReplySource = "response"
    response: str | None = None
    """The ``utter_*`` name, if it came from one."""
    citations: tuple[Citation, ...] = ()
    faq_id: str | None = None
    files: tuple[EntryFile, ...] = ()
    """What goes with the entry."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """The dialogue asks for a human. The host decides who, and what to say while they wait."""

    reason: HandoffReason
    summary: str
    """For the agent, in the customer's language: what they want and what was tried."""
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One FAQ candidate as the search saw it."""

    entry_id: str
    question: str
    score: float
    """Blended and calibrated, [0, 1]."""
    lexical: float
    semantic: float


@dataclass(frozen=True, slots=True)
class Trace:
    """Why the bot did what it did: stored with the turn, shown in the dashboard."""

    route: Route
    decisions: tuple[Mapping[str, Any], ...] = ()
    """In order: ``{"action", "policy", "confidence"}``."""
    candidates: tuple[Candidate, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    slots: Mapping[str, Any] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """Failures on the way, e.g. ``action server: timed out after 10 s``."""


@dataclass(frozen=True, slots=True)
class TurnRequest:
    conversation_id: str
    understanding: Understanding
    history: Sequence[StoredEvent]
    """All earlier events of this conversation, oldest first."""
    now: float
    """Unix seconds."""
    channel: str = "widget"
    verified: bool = False
    """The host site vouches for who the customer is."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    language: Language | None = None
    """Of the page, or of the last answer: for a message that shows none, as an order's number."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    replies: tuple[Reply, ...]
    events: tuple[StoredEvent, ...]
    """To append to the history. Empty history + these replays to the same state."""
    trace: Trace
    handoff: Handoff | None = None
    language: Language | None = None
    """In which the customer is talked to; None where the turn does not tell."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a bot's project names: the intents and entities that a text can be labelled with."""

    intents: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()


OnPartial = Callable[[str], Awaitable[None]]
"""Called with the text so far of a reply that is being generated."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Told how a turn goes, while it goes."""

    partial: OnPartial
    said: Callable[[Reply], None]
    """Each reply as it is said; the result holds the same ones in the same order."""
    acted: Callable[[], None]
    """Something was done that must not be done twice: the turn cannot be begun anew any more."""


Act = Callable[[TurnRequest], Awaitable[TurnResult]]
"""What an assistant is asked to do in a turn."""
