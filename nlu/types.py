"""What understanding a message yields. Imports nothing of ours; everything imports down to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Language = Literal["zh", "en"]
PersonalKind = Literal["email", "id_number", "card", "phone"]
PERSONAL_KINDS: tuple[PersonalKind, ...] = ("email", "id_number", "card", "phone")
"""Personal data that can be told by its form. What is found first wins: a part of a card number may
look like a telephone's."""
RuntimeName = Literal["onnx", "torch", "auto"]
"""``auto``: torch where it finds a GPU, else ONNX Runtime."""
Polarity = Literal["negative", "neutral", "positive"]
Vector = NDArray[np.float32]
"""A unit-length sentence vector, shape (width,)."""

DEFAULT_MODEL = "default"
FALLBACK_INTENT = "nlu_fallback"
"""The intent of a message that the model refuses to name (Rasa's FallbackClassifier name)."""


@dataclass(frozen=True, slots=True)
class Token:
    """One jieba word of the original text; ``text == original[start:end]``."""

    text: str
    start: int
    end: int
    pos: str
    """Part of speech, jieba's ICTCLAS tag: ``n``, ``v``, ``m``, ``eng``, ..."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the original text, in characters (Unicode code points), ``end`` exclusive."""

    entity: str
    start: int
    end: int
    text: str
    value: Any
    """Normalised JSON value: ``"12.50"`` for money, an ISO 8601 string for dates, else text."""
    confidence: float
    extractor: str
    """``encoder``, ``regex``, ``lookup``, ``rule``, or ``payload`` for ``/intent{...}``."""
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class IntentScore:
    name: str
    confidence: float
    """Calibrated probability in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    label: Polarity
    strength: float
    """How strongly, in [0, 1]; 0.9 negative is anger, 0.2 negative is a grumble."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """The result of one pass over one message.

    Worked example: ``"我要退货，单号 A1002"`` gives intent ``request_refund`` and the entity
    ``order_number`` with ``start=8, end=13, text="A1002"``.
    """

    text: str
    """The original, untouched; every offset refers to it."""
    language: Language
    intent: IntentScore
    """``nlu_fallback`` when the model refuses; the ranking still holds what it thought."""
    intent_ranking: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    sentiment: Sentiment = Sentiment("neutral", 0.0)
    tokens: tuple[Token, ...] = ()
    keywords: tuple[str, ...] = ()
    vector: Vector | None = None
    """(width,) unit length, in the same space as ``Embedder.embed``; None for payloads."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by stage: normalise, segment, queue, encode, decode."""
    model_id: str = ""
    topics: tuple[str, ...] = ()
    """What further models take it for, where some are asked."""
    read_as: str | None = None
    """In Chinese characters, where the customer typed pinyin without an input method."""

    @property
    def said(self) -> str:
        """What to search and to look for words in; offsets are not of it."""
        return self.read_as or self.text


class Parser(Protocol):
    """Understands one message. Raises `Overloaded` at once when its queue is full."""

    async def parse(self, text: str) -> Understanding: ...


@dataclass(frozen=True, slots=True)
class WordShare:
    """Characters `start` to `end` of the original, and what they add to each explained intent."""

    text: str
    start: int
    end: int
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class NearExample:
    """A training example: how like the text it is, from -1 to 1."""

    text: str
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    understanding: Understanding
    intents: tuple[str, ...]
    """The best and the runner-up: what the shares are of."""
    without_words: dict[str, float]
    """Each one's probability of an empty text; with the shares it adds up to its confidence."""
    words: tuple[WordShare, ...]
    nearest: tuple[NearExample, ...]
    in_scope: float
    scope_threshold: float | None
    """Below it the message is refused."""
    scope_precision: float | None
    """What the threshold was chosen for."""
    entity_threshold: float
    explain_ms: float
    runtime: str = ""
    """What computed it, in what precision, and where."""


@dataclass(slots=True)
class EngineMetrics:
    """Counted since the start; milliseconds are sums, so that rates can be taken over any time."""

    waiting_items: int = 0
    waiting_tokens: int = 0
    running_batches: int = 0
    items: int = 0
    batches: int = 0
    tokens: int = 0
    padded_tokens: int = 0
    refused: int = 0
    abandoned: int = 0
    failed_batches: int = 0
    tokenise_ms: float = 0.0
    queue_ms: float = 0.0
    run_ms: float = 0.0
    largest_batch: int = 0
    runtime: str = ""
    """What computes, in what precision, and where."""


class ModelHost(Protocol):
    """Holds models by name, each replaceable while serving; ``default`` is the bot's own."""

    @property
    def models(self) -> Mapping[str, str]:
        """Loaded models: name to model id."""
        ...

    async def parse(self, text: str, model: str = DEFAULT_MODEL) -> Understanding: ...

    async def explain(self, text: str, model: str = DEFAULT_MODEL) -> Explanation: ...

    async def swap(self, model_dir: Path, name: str = DEFAULT_MODEL) -> str:
        """Returns the new model's id; raises `ModelError` and leaves the old one serving."""
        ...

    def remove(self, name: str) -> None: ...

    def metrics(self) -> EngineMetrics: ...


class Embedder(Protocol):
    """Turns texts into unit vectors. Raises `Overloaded` at once when its queue is full."""

    @property
    def width(self) -> int: ...

    async def embed(self, texts: Sequence[str], *, passages: bool = False) -> NDArray[np.float32]:
        """Return (len(texts), width), rows of unit length, in order.

        With `passages` as what is searched, else as what is asked: where an encoder was trained to
        tell the two apart, a question finds a stored question better so.
        """
        ...


@runtime_checkable
class Counter(Protocol):
    """Counts what an encoder cuts texts into."""

    def count(self, text: str) -> int:
        """The pieces of all of `text`, without those before and after every text."""
        ...


class TokenEmbedder(Protocol):
    """Turns texts into states of their tokens, for comparing token by token."""

    @property
    def encoder_id(self) -> str:
        """What is learnt over one encoder's states is of no use with another's."""
        ...

    async def embed_tokens(
        self, texts: Sequence[str], *, passages: bool = False, most: int
    ) -> list[NDArray[np.float32]]:
        """Of each text its first `most` tokens, (tokens, states); without prefix and specials."""
        ...


class Overloaded(Exception):  # noqa: N818  a state, told to the caller as such
    """The engine's bounded queue is full: expected fewer than `limit` waiting tokens."""

    def __init__(self, limit: int, retry_after_s: float) -> None:
        super().__init__(f"expected fewer than {limit} tokens waiting, got a full queue")
        self.limit = limit
        self.retry_after_s = retry_after_s
