"""What the knowledge's REST takes and gives, under ``/api/faq``.

Reading, searching and drafting is for every agent; what changes what customers are told
(publishing, importing, archiving) is for supervisors and admins.

    GET    ""                      ListAnswer      ?q=&category=&status=&language=&lacking=&offset=&limit=
    POST   ""                      EntryOut        EntryIn
    GET    /{id}                   EntryDetail
    PUT    /{id}                   EntryOut        EntryChange
    DELETE /{id}                   EntryOut        archived; its history stays
    POST   /{id}/publish           EntryOut        the newest version goes live
    POST   /{id}/revert            EntryOut        RevertRequest
    POST   /search                 SearchAnswer    SearchRequest
    POST   /import                 ImportStatus    multipart `file`; ?dry_run=false&mode=all&publish=true
    GET    /import/{id}            ImportStatus    progress, to ask again while it runs
    GET    /export                 a file          ?format=csv|xlsx|yaml|json|zip
    GET    /template               a file          ?format=csv|xlsx|yaml|json&language=zh|en
    GET    /unanswered             UnansweredAnswer ?days=&limit=
    POST   /unanswered/entry       EntryOut        ClusterEntry
    POST   /unanswered/dismiss     204             DismissRequest
    GET    /cases                  CasesAnswer     the regression set
    POST   /cases                  CaseOut         CaseIn
    DELETE /cases/{id}             204
    POST   /check                  CheckAnswer     CheckRequest
    GET    /lint                   LintAnswer      duplicates, contradictions, stale, near misses
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from dialogue.knowledge.types import EntryKind, Verdict
from nlu.types import Language

MAX_PHRASINGS = 200
MAX_ANSWER_CHARS = 8_000

Status = Literal["draft", "published", "changed", "archived"]
"""draft: never live; published: the newest version is live; changed: an older one is."""
Shown = Literal[Status, "expired"]
"""What a list may be cut down to; an expired entry was published, and its time is over."""
Action = Literal["created", "edited", "imported", "seeded", "reverted", "archived"]
Mode = Literal["all", "good"]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("expected text without NUL characters")
    text.encode()  # a lone surrogate raises here: no database takes it
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


Text = Annotated[str, AfterValidator(_storable)]
Phrasing = Annotated[
    Text,
    AfterValidator(_one_line),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
]
EntryId = Annotated[str, StringConstraints(pattern=r"^[^\s/\\?#\x00-\x1f]{1,100}$")]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


# --- entries --------------------------------------------------------------------------------


class Answer(Request):
    """What customers are told, word for word."""

    language: Language
    channel: Annotated[Text, StringConstraints(max_length=40)] | None = None
    """The one channel it is for, e.g. `widget`, `rest`; null is for all that have no own."""
    text: Annotated[
        Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ANSWER_CHARS)
    ]


class Content(Request):
    """All of an entry that has versions."""

    questions: Mapping[Language, Annotated[list[Phrasing], Field(max_length=MAX_PHRASINGS)]]
    """Phrasings by language; the first of each is its title."""
    answers: Annotated[list[Answer], Field(min_length=1, max_length=40)]
    category: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    keywords: Annotated[list[Phrasing], Field(max_length=100)] = []
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None
    kind: EntryKind = "faq"
    """A passage is a piece of a document: it supports replies, but is not one word for word."""
    source: Annotated[Text, StringConstraints(max_length=500)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not any(self.questions.values()):
            raise ValueError("expected at least one question")
        places = [(answer.language, answer.channel) for answer in self.answers]
        if len(set(places)) < len(places):
            raise ValueError("expected one answer for each language and channel, got two")
        if not any(answer.channel is None for answer in self.answers):
            raise ValueError("expected an answer for all channels (channel null)")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise ValueError("expected valid_until after valid_from")
        return self


class EntryIn(Request):
    id: EntryId | None = None
    """Made up if left out."""
    content: Content
    publish: bool = False
    """Go live at once; else it is a draft."""


class EntryChange(Request):
    content: Content
    version: int
    """The version that was edited; if somebody made a newer one, 409 `version_conflict`."""
    publish: bool = False
    """Go live at once; else customers still get the version that was published before."""


class RevertRequest(Request):
    number: int
    """The version whose content becomes a new one."""
    publish: bool = True


class EntrySummary(BaseModel):
    id: str
    title: str
    titles: Mapping[Language, str]
    category: str
    kind: EntryKind
    status: Status
    live: bool
    """Customers get it now: a version is published, and valid today."""
    version: int
    published_version: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    """Of the published version, else of the newest."""
    source: str | None
    updated_at: datetime
    updated_by: str
    """The name of a person; of the bot project or an import where it was one."""


class EntryOut(EntrySummary):
    content: Content
    """Of the newest version."""


class VersionOut(BaseModel):
    number: int
    action: Action
    """How it came to be."""
    author: str
    at: datetime
    live: bool
    published_at: datetime | None
    """When it last went live; null if it never did."""
    published_by: str | None
    content: Content


class EntryDetail(EntryOut):
    history: list[VersionOut]
    """Newest first."""


class Count(BaseModel):
    name: str
    entries: int


class Wanted(NamedTuple):
    """What a list is cut down to; None is anything."""

    q: str
    category: str | None
    status: Shown | None
    language: Language | None
    lacking: Language | None
    moment: datetime


class ListAnswer(BaseModel):
    items: list[EntrySummary]
    """Last changed first."""
    total: int
    """Of this filter."""
    counts: Mapping[Shown, int]
    """Of the whole store."""
    categories: list[Count]


# --- hit test -------------------------------------------------------------------------------


class SearchRequest(Request):
    query: Annotated[Text, StringConstraints(min_length=1, max_length=2_000)]
    language: Language | None = None
    """Left out: told by the script."""
    context: Annotated[list[Text], Field(max_length=10)] = []
    """What the customer said before, oldest first."""
    limit: int = Field(10, ge=1, le=50)


class CandidateOut(BaseModel):
    entry_id: str
    title: str
    question: str
    """The phrasing that matched best."""
    answer: str
    category: str
    kind: EntryKind
    score: float
    """Probability in [0, 1] that it answers."""
    lexical: float
    """Words, [0, 1]."""
    semantic: float
    """Vectors, cosine [-1, 1]."""
    features: Mapping[str, float]


class ThresholdsOut(BaseModel):
    answer: float
    suggest: float


class SearchAnswer(BaseModel):
    query: str
    searched: str
    """As searched: completed from the context, if that was needed."""
    rewritten: bool
    language: Language
    verdict: Verdict
    why: str
    """The verdict in words, in the language of the request."""
    thresholds: ThresholdsOut
    candidates: list[CandidateOut]
    timings_ms: Mapping[str, float]
    entries: int
    """How many are searched now."""


# --- import ---------------------------------------------------------------------------------


class ProblemOut(BaseModel):
    """One mistake of a file: where, what was expected, what came."""

    file: str
    row: int | None
    """As the spreadsheet numbers it, the head is 1; for YAML and JSON the entry's number."""
    column: str | None
    code: str
    expected: str
    got: str
    words: str
    """All of it as a sentence, in the language of the request."""


class FieldChange(BaseModel):
    field: str
    before: str
    after: str


class RowPlan(BaseModel):
    """What an import does, or would do, with one entry."""

    file: str
    row: int | None
    entry_id: str
    title: str
    action: Literal["create", "update", "unchanged"]
    changes: list[FieldChange]


class ImportStatus(BaseModel):
    """Poll `GET /api/faq/import/{id}` while `state` is `running`."""

    id: str | None
    """null for a dry run."""
    file: str
    state: Literal["planned", "running", "done", "refused", "failed"]
    """planned: a dry run; refused: problems, and mode `all`; failed: our fault, some is imported."""
    phase: Literal["reading", "writing", "indexing", "done"]
    done: int
    total: int
    """Entries of this phase."""
    create: int
    update: int
    unchanged: int
    problem_count: int
    problems: list[ProblemOut]
    """The first 200."""
    plan: list[RowPlan]
    """The first 200 that create or update."""
    by: str
    at: datetime


# --- unanswered -----------------------------------------------------------------------------


class UnansweredQuestion(BaseModel):
    message_id: str
    conversation_id: str
    text: str
    at: datetime
    reason: Literal["unanswered", "bad_rating", "handoff"]


class ClusterOut(BaseModel):
    """Questions that mean about the same."""

    title: str
    """The one nearest to all others."""
    language: Language
    size: int
    last_at: datetime
    questions: list[UnansweredQuestion]
    """Latest first."""
    nearest: CandidateOut | None
    """The live entry that comes nearest: perhaps it only lacks a phrasing."""


class UnansweredAnswer(BaseModel):
    items: list[ClusterOut]
    """Largest first."""
    questions: int
    """How many were looked at."""


class ClusterEntry(Request):
    """Turn a cluster into an entry, or into phrasings of one that there is."""

    message_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)]
    entry_id: EntryId | None = None
    """An entry that there is: the questions become phrasings of it; `content` is left out."""
    content: Content | None = None
    """A new entry."""
    publish: bool = False
    cases: bool = True
    """Also put the questions into the regression set."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.entry_id is None) == (self.content is None):
            raise ValueError("expected either entry_id or content")
        return self


class DismissRequest(Request):
    message_ids: Annotated[list[str], Field(min_length=1, max_length=1_000)]


# --- regression set -------------------------------------------------------------------------


class CaseIn(Request):
    query: Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    entry_id: EntryId | None
    """null: no entry may answer it."""


class CaseOut(BaseModel):
    id: str
    query: str
    entry_id: str | None


class CasesAnswer(BaseModel):
    items: list[CaseOut]


class ProposedChange(Request):
    entry_id: EntryId
    content: Content | None
    """null: the entry is taken away."""


class CheckRequest(Request):
    """What would become of the regression set. Empty: with all drafts published."""

    changes: Annotated[list[ProposedChange], Field(max_length=1_000)] = []


class CaseResult(BaseModel):
    query: str
    expected: str | None
    before: str | None
    """The entry that answers now; null for none."""
    after: str | None
    score_before: float
    score_after: float


class CheckAnswer(BaseModel):
    cases: int
    passed_before: int
    passed_after: int
    worse: list[CaseResult]
    better: list[CaseResult]
    failing: list[CaseResult]
    """Answered wrong before and after."""
    blocks: bool
    """Publishing this is refused with 409 `check_failed` and these lists."""


# --- lint -----------------------------------------------------------------------------------


class FindingOut(BaseModel):
    """Something doubtful in an entry."""

    code: Literal["duplicate", "contradiction", "numbers", "near_miss", "expired", "past_date"]
    entry_id: str
    title: str
    other: str | None
    """The entry that it is too near to."""
    other_title: str | None
    question: str | None
    near: str | None
    """The other entry's phrasing."""
    suggestion: str | None
    """A wording that keeps the two apart."""
    words: str


class LintAnswer(BaseModel):
    items: list[FindingOut]
    """The first 500."""
    total: int
    entries: int
    compared: bool
    """Near misses were looked for: there is an encoder, and not too much to compare."""
