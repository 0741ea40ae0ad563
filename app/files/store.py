"""Bytes in the data folder, each once, under the SHA-256 of what they are."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class FileStore:
    """Blocking: call it in a thread. The folder appears with the first file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A folder beside the store, so that keeping is a rename; gone when closed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=self._folder, prefix=".incoming-")

    def keep(self, path: Path) -> str:
        """Move a file into the store, on the disk when this returns; returns its digest."""
        digest = self.digest(path)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        target = self.path(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        return digest

    def digest(self, path: Path) -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)
