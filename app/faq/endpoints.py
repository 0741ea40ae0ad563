"""The knowledge's REST; `app.faq.schemas` lists it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from typing import IO, Annotated

from fastapi import APIRouter, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from app.errors import Refused
from app.faq import attachments
from app.faq.access import KnowledgeKeeper, KnowledgeReader, KnowledgeWriter
from app.faq.desk import author_of
from app.faq.files.formats import MEDIA_TYPES, Format, TemplateFormat
from app.faq.files.write import export, template
from app.faq.hit_test import hit_test
from app.faq.keeper import newest
from app.faq.schemas.checkup import LintAnswer
from app.faq.schemas.entries import (
    EntryChange,
    EntryDetail,
    EntryFile,
    EntryIn,
    EntryOut,
    ListAnswer,
    Mode,
    RevertRequest,
    Shown,
    Wanted,
)
from app.faq.schemas.hit_test import SearchAnswer, SearchRequest
from app.faq.schemas.imports import ImportStatus, SiteImport
from app.faq.schemas.regression import CaseIn, CaseOut, CasesAnswer, CheckAnswer, CheckRequest
from app.faq.schemas.synonyms import SynonymsAnswer, SynonymsIn, SynonymsOut
from app.faq.schemas.unanswered import ClusterEntry, DismissRequest, UnansweredAnswer
from app.faq.shown import detail_of
from app.faq.synonyms import groups
from app.models.base import now
from app.services import ReaderLanguage, UsedServices
from nlu.types import Language

router = APIRouter(prefix="/api/faq", tags=["knowledge"])
MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_ARCHIVE_BYTES = 128 * 1024 * 1024
"""With the files of entries in it; it stays in memory while it is imported."""
IN_MEMORY_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


@router.get("")
async def list_entries(
    _agent: KnowledgeReader,
    to: UsedServices,
    q: Annotated[str, Query(max_length=200)] = "",
    category: Annotated[str | None, Query(max_length=100)] = None,
    status: Shown | None = None,
    language: Language | None = None,
    lacking: Language | None = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ListAnswer:
    """Entries whose text has all words of `q`; archived ones only where they are asked for.

    `language`: that are asked in it; `lacking`: that are not asked in it yet.
    """
    wanted = Wanted(q, category, status, language, lacking, now())
    return await to.database.read(lambda s: to.faq.store.list(s, wanted, offset, limit))


@router.post("", status_code=201)
async def add_entry(body: EntryIn, agent: KnowledgeWriter, to: UsedServices) -> EntryOut:
    return await to.faq.desk.add(agent, body)


@router.post("/search")
async def search(
    body: SearchRequest, _agent: KnowledgeReader, to: UsedServices, reader: ReaderLanguage
) -> SearchAnswer:
    """Ask what a customer would, and see why it is answered so."""
    return await hit_test(to.faq.knowledge, body, reader)


@router.post("/files", status_code=201)
async def attach(
    name: Annotated[str, Query(min_length=1, max_length=500)],
    request: Request,
    agent: KnowledgeWriter,
    to: UsedServices,
) -> EntryFile:
    """The body is the file; what comes back goes into `attachments` of an entry's content."""
    await to.limits.check("upload", agent.id)
    kept = await to.files.receive_for_knowledge(request.stream(), name, agent.id)
    return EntryFile.of(kept)


# --- files ----------------------------------------------------------------------------------


@router.post("/import")
async def import_file(
    file: UploadFile,
    agent: KnowledgeKeeper,
    to: UsedServices,
    reader: ReaderLanguage,
    dry_run: bool = False,
    mode: Mode = "all",
    publish: bool = True,
) -> ImportStatus:
    """Import a file; where a row is bad, nothing (`all`) or the others (`good`)."""
    name, author = (file.filename or "file")[:200], author_of(agent)
    limit = MAX_ARCHIVE_BYTES if name.lower().endswith(".zip") else MAX_FILE_BYTES
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise Refused("file_too_large", limit=limit >> 20)
    if dry_run:
        return await to.faq.importer.try_out(author, name, data, publish=publish, language=reader)
    return await to.faq.importer.start(
        author, name, data, mode=mode, publish=publish, language=reader
    )


@router.post("/import/site")
async def import_site(
    body: SiteImport, agent: KnowledgeKeeper, to: UsedServices, reader: ReaderLanguage
) -> ImportStatus:
    """Read pages of a site as passages; robots.txt is minded, hosts inside are refused.

    It runs by itself: ask for its status. A dry run ends as `planned`, with nothing changed.
    """
    return await to.faq.importer.start_site(author_of(agent), body, reader)


@router.get("/import/{import_id}")
async def import_status(import_id: str, _agent: KnowledgeReader, to: UsedServices) -> ImportStatus:
    return await to.faq.importer.status(import_id)


@router.get("/export", response_class=StreamingResponse)
async def export_file(
    _agent: KnowledgeReader,
    to: UsedServices,
    reader: ReaderLanguage,
    format: Format = "xlsx",
    language: Language | None = None,
) -> Response:
    """Everything but what is archived, the newest versions; can be imported again.

    A ZIP has the files that go with entries, too.
    """
    contents = await newest(to.database)
    synonyms = await to.database.read(groups)
    with_files = contents.values() if format == "zip" else ()
    files = await attachments.lying(to.files, with_files)
    out = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  (closed when it is sent)
    await asyncio.to_thread(export, out, contents, format, language or reader, synonyms, files)
    headers = _headers(format, "lingxi-faq") | {"Content-Length": str(out.tell())}
    return StreamingResponse(_sent(out), media_type=MEDIA_TYPES[format], headers=headers)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


@router.get("/template", response_class=Response)
async def template_file(
    _agent: KnowledgeReader,
    reader: ReaderLanguage,
    format: TemplateFormat = "xlsx",
    language: Language | None = None,
) -> Response:
    """A file to fill in."""
    data = await asyncio.to_thread(template, format, language or reader)
    headers = _headers(format, f"lingxi-faq-template-{language or reader}")
    return Response(data, media_type=MEDIA_TYPES[format], headers=headers)


def _headers(format: Format, name: str) -> dict[str, str]:
    disposition = f'attachment; filename="{name}.{format}"'
    return {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}


# --- what was asked in vain -----------------------------------------------------------------


@router.get("/unanswered")
async def unanswered(
    _agent: KnowledgeReader,
    to: UsedServices,
    days: Annotated[int, Query(ge=1, le=365)] = 30,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> UnansweredAnswer:
    """Questions without an answer or with a bad one, put together by meaning."""
    return await to.faq.unanswered.clusters(days, limit)


@router.post("/unanswered/entry", status_code=201)
async def answer_cluster(body: ClusterEntry, agent: KnowledgeWriter, to: UsedServices) -> EntryOut:
    """Make an entry of a cluster, or phrasings of one; and test questions and examples of it."""
    if body.intent is not None and body.intent.split("/")[0] not in (to.assistant.labels().intents):
        raise Refused("unknown_intent", intent=body.intent)
    return await to.faq.unanswered.entry(agent, body, to.desk.corrections.label)


@router.post("/unanswered/dismiss", status_code=204)
async def dismiss(body: DismissRequest, agent: KnowledgeWriter, to: UsedServices) -> None:
    await to.faq.unanswered.dismiss(agent, body.message_ids)


# --- regression set -------------------------------------------------------------------------


@router.get("/cases")
async def list_cases(_agent: KnowledgeReader, to: UsedServices) -> CasesAnswer:
    rows = await to.database.read(to.faq.regression.cases)
    return CasesAnswer(items=[CaseOut.model_validate(row, from_attributes=True) for row in rows])


@router.post("/cases", status_code=201)
async def add_case(body: CaseIn, _agent: KnowledgeKeeper, to: UsedServices) -> CaseOut:
    row = await to.database.write(lambda s: to.faq.regression.add(s, body))
    return CaseOut.model_validate(row, from_attributes=True)


@router.delete("/cases/{case_id}", status_code=204)
async def delete_case(case_id: str, _agent: KnowledgeKeeper, to: UsedServices) -> None:
    await to.database.write(lambda s: to.faq.regression.delete(s, case_id))


@router.post("/check")
async def check(body: CheckRequest, _agent: KnowledgeReader, to: UsedServices) -> CheckAnswer:
    """What the regression set would say to these changes; without any, to all drafts."""
    changes = {change.entry_id: change.content for change in body.changes}
    return await to.faq.regression.check(changes or None)


@router.get("/lint")
async def lint(_agent: KnowledgeReader, to: UsedServices, reader: ReaderLanguage) -> LintAnswer:
    """What is doubtful: duplicates, contradictions, what is stale, and what is easily mistaken."""
    return await to.faq.checkup.look(reader)


# --- words that mean the same ---------------------------------------------------------------


@router.get("/synonyms")
async def list_synonyms(_agent: KnowledgeReader, to: UsedServices) -> SynonymsAnswer:
    return SynonymsAnswer(items=await to.database.read(to.faq.synonyms.all))


@router.post("/synonyms", status_code=201)
async def add_synonyms(body: SynonymsIn, agent: KnowledgeKeeper, to: UsedServices) -> SynonymsOut:
    """From now on searches read the other words as the first."""
    return await to.faq.synonyms.add(agent, body.words)


@router.put("/synonyms/{group_id}")
async def change_synonyms(
    group_id: str, body: SynonymsIn, agent: KnowledgeKeeper, to: UsedServices
) -> SynonymsOut:
    return await to.faq.synonyms.change(agent, group_id, body.words)


@router.delete("/synonyms/{group_id}", status_code=204)
async def delete_synonyms(group_id: str, agent: KnowledgeKeeper, to: UsedServices) -> None:
    await to.faq.synonyms.delete(agent, group_id)


# --- one entry ------------------------------------------------------------------------------


@router.get("/{entry_id}")
async def entry_detail(entry_id: str, _agent: KnowledgeReader, to: UsedServices) -> EntryDetail:
    return await to.database.read(
        lambda s: detail_of(to.faq.store.get(s, entry_id), to.faq.store.history(s, entry_id), now())
    )


@router.put("/{entry_id}")
async def change_entry(
    entry_id: str, body: EntryChange, agent: KnowledgeWriter, to: UsedServices
) -> EntryOut:
    return await to.faq.desk.change(agent, entry_id, body)


@router.delete("/{entry_id}")
async def archive_entry(entry_id: str, agent: KnowledgeWriter, to: UsedServices) -> EntryOut:
    """Take it from customers and lists; its history stays, and any version can come back."""
    return await to.faq.desk.archive(agent, entry_id)


@router.post("/{entry_id}/publish")
async def publish_entry(entry_id: str, agent: KnowledgeWriter, to: UsedServices) -> EntryOut:
    return await to.faq.desk.publish(agent, entry_id)


@router.post("/{entry_id}/revert")
async def revert_entry(
    entry_id: str, body: RevertRequest, agent: KnowledgeWriter, to: UsedServices
) -> EntryOut:
    """Make the content of an older version the newest."""
    return await to.faq.desk.revert(agent, entry_id, body)
