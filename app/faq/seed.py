"""The bot project's ``faq/`` folder into the store, at every start.

New entries are added. An entry that nobody but the project has written follows the project: it is
changed with it, and archived when the project has it no more. What a person has edited, imported
over or archived is theirs, and stays as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from app.db import Database
from app.faq import repository
from app.faq.content import PROJECT, digest, phrasings
from app.faq.files.problems import told
from app.faq.files.read import read_folder
from app.faq.files.rows import ReadEntry
from app.faq.importer import BATCH
from app.faq.keeper import entries_at
from app.faq.schemas.entries import Content
from app.faq.service import FaqService
from app.models import now
from dialogue.knowledge.types import Entry

log = structlog.get_logger(__name__)


class ProjectFaqError(ValueError):
    """The project's ``faq/`` folder has mistakes; the message names all of them, one a line."""


def read_project(folder: Path, zone: ZoneInfo) -> dict[str, Content]:
    """The entries of a bot's ``faq/`` folder by id. Raises `ProjectFaqError`."""
    read = read_folder(folder, zone)
    if read.problems:
        raise ProjectFaqError("\n".join(told(p, "en").words for p in read.problems))
    if read.synonyms:  # the owner's, who may have taken them away: only an import brings them
        log.warning(
            "synonyms_not_seeded", groups=len(read.synonyms), import_with="lingxi faq import"
        )
    return {id_of(entry): entry.content for entry in read.entries}


def project_entries(bot: Path, zone: ZoneInfo) -> list[Entry]:
    """What a bot project by itself tells customers now. Raises `ProjectFaqError`."""
    return entries_at(read_project(bot / "faq", zone), now())


async def seed(database: Database, store: FaqService, zone: ZoneInfo, folder: Path) -> int:
    """Bring the store up to the project; how many entries changed. Raises `ProjectFaqError`."""
    project = await asyncio.to_thread(read_project, folder, zone)
    wanted = list(project.items())
    changed = 0
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        changed += await database.write(lambda s, some=some: _seed_some(s, store, some))  # type: ignore[misc]
    changed += await database.write(lambda s: _drop_others(s, store, project.keys()))
    if changed:
        await database.write(
            lambda s: store.went_live(s, PROJECT, "faq_seeded", folder.parent.name)
        )
        log.info("knowledge_seeded", entries=changed)
    return changed


def _seed_some(session: Session, store: FaqService, wanted: Sequence[tuple[str, Content]]) -> int:
    """Two workers may start at once: what is missing is asked under the lock."""
    repository.lock(session)
    known = repository.entries(session, [entry_id for entry_id, _ in wanted])
    changed = 0
    for entry_id, content in wanted:
        row = known.get(entry_id)
        if row is None:
            store.add(session, PROJECT, entry_id, content, publish=True, action="seeded")
        elif row.from_project and (row.archived or row.digest != digest(content)):
            store.change(session, PROJECT, entry_id, content, publish=True, action="seeded")
        else:
            continue
        changed += 1
    return changed


def _drop_others(session: Session, store: FaqService, ids: Collection[str]) -> int:
    repository.lock(session)
    gone = [entry_id for entry_id in repository.of_project(session) if entry_id not in ids]
    for entry_id in gone:
        store.archive(session, PROJECT, entry_id)
    return len(gone)


def id_of(entry: ReadEntry) -> str:
    """The same at every start, for an entry that the project gives none."""
    title = next(phrasings(entry.content))
    return entry.id or hashlib.sha256(title.encode()).hexdigest()[:12]
