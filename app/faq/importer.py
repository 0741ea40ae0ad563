"""Imports of files: read off the event loop, written in batches between the chat's messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Busy, NotFound
from app.faq import synonym_repository
from app.faq.attachments import kept, looked_at
from app.faq.content import Author
from app.faq.files.attached import Attached
from app.faq.files.problems import told
from app.faq.files.read import read_file
from app.faq.keeper import KnowledgeKeeper
from app.faq.plan import Plan, Planned, plan, shown, with_groups
from app.faq.regression import Regression
from app.faq.schemas.entries import Mode
from app.faq.schemas.imports import ImportStatus, SiteImport
from app.faq.schemas.regression import CheckAnswer
from app.faq.service import FaqService
from app.faq.site.crawl import Site, read_site
from app.faq.site.request import check_site
from app.files.service import FilesService
from app.models import FaqImport, new_id, now
from app.outside import PinnedBackend
from dialogue.knowledge.synonyms import Synonyms
from nlu.types import Language

BATCH = 50
"""Entries a transaction: tens of milliseconds, so that a customer's message waits no longer."""
SHOWN_PROBLEMS = 200
REFRESH_S = 1.0
DEAD_AFTER = timedelta(seconds=60)
PATIENCE_S = 1.5
"""A small file is done before whoever sent it would ask how far it is."""

log = structlog.get_logger(__name__)
Progress = Callable[[int], Awaitable[None]]


async def write(
    database: Database,
    store: FaqService,
    files: FilesService,
    author: Author,
    planned: Plan,
    *,
    publish: bool,
    subject: str,
    progress: Progress,
) -> int:
    """Write what was planned, then let it go live together; the revision that it is in."""
    rows = planned.writing
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        if planned.attached is not None:
            some = [await _with_files(files, planned.attached, author, row) for row in some]
        await database.write(lambda s, some=some: _write_some(s, store, author, some, publish))  # type: ignore[misc]
        await progress(start + len(some))

    def live(session: Session) -> int:
        for group in planned.groups:
            synonym_repository.put(session, group.words, author.name)
        return store.went_live(session, author, "faq_imported", subject[:300])

    return await database.write(live)


async def _with_files(
    files: FilesService, attached: Attached, author: Author, row: Planned
) -> Planned:
    found = await kept(files, attached, author, row.files)
    content = row.read.content.model_copy(update={"attachments": found})
    return replace(row, read=replace(row.read, content=content))


def _write_some(
    session: Session, store: FaqService, author: Author, rows: Sequence[Planned], publish: bool
) -> None:
    for row in rows:
        put = store.add if row.action == "create" else store.change
        put(session, author, row.entry_id, row.read.content, publish=publish, action="imported")


async def tried(database: Database, regression: Regression, planned: Plan) -> CheckAnswer:
    """What would become of the test questions if all that is planned went live."""
    known = await database.read(synonym_repository.groups)
    return await regression.check(
        {row.entry_id: row.read.content for row in planned.writing},
        Synonyms(with_groups(known, planned.groups)),
    )


class Importer:
    """Runs one import at a time in this worker, and tells how far it is."""

    def __init__(
        self,
        database: Database,
        store: FaqService,
        keeper: KnowledgeKeeper,
        regression: Regression,
        files: FilesService,
        zone: ZoneInfo,
        inside: frozenset[str] = frozenset(),
    ) -> None:
        self._database = database
        self._store = store
        self._keeper = keeper
        self._regression = regression
        self._files = files
        self._zone = zone
        self._inside = inside
        self._task: asyncio.Task[None] | None = None

    async def try_out(
        self, author: Author, file: str, data: bytes, *, publish: bool, language: Language
    ) -> ImportStatus:
        """What importing would do; nothing is changed."""
        planned = await self._plan(file, data, publish)
        status = await self._status(None, author, file, planned, language)
        return status.model_copy(update={"state": "planned"})

    async def start(
        self,
        author: Author,
        file: str,
        data: bytes,
        *,
        mode: Mode,
        publish: bool,
        language: Language,
    ) -> ImportStatus:
        """Begin an import; its state after a short while. Raises `Busy` while another runs."""
        self._check_free()
        planned = await self._plan(file, data, publish)
        status = await self._status(new_id(), author, file, planned, language)
        if planned.problems and mode == "all":
            status.state = "refused"
        await self._keep(status)
        if status.state == "running":
            self._task = asyncio.create_task(
                self._run(author, status, planned, publish), name="faq-import"
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._task), PATIENCE_S)
        return status

    async def start_site(
        self, author: Author, body: SiteImport, language: Language
    ) -> ImportStatus:
        """Begin to read a site and import its pages. Raises `Refused`, `Busy`."""
        site = check_site(body.urls, body.sitemap, self._inside)
        self._check_free()
        begun = await self._status(new_id(), author, site.host, Plan([], []), language)
        begun.phase, begun.total = "reading", max(1, len(site.pages))
        await self._keep(begun)
        self._task = asyncio.create_task(
            self._run_site(author, begun, site, body, language), name="faq-import"
        )
        return begun

    def _check_free(self) -> None:
        if self._task is not None and not self._task.done():
            raise Busy("import_running", retry_after_s=5)

    async def status(self, import_id: str) -> ImportStatus:
        """Raises `NotFound`."""
        row = await self._database.read(lambda s: s.get(FaqImport, import_id))
        if row is None:
            raise NotFound("import_not_found")
        status = ImportStatus.model_validate(row.status)
        if status.state == "running" and now() - row.refreshed_at > DEAD_AFTER:
            status.state = "failed"
        return status

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _plan(self, file: str, data: bytes, publish: bool) -> Plan:
        read = await asyncio.to_thread(read_file, file, data, self._zone)
        looks = await looked_at(self._files, read)
        return await plan(self._database, read, publish=publish, looks=looks)

    async def _status(
        self, id_: str | None, author: Author, file: str, planned: Plan, language: Language
    ) -> ImportStatus:
        return ImportStatus(
            id=id_,
            file=file,
            state="running",
            phase="writing",
            done=0,
            total=planned.total,
            create=planned.count("create"),
            update=planned.count("update"),
            unchanged=planned.count("unchanged"),
            synonyms=[list(group.words) for group in planned.groups],
            problem_count=len(planned.problems),
            problems=[told(problem, language) for problem in planned.problems[:SHOWN_PROBLEMS]],
            plan=await shown(self._database, planned.rows),
            by=author.name,
            at=now(),
        )

    async def _run_site(
        self,
        author: Author,
        begun: ImportStatus,
        site: Site,
        body: SiteImport,
        language: Language,
    ) -> None:
        async def progress(done: int, total: int) -> None:
            begun.done, begun.total = done, total
            await self._keep(begun)

        try:
            backend = PinnedBackend(self._inside)
            read = await read_site(site, backend, self._zone, progress)
            planned = await plan(self._database, read, publish=body.publish)
            status = await self._status(begun.id, author, site.host, planned, language)
        except Exception:
            log.exception("site_not_read", import_id=begun.id)
            begun.state = "failed"
            await self._keep(begun)
            return
        if body.dry_run:
            status.state = "planned"
        elif planned.problems and body.mode == "all":
            status.state = "refused"
        await self._keep(status)
        if status.state == "running":
            await self._run(author, status, planned, body.publish)

    async def _run(
        self, author: Author, status: ImportStatus, planned: Plan, publish: bool
    ) -> None:
        async def progress(done: int) -> None:
            status.done = done
            await self._keep(status)

        try:
            if publish and await self._worsens(status, planned):
                return
            revision = await write(
                self._database,
                self._store,
                self._files,
                author,
                planned,
                publish=publish,
                subject=status.file,
                progress=progress,
            )
            await self._indexed(status, revision)
            status.state, status.phase = "done", "done"
        except Exception:
            log.exception("import_failed", import_id=status.id)
            status.state = "failed"
        await self._keep(status)

    async def _worsens(self, status: ImportStatus, planned: Plan) -> bool:
        """Whether test questions would not be answered right any more; then nothing is written."""
        status.phase = "checking"
        await self._keep(status)
        check = await tried(self._database, self._regression, planned)
        status.phase = "writing"
        if check.blocks:
            status.state, status.check = "refused", check
            await self._keep(status)
        return check.blocks

    async def _indexed(self, status: ImportStatus, revision: int) -> None:
        status.phase = "indexing"
        caught_up = asyncio.ensure_future(self._keeper.caught_up(revision))
        try:
            while not caught_up.done():
                status.done = round(self._keeper.progress * status.total)
                await self._keep(status)
                await asyncio.wait({caught_up}, timeout=REFRESH_S)
            status.done = status.total
        finally:
            caught_up.cancel()

    async def _keep(self, status: ImportStatus) -> None:
        row = FaqImport(id=status.id, status=status.model_dump(mode="json"), refreshed_at=now())

        def work(session: Session) -> None:
            session.merge(row)

        await self._database.write(work)
