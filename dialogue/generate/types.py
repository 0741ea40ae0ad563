"""What a generator is asked and what it yields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from dialogue.types import Citation, OnPartial
from nlu.types import Language

Refusal = Literal[
    "disabled",  # no backend is configured
    "not_ready",  # the model is still loading
    "busy",  # the bounded number of decodes is running
    "deadline",  # nothing supported was ready in time
    "broken",  # the backend failed, or its circuit is open
    "no_passages",  # there is nothing to answer from
    "ungrounded",  # what the model said is not in the passages
    "unknown",  # the model says that the passages hold no answer
    "clarify",  # ... that the question may mean several of them
    "human",  # ... that the customer wants a human
    "polite",  # ... that nothing was asked: thanks, or an insult
]


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of knowledge that a reply may rest on."""

    id: str
    title: str
    text: str
    score: float = 1.0
    """How well it fits the question, [0, 1]."""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier message of the conversation."""

    by: Literal["customer", "bot"]
    text: str


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    question: str
    passages: Sequence[Passage]
    """Best first. Nothing that is not in them reaches the customer."""
    language: Language
    history: Sequence[Said] = ()
    """Oldest first; the last few are used."""
    deadline_s: float = 20.0
    max_tokens: int = 120


@dataclass(frozen=True, slots=True)
class Generated:
    """A reply of which every sentence passed the groundedness check."""

    text: str
    citations: tuple[Citation, ...]
    dropped: tuple[str, ...] = ()
    """Sentences that the model said and the check withheld, for the trace."""
    model: str = ""
    timings_ms: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """No reply: the host quotes the best entry or offers a human."""

    reason: Refusal
    dropped: tuple[str, ...] = ()
    words: str = ""
    """For the trace, never for the customer."""


@runtime_checkable
class Judge(Protocol):
    """Says how likely each passage answers a question, before anything is quoted from it."""

    async def judge(self, request: GenerationRequest) -> tuple[float, ...] | None:
        """One probability for each passage; None where there is no time or no model for it."""
        ...


class Generator(Protocol):
    """Writes a reply from passages. Cancelling the awaiting task stops the decoding."""

    @property
    def ready(self) -> bool: ...

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated | Refused:
        """Return a supported reply, or why there is none; raises nothing but `CancelledError`.

        `on_partial` receives the text so far, and only sentences that passed the check.
        """
        ...

    async def close(self) -> None: ...
