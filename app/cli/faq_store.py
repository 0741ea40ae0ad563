"""``lingxi faq import | export | lint``: the knowledge that is in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.cli.database import open_database
from app.cli.faq_check import show, worsened
from app.cli.faq_site import read_pages
from app.cli.faq_synonyms import told as told_groups
from app.cli.settings import errors, load_settings
from app.config import Settings
from app.faq.files.formats import Format
from app.faq.schemas.entries import Mode
from nlu.types import Language

if TYPE_CHECKING:
    from app.db import Database
    from app.faq.files.read import ReadFile
    from app.faq.lint import Finding
    from app.faq.plan import Plan
    from app.faq.schemas.entries import Content
    from app.faq.schemas.regression import CheckAnswer
    from app.files.service import FilesService

FORMATS: tuple[Format, ...] = get_args(Format)
SHOWN_PROBLEMS = 20


AsWords = Annotated[Language, typer.Option("--language", help="Of headings and messages.")]


def import_file(
    file: Annotated[
        str,
        typer.Argument(help="CSV, XLSX, YAML, JSON, ZIP, a document; a page's or sitemap's URL."),
    ],
    more: Annotated[list[str] | None, typer.Argument(help="More pages of that site.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    mode: Annotated[
        Mode, typer.Option(help="Where a row is bad: import nothing, or the others.")
    ] = "all",
    draft: Annotated[bool, typer.Option("--draft", help="Do not let it go live yet.")] = False,
    language: AsWords = "en",
) -> None:
    """Import entries from a file, or passages from a site; a running server takes them up by itself.

    Nothing goes live after which a test question would be answered worse.
    """
    settings = load_settings()
    if file.startswith(("http://", "https://")):
        name, read = asyncio.run(read_pages(settings, [file, *(more or ())], language))
    else:
        name, read = _read_one(settings, Path(file), more or ())
    planned, worse = asyncio.run(_import(settings, read, name, dry_run, mode, draft))
    _show(planned, language)
    if worse is not None:
        show(worse)
        raise typer.Exit(1)
    if planned.problems and (dry_run or mode == "all"):
        raise typer.Exit(1)


def export(
    out: Annotated[Path, typer.Argument(help="The file to write.")],
    format: Annotated[
        Format | None, typer.Option(help="Else told by the end of the file's name.")
    ] = None,
    language: AsWords = "en",
) -> None:
    """Write all entries into a file that can be imported again."""
    chosen = format or next((f for f in FORMATS if out.suffix == f".{f}"), None)
    if chosen is None:
        known = ", ".join(f".{name}" for name in FORMATS)
        errors.print(f"{out}: expected a name ending in one of {known}, or --format", markup=False)
        raise typer.Exit(2)
    out.parent.mkdir(parents=True, exist_ok=True)
    entries, groups, files = asyncio.run(_export(load_settings(), out, chosen, language))
    kept = 0 if chosen == "csv" else groups  # a CSV has one table
    with_files = f", {files} files" if files else ""
    Console().print(f"{entries} entries, {told_groups(kept)}{with_files} -> {out}", markup=False)


def lint(
    source: Annotated[
        Path | None, typer.Argument(help="A file or folder of entries; else the database.")
    ] = None,
    language: AsWords = "en",
) -> None:
    """Find duplicates, contradictions, what is stale and what is easily mistaken."""
    settings = load_settings()
    if source is not None and not source.exists():
        errors.print(f"{source}: expected a file or folder, found none", markup=False)
        raise typer.Exit(2)
    contents = _read(settings, source, language) if source else asyncio.run(_stored(settings))
    found = asyncio.run(_lint(settings, contents))
    table = Table("entry", "what", "")
    for finding in found:
        table.add_row(finding.entry_id, finding.code, finding.told(language))
        if suggested := finding.suggested(language):
            table.add_row("", "", suggested)
    Console().print(table if found else f"{len(contents)} entries, nothing to mend")
    if found:
        raise typer.Exit(1)


def _read_one(settings: Settings, file: Path, more: Sequence[str]) -> tuple[str, ReadFile]:
    from app.faq.files.read import read_file

    if more or not file.is_file():
        expected = "one file" if more else "a file, found none"
        errors.print(f"{file}: expected {expected}", markup=False)
        raise typer.Exit(2)
    return file.name, read_file(file.name, file.read_bytes(), settings.zone)


async def _import(
    settings: Settings, read: ReadFile, name: str, dry_run: bool, mode: Mode, draft: bool
) -> tuple[Plan, CheckAnswer | None]:
    """What was planned, and what of the test questions speaks against it."""
    from app.faq.attachments import looked_at
    from app.faq.content import COMMAND_LINE
    from app.faq.importer import write
    from app.faq.plan import plan
    from app.faq.service import FaqService

    async with open_database(settings) as database:
        files = _files(settings, database)
        looks = await looked_at(files, read)
        planned = await plan(database, read, publish=not draft, looks=looks)
        if dry_run or (planned.problems and mode == "all"):
            return planned, None
        if not draft and (worse := await worsened(settings, database, planned)):
            return planned, worse
        with Progress(console=errors, transient=True) as bar:
            task = bar.add_task(name, total=planned.total)

            async def progress(done: int) -> None:
                bar.update(task, completed=done)

            await write(
                database,
                FaqService(),
                files,
                COMMAND_LINE,
                planned,
                publish=not draft,
                subject=name,
                progress=progress,
            )
        return planned, None


def _show(planned: Plan, language: Language) -> None:
    from app.faq.content import phrasings
    from app.faq.files.problems import told

    table = Table("action", "entry", "question", "files")
    for row in planned.writing[:SHOWN_PROBLEMS]:
        files = "\n".join(file.looked.name for file in row.files)
        table.add_row(row.action, row.entry_id, next(phrasings(row.read.content)), files)
    console = Console()
    if planned.writing:
        console.print(table)
    for group in planned.groups[:SHOWN_PROBLEMS]:
        console.print(" = ".join(group.words), markup=False)
    for problem in planned.problems[:SHOWN_PROBLEMS]:
        errors.print(told(problem, language).words, markup=False, soft_wrap=True)
    counts = (f"{planned.count(name)} {name}" for name in ("create", "update", "unchanged"))
    synonyms = told_groups(len(planned.groups))
    console.print(
        f"{', '.join(counts)}, {synonyms}, {len(planned.problems)} problems", markup=False
    )


async def _export(
    settings: Settings, out: Path, format: Format, language: Language
) -> tuple[int, int, int]:
    """How many entries, groups of words and files there were."""
    from app.faq import attachments, synonyms
    from app.faq.files.write import export as write_out
    from app.faq.keeper import newest

    async with open_database(settings) as database:
        contents, groups = await newest(database), await database.read(synonyms.groups)
        with_files = contents.values() if format == "zip" else ()
        files = await attachments.lying(_files(settings, database), with_files)
    with out.open("wb") as file:
        write_out(file, contents, format, language, groups, files)
    return len(contents), len(groups), len(files)


def _files(settings: Settings, database: Database) -> FilesService:
    from app.files.service import FilesService

    return FilesService(database, settings.home / "files", settings.upload_max_mb * 1024**2)


async def _stored(settings: Settings) -> dict[str, Content]:
    from app.faq.keeper import newest

    async with open_database(settings) as database:
        return await newest(database)


def _read(settings: Settings, source: Path, language: Language) -> dict[str, Content]:
    from app.faq.files.problems import told
    from app.faq.files.read import read_file, read_folder
    from app.faq.seed import id_of

    read = (
        read_folder(source, settings.zone)
        if source.is_dir()
        else read_file(source.name, source.read_bytes(), settings.zone)
    )
    for problem in read.problems:
        errors.print(told(problem, language).words, markup=False, soft_wrap=True)
    if read.problems:
        raise typer.Exit(2)
    return {id_of(entry): entry.content for entry in read.entries}


async def _lint(settings: Settings, contents: dict[str, Content]) -> list[Finding]:
    from app.cli.faq import embedding
    from app.faq.lint import lint as findings
    from app.models import now
    from app.weights.encoder import stored_vectors
    from dialogue.knowledge.live import LiveKnowledge

    async with embedding(settings) as engine:
        knowledge = LiveKnowledge(engine, cache=stored_vectors(settings, engine.width))
        with Progress(console=errors, transient=True) as bar:
            task = bar.add_task("lint", total=1.0)

            def progressed(share: float) -> None:
                bar.update(task, completed=share)

            embed = partial(knowledge.vectors, progress=progressed)
            return await findings(contents, embed, now())
