"""What the knowledge holds and what a search of it yields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from nlu.types import Language, Vector

Verdict = Literal["answer", "did_you_mean", "nothing"]
EntryKind = Literal["faq", "passage"]
Audience = Literal["everyone", "verified", "staff"]
"""Whoever asks; customers whom the host site vouches for; the company's own people. Each sees what
those before it see, and its own."""
AUDIENCES: tuple[Audience, ...] = get_args(Audience)


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file that goes with an answer."""

    url: str
    name: str
    media_type: str
    size: int
    """Bytes."""
    width: int | None = None
    """Pixels; None for what is no picture."""
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer and the ways people ask for it."""

    id: str
    questions: tuple[str, ...]
    """Phrasings, in any language; the first one is the title."""
    answers: Mapping[Language, str]
    """At least one language; the text is given to customers word for word."""
    titles: Mapping[Language, str] = field(default_factory=dict)
    """The first phrasing of each language, shown on buttons; may be empty."""
    category: str = ""
    keywords: tuple[str, ...] = ()
    kind: EntryKind = "faq"
    """A passage is a piece of a document: it may support a reply, not be one word for word."""
    source: str | None = None
    """Where a passage comes from: a file name or an address."""
    channel_answers: Mapping[tuple[str, Language], str] = field(default_factory=dict)
    """Answers that one channel has of its own, by channel and language."""
    audience: Audience = "everyone"
    """Who may be told of it at all."""
    files: tuple[EntryFile, ...] = ()
    """Given to customers with the answer."""

    def answer(self, language: Language, channel: str = "") -> str:
        """The answer in `language`, `channel`'s own where it has one, else in the other language."""
        other: Language = "en" if language == "zh" else "zh"
        own = self.channel_answers.get((channel, language))
        return own or self.answers.get(language) or self.answers[other]

    def seen_by(self, audience: Audience) -> bool:
        return AUDIENCES.index(self.audience) <= AUDIENCES.index(audience)

    def title(self, language: Language) -> str:
        """The question to show on a button, in `language` where the entry has it."""
        return self.titles.get(language) or self.questions[0]


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that a search found, and why."""

    entry: Entry
    question: str
    """The phrasing that matched best."""
    score: float
    """Calibrated probability in [0, 1] that this entry answers the query."""
    lexical: float
    """Blended word score (BM25) relative to the query's own, [0, 1]."""
    semantic: float
    """Best cosine of the query's vector and a phrasing's, [-1, 1]."""
    features: Mapping[str, float] = field(default_factory=dict)
    """What the blend saw, for the hit-test page."""

    @property
    def is_stored(self) -> bool:
        """Whether the query stands in the store word for word."""
        return self.features.get("same") == 1


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From `answer` on the entry is the answer; from `suggest` on it is offered; below, nothing."""

    answer: float
    suggest: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    query: str
    """As searched: after rewriting from the conversation, if that was needed."""
    verdict: Verdict
    hits: tuple[Hit, ...]
    """Best first; at most `limit`. Filled whatever the verdict, for traces."""
    thresholds: Thresholds
    rewritten: bool = False
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    again: bool = False
    """The best answers what was asked before; of what is new in this question it says nothing."""

    @property
    def best(self) -> Hit | None:
        return self.hits[0] if self.hits else None

    @property
    def suggestions(self) -> tuple[Hit, ...]:
        """Hits worth a "did you mean" button."""
        return tuple(hit for hit in self.hits if hit.score >= self.thresholds.suggest)


def verdict_of(hits: Sequence[Hit], thresholds: Thresholds) -> Verdict:
    """What the best of `hits`, best first, is good for."""
    if not hits or hits[0].score < thresholds.suggest:
        return "nothing"
    # A passage of a document is no answer word for word; generation may use it.
    certain = hits[0].score >= thresholds.answer and hits[0].entry.kind == "faq"
    return "answer" if certain else "did_you_mean"


class Knowledge(Protocol):
    """Finds the entries that answer a question. Never waits for an index that is being built."""

    async def search(
        self,
        query: str,
        *,
        language: Language,
        vector: Vector | None = None,
        context: Sequence[str] = (),
        limit: int = 5,
        audience: Audience = "everyone",
    ) -> SearchResult:
        """Return the best `limit` entries of those that `audience` may see.

        `vector` is the query's own (``Understanding.vector``); without it the query is embedded
        here. `context` is what the customer said before, oldest first: a fragment such as
        ``那运费呢？`` is completed from it. An empty or failing embedder leaves the lexical score.
        """
        ...

    async def related(
        self,
        entry_id: str,
        *,
        limit: int = 3,
        told: Sequence[str] = (),
        audience: Audience = "everyone",
    ) -> tuple[Entry, ...]:
        """Entries near to `entry_id`, nearest first, to offer after its answer.

        Those that this customer was `told` before are left out, and others like them come first.
        """
        ...
