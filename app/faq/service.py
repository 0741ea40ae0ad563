"""The store of the knowledge: entries and their versions. Units of work; none commits."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.audit import record
from app.chat.hints import KnowledgeChanged
from app.db import tell
from app.errors import Conflict, NotFound
from app.faq import repository
from app.faq.content import PROJECT, Author, digest, from_json, search_text, titles, to_json
from app.faq.schemas.entries import Action, Content, Count, EntryFile, ListAnswer, Wanted
from app.faq.shown import summary_of
from app.files.service import keep_for_entry
from app.models import FaqEntry, FaqVersion, new_id, now

FROM_FILES: tuple[Action, ...] = ("imported", "seeded")
"""What spreadsheets and the like say nothing of stays as it is: an entry's attachments."""


class FaqService:
    """What may happen to an entry. Whoever changes what is live calls `went_live` once."""

    # --- reading ----------------------------------------------------------------------------

    def get(self, session: Session, entry_id: str) -> FaqEntry:
        row = repository.entry(session, entry_id)
        if row is None:
            raise NotFound("faq_not_found")
        return row

    def list(
        self,
        session: Session,
        wanted: Wanted,
        offset: int,
        limit: int,
    ) -> ListAnswer:
        conditions = repository.matching(wanted)
        return ListAnswer(
            items=[
                summary_of(row, wanted.moment)
                for row in repository.page(session, conditions, offset, limit)
            ],
            total=repository.count(session, conditions),
            counts=repository.counts(session, wanted.moment),
            categories=[Count(name=n, entries=c) for n, c in repository.categories(session)],
        )

    def content(self, session: Session, entry_id: str, number: int | None = None) -> Content:
        """Of version `number`, else of the newest."""
        row = self.get(session, entry_id)
        found = repository.version(session, entry_id, number or row.version)
        if found is None:
            raise NotFound("faq_version_not_found", number=number)
        return from_json(found.content)

    def history(self, session: Session, entry_id: str) -> Sequence[FaqVersion]:
        return repository.history(session, entry_id)

    # --- writing ----------------------------------------------------------------------------

    def add(
        self,
        session: Session,
        author: Author,
        entry_id: str | None,
        content: Content,
        *,
        publish: bool,
        action: Action = "created",
    ) -> FaqEntry:
        """Raises `Conflict` where the id is taken."""
        entry_id = entry_id or new_id()
        if repository.entry(session, entry_id) is not None:
            raise Conflict("faq_exists", id=entry_id)
        row = FaqEntry(id=entry_id, version=0, published_version=None, archived=False)
        row.from_project = author == PROJECT
        self._write(session, row, author, content, action, publish)
        return row

    def change(
        self,
        session: Session,
        author: Author,
        entry_id: str,
        content: Content,
        *,
        publish: bool,
        version: int | None = None,
        action: Action = "edited",
    ) -> FaqEntry:
        """Write a new version. Raises `Conflict` where `version` is not the newest any more."""
        row = self._locked(session, entry_id)
        if version is not None and version != row.version:
            raise Conflict("version_conflict", version=row.version, author=row.updated_by)
        row.from_project = row.from_project and author == PROJECT
        self._write(session, row, author, content, action, publish)
        return row

    def publish(self, session: Session, author: Author, entry_id: str) -> FaqEntry:
        row = self._locked(session, entry_id)
        if row.archived:
            raise Conflict("faq_archived")
        found = repository.version(session, entry_id, row.version)
        if found is None:
            raise NotFound("faq_version_not_found", number=row.version)
        _publish(row, found, author, from_json(found.content))
        return row

    def archive(self, session: Session, author: Author, entry_id: str) -> FaqEntry:
        """Taken from customers and from lists; kept, with its history, and revertible."""
        content = self.content(session, entry_id)
        row = self.change(session, author, entry_id, content, publish=False, action="archived")
        row.archived, row.published_version = True, None
        return row

    def went_live(self, session: Session, author: Author, deed: str, subject: str = "") -> int:
        """What customers are told has changed: count it, tell every worker, note who did it."""
        record(session, author.id or author.name, deed, subject)
        revision = repository.next_revision(session)
        tell(session, KnowledgeChanged(revision=revision))
        return revision

    def _locked(self, session: Session, entry_id: str) -> FaqEntry:
        row = repository.entry(session, entry_id, lock=True)
        if row is None:
            raise NotFound("faq_not_found")
        return row

    def _with_files(
        self, session: Session, row: FaqEntry, content: Content, action: Action
    ) -> Content:
        """With what is known of its files. Raises `NotFound`."""
        files: Sequence[EntryFile] = content.attachments
        if action in FROM_FILES and not files:
            files = _rows_of(repository.version(session, row.id, row.version))
        if not files:
            return content
        kept = keep_for_entry(session, [file.url for file in files], row.id)
        return content.model_copy(update={"attachments": [EntryFile.of(file) for file in kept]})

    def _write(
        self,
        session: Session,
        row: FaqEntry,
        author: Author,
        content: Content,
        action: Action,
        publish: bool,
    ) -> None:
        content = self._with_files(session, row, content, action)
        written = FaqVersion(
            entry_id=row.id,
            number=row.version + 1,
            action=action,
            content=to_json(content),
            author_id=author.id,
            author=author.name,
            at=now(),
        )
        row.version, row.archived = written.number, False
        row.titles, row.category, row.kind = titles(content), content.category, content.kind
        row.source, row.digest = content.source, digest(content)
        row.search_text = search_text(row.id, content)
        row.updated_at, row.updated_by = written.at, author.name
        if row.published_version is None:
            row.valid_from, row.valid_until = content.valid_from, content.valid_until
        if publish:
            _publish(row, written, author, content)
        session.add(row)
        session.flush()  # the entry before its version, whose foreign key names it
        session.add(written)
        session.flush()


def _rows_of(found: FaqVersion | None) -> Sequence[EntryFile]:
    return from_json(found.content).attachments if found is not None else ()


def _publish(row: FaqEntry, version: FaqVersion, author: Author, content: Content) -> None:
    row.published_version = version.number
    row.valid_from, row.valid_until = content.valid_from, content.valid_until
    version.published_at, version.published_by = now(), author.name
