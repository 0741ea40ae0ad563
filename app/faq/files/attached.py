"""The files that go with entries, as an archive has them in its folder ``attachments/``."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

FOLDER = "attachments"
MAX_ATTACHED = 5_000
"""Files of entries in one archive."""
_NOT_A_NAME = re.compile(r"[^\w-]+")


def opened(data: bytes) -> zipfile.ZipFile:
    """Names that are not marked as UTF-8 are in GBK, as a Chinese Windows writes them."""
    try:
        return zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gb18030")
    except UnicodeDecodeError:
        return zipfile.ZipFile(io.BytesIO(data))


def path_of(written: str) -> str:
    """What a path means below the folder: ``faq\\attachments\\a\\b.png`` -> ``a/b.png``."""
    parts = PurePosixPath(written.replace("\\", "/")).parts
    return "/".join(parts[parts.index(FOLDER) + 1 :] if FOLDER in parts else parts)


def is_attached(member: str) -> bool:
    """Whether a member of an archive goes with an entry; the others are read for entries."""
    return FOLDER in PurePosixPath(member.replace("\\", "/")).parts[:-1]


@dataclass(frozen=True, slots=True)
class Attached:
    """Files by their path below the folder; their bytes are unpacked when they are asked for."""

    data: bytes = b""
    members: Mapping[str, zipfile.ZipInfo] = field(default_factory=dict)

    def size(self, path: str) -> int:
        return self.members[path].file_size

    def read(self, path: str) -> bytes:
        """Blocking. Raises whatever `zipfile` makes of broken bytes."""
        with opened(self.data) as archive:
            return archive.read(self.members[path])


def place_for(entry_id: str, name: str, taken: Collection[str]) -> str:
    """Where an export puts a file, in a folder of the entry: ``attachments/warranty/card.pdf``."""
    folder = f"{FOLDER}/{_NOT_A_NAME.sub('-', entry_id).strip('-') or 'entry'}"
    place, number = f"{folder}/{name}", 1
    while place in taken:
        number += 1
        place = f"{folder}-{number}/{name}"
    return place
