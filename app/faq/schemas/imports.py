"""An import: its plan, its problems and its progress."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.faq.schemas.entries import Mode
from app.faq.schemas.regression import CheckAnswer
from app.faq.schemas.texts import Request, Text


class SiteImport(Request):
    """Pages of one site, or its sitemap; what cannot be read is told, the others are imported."""

    urls: Annotated[list[Text], Field(max_length=1_000)] = Field(default_factory=list)
    sitemap: Text | None = None
    dry_run: bool = False
    mode: Mode = "good"
    publish: bool = True


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
    phase: Literal["reading", "checking", "writing", "indexing", "done"]
    done: int
    total: int
    """Entries of this phase; while a site is read, its pages."""
    create: int
    update: int
    unchanged: int
    synonyms: list[list[str]] = Field(default_factory=list)
    """Words that mean the same, as they were not known before; each group at once with the rest."""
    problem_count: int
    problems: list[ProblemOut]
    """The first 200."""
    plan: list[RowPlan]
    """The first 200 that create or update."""
    check: CheckAnswer | None = None
    """Of an import that is refused because test questions would not be answered right any more."""
    by: str
    at: datetime
