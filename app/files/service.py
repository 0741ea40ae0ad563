"""Files from the first byte to the last: received, inspected, kept by digest, sent, swept away."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from cachetools import LRUCache
from sqlalchemy.orm import Session

from app.chat.events import Author, WireFile
from app.db import Database
from app.errors import Busy, NotFound, Refused
from app.files import repository
from app.files.inspect import inspect
from app.files.names import safe_name, suffix_of
from app.files.store import FileStore
from app.files.types import MAX_FILES_A_MESSAGE, Inspected, PictureReader
from app.models import EntryFile, StoredFile, now

KEY_BYTES = 24
FILES = "/files/"
MAX_AT_ONCE = 32
"""Uploads under way; one more is told to come back."""
RECEIVE_WITHIN_S = 180.0
READ_WITHIN_S = 12.0
"""A picture that takes longer goes without its text."""
MAX_TEXT_CHARS = 2_000
AUTHOR_BYTES = 200 * 1024 * 1024
"""What one customer may keep here."""
NEVER_SENT_AFTER = timedelta(hours=24)
SWEEP_EVERY_S = 3600.0
SWEEP_LIMIT = 500
REMEMBERED = 2_000
"""Looks at files: an import is planned before it begins."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handed:
    """A file on its way out."""

    path: Path
    name: str
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What would be kept of a file for the knowledge."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class _Taken:
    """A file whose bytes are kept, and that no row names yet."""

    found: Inspected
    digest: str
    size: int
    text: str


class FilesService:
    """Takes files in and hands them out. One picture is decoded, and one read, at a time."""

    def __init__(
        self, database: Database, folder: Path, max_bytes: int, reader: PictureReader | None = None
    ) -> None:
        self._database = database
        self._store = FileStore(folder)
        self._reader = reader
        self.max_bytes = max_bytes
        self._under_way = 0
        self._inspecting = asyncio.Semaphore(1)
        self._reading = asyncio.Semaphore(1)
        self._looks: LRUCache[str, _Taken] = LRUCache(REMEMBERED)

    async def receive(
        self, chunks: AsyncIterator[bytes], name: str, conversation_id: str, author_id: str
    ) -> WireFile:
        """Keep a file for a message that is yet to be sent.

        Raises `Refused` (``file_too_large``, ``file_type_refused``, ...), `Busy`.
        """
        taken = await self._take(chunks, read=True)

        def save(session: Session) -> WireFile:
            if repository.bytes_of_author(session, author_id) + taken.size > AUTHOR_BYTES:
                raise Refused("files_full", limit=AUTHOR_BYTES // 1024**2)
            row = StoredFile(
                **_row(taken, name),
                text=taken.text,
                conversation_id=conversation_id,
                author_id=author_id,
            )
            session.add(row)
            session.flush()
            return to_wire(row)

        return await self._database.write(save)

    async def receive_for_knowledge(
        self, chunks: AsyncIterator[bytes], name: str, author_id: str
    ) -> WireFile:
        """Keep a file for an entry that is yet to be saved with it. Raises as `receive`."""
        return await self._save_for_knowledge(await self._take(chunks, read=False), name, author_id)

    async def look(self, data: bytes, name: str) -> Looked:
        """At a file for the knowledge, which is not kept. Raises as `receive`."""
        digest = await asyncio.to_thread(_digest, data)
        taken = await self._known(digest) or self._looks.get(digest)
        if taken is None:
            taken = await self._inspected(_once(data), read=False, keep=False)
            self._looks[digest] = taken
        return Looked(safe_name(name, taken.found.suffix), taken.digest, taken.size)

    async def keep_for_knowledge(self, data: bytes, name: str, author_id: str) -> WireFile:
        """As `receive_for_knowledge`; what an entry has already is not decoded again."""
        taken = await self._known(await asyncio.to_thread(_digest, data))
        taken = taken or await self._take(_once(data), read=False)
        return await self._save_for_knowledge(taken, name, author_id)

    async def _known(self, digest: str) -> _Taken | None:
        """A file that an entry has: its bytes were looked at, and written anew, before they were kept."""
        row = await self._database.read(lambda s: repository.entry_file_of(s, digest))
        path = self._store.path(digest)
        if row is None or not await asyncio.to_thread(path.is_file):
            return None
        found = Inspected(path, row.media_type, suffix_of(row.name), row.width, row.height)
        return _Taken(found, digest, row.size, "")

    async def paths(self, urls: Sequence[str]) -> Mapping[str, Path]:
        """Where the files of entries lie, of those whose bytes are there."""
        digests = await self._database.read(lambda s: digests_of(s, urls))

        def lying() -> dict[str, Path]:
            paths = {url: self._store.path(digest) for url, digest in digests.items()}
            return {url: path for url, path in paths.items() if path.is_file()}

        return await asyncio.to_thread(lying)

    async def _save_for_knowledge(self, taken: _Taken, name: str, author_id: str) -> WireFile:
        def save(session: Session) -> WireFile:
            row = EntryFile(**_row(taken, name), author_id=author_id)
            session.add(row)
            session.flush()
            return _wire(row)

        return await self._database.write(save)

    async def _take(self, chunks: AsyncIterator[bytes], *, read: bool) -> _Taken:
        if self._under_way >= MAX_AT_ONCE:
            raise Busy("uploads_busy", retry_after_s=5)
        self._under_way += 1
        try:
            return await self._inspected(chunks, read)
        finally:
            self._under_way -= 1

    async def _inspected(
        self, chunks: AsyncIterator[bytes], read: bool, *, keep: bool = True
    ) -> _Taken:
        scratch = await asyncio.to_thread(self._store.scratch)
        try:
            raw = Path(scratch.name) / "raw"
            await self._write(raw, chunks)
            async with self._inspecting:
                found = await asyncio.to_thread(inspect, raw)
            text = await self._text_of(found) if read else ""
            size = found.path.stat().st_size
            store = self._store.keep if keep else self._store.digest
            digest = await asyncio.to_thread(store, found.path)
        finally:
            await asyncio.to_thread(scratch.cleanup)
        return _Taken(found, digest, size, text)

    async def _write(self, path: Path, chunks: AsyncIterator[bytes]) -> None:
        taken = 0
        with path.open("wb") as file:
            try:
                async with asyncio.timeout(RECEIVE_WITHIN_S):
                    async for chunk in chunks:
                        taken += len(chunk)
                        if taken > self.max_bytes:
                            raise Refused("file_too_large", limit=self.max_bytes // 1024**2)
                        await asyncio.to_thread(file.write, chunk)
            except TimeoutError:
                raise Refused("file_too_slow") from None

    async def _text_of(self, found: Inspected) -> str:
        if self._reader is None or not found.is_picture:
            return ""
        try:
            async with asyncio.timeout(READ_WITHIN_S), self._reading:
                text = await asyncio.to_thread(self._reader.read, found.path)
        except TimeoutError:
            log.warning("picture_not_read", reason="it took too long")
            return ""
        except Exception as error:  # whatever a reader makes of it, the picture itself is good
            log.warning("picture_not_read", reason=type(error).__name__)
            return ""
        return text.replace("\0", "")[:MAX_TEXT_CHARS]

    async def hand_out(self, key: str) -> Handed:
        """Raises `NotFound`."""

        def find(session: Session) -> Handed | None:
            row = repository.file(session, key) or repository.entry_file(session, key)
            if row is None:
                return None
            return Handed(self._store.path(row.digest), row.name, row.media_type, row.digest)

        found = await self._database.read(find)
        if found is None or not await asyncio.to_thread(found.path.is_file):
            raise NotFound()
        return found

    async def forget(self, digests: set[str]) -> None:
        """Remove the bytes of files that no row names any more."""
        used = await self._database.read(
            lambda s: repository.digests_in_use(s, sorted(digests)) if digests else set()
        )
        for digest in digests - used:
            await asyncio.to_thread(self._store.remove, digest)

    async def run(self) -> None:
        """Until cancelled: forget what was uploaded and never sent."""
        while True:
            await self._sweep()
            await asyncio.sleep(SWEEP_EVERY_S)

    async def _sweep(self) -> None:
        def forget(session: Session) -> set[str]:
            before = now() - NEVER_SENT_AFTER
            rows: list[StoredFile | EntryFile] = [
                *repository.never_sent(session, before, SWEEP_LIMIT),
                *repository.never_kept(session, before, SWEEP_LIMIT),
            ]
            digests = [row.digest for row in rows]
            for row in rows:
                session.delete(row)
            session.flush()
            return set(digests) - repository.digests_in_use(session, digests)

        for digest in await self._database.write(forget):
            await asyncio.to_thread(self._store.remove, digest)


def attach(
    session: Session, keys: Sequence[str], conversation_id: str, author: Author, message_id: str
) -> list[WireFile]:
    """Send files with a message: only their sender's own, in their conversation, and only once.

    An agent may send what goes with entries, too. Raises `Refused`, `NotFound`.
    """
    if len(keys) > MAX_FILES_A_MESSAGE or len(set(keys)) < len(keys):
        raise Refused("too_many_files", limit=MAX_FILES_A_MESSAGE)
    rows = [_to_send(session, key, (conversation_id, author.id, None), author) for key in keys]
    for row in rows:  # where one is refused, none is sent: others' messages share the transaction
        if isinstance(row, StoredFile):
            row.message_id = message_id
    return [to_wire(row) if isinstance(row, StoredFile) else _wire(row) for row in rows]


def _to_send(
    session: Session, key: str, own: tuple[str, str, None], author: Author
) -> StoredFile | EntryFile:
    row = repository.file(session, key)
    if row and (row.conversation_id, row.author_id, row.message_id) == own:
        return row
    kept = repository.entry_file(session, key) if author.type == "agent" else None
    if kept is None or kept.entry_id is None:  # what goes with no entry yet may be swept away
        raise NotFound("file_not_found")
    return kept


def keep_for_entry(session: Session, urls: Sequence[str], entry_id: str) -> list[WireFile]:
    """Files as they are saved with an entry. Raises `NotFound`."""
    rows = [repository.entry_file(session, url.removeprefix(FILES)) for url in urls]
    found = [row for row in rows if row is not None]
    if len(found) < len(rows):
        raise NotFound("file_not_found")
    for row in found:
        row.entry_id = row.entry_id or entry_id
    return [_wire(row) for row in found]


def digests_of(session: Session, urls: Sequence[str]) -> dict[str, str]:
    """Of files of entries: the same for the same bytes."""
    digests = repository.entry_digests(session, [url.removeprefix(FILES) for url in urls])
    return {f"{FILES}{key}": digest for key, digest in digests.items()}


def detach(session: Session, message_id: str) -> None:
    """The message was recalled: nobody gets its files any more; the sweep removes their bytes."""
    for row in repository.of_message(session, message_id):
        row.message_id = None
        row.created_at = now() - NEVER_SENT_AFTER
        row.key = secrets.token_urlsafe(KEY_BYTES)


def to_wire(row: StoredFile) -> WireFile:
    return _wire(row).model_copy(update={"text": row.text})


def _wire(row: StoredFile | EntryFile) -> WireFile:
    return WireFile(
        url=f"{FILES}{row.key}",
        name=row.name,
        media_type=row.media_type.partition(";")[0],
        size=row.size,
        width=row.width,
        height=row.height,
    )


def _row(taken: _Taken, name: str) -> dict[str, Any]:
    """What the rows of all files have."""
    return {
        "key": secrets.token_urlsafe(KEY_BYTES),
        "digest": taken.digest,
        "name": safe_name(name, taken.found.suffix),
        "media_type": taken.found.media_type,
        "size": taken.size,
        "width": taken.found.width,
        "height": taken.found.height,
        "created_at": now(),
    }


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def picture_reader() -> PictureReader | None:
    """The reader of the extra `pictures`, if it is installed."""
    with suppress(ImportError):
        from app.files.reading import RapidReader

        return RapidReader()
    return None
