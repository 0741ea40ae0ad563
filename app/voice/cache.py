"""Rendered clips on the disk, the least recently heard ones forgotten first."""

from __future__ import annotations

import os
import re
import tempfile
from collections import OrderedDict
from pathlib import Path
from threading import Lock

KEY = re.compile(r"[0-9a-f]{64}")


class ClipCache:
    """A folder of ``<key>.mp3``. Blocking, thread-safe; several processes may share the folder."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = Lock()
        folder.mkdir(parents=True, exist_ok=True)
        clips = sorted((_stat(path), path.stem) for path in folder.glob("*.mp3"))
        self._sizes = OrderedDict((key, size) for (_, size), key in clips)
        self._total = sum(self._sizes.values())

    @property
    def total_bytes(self) -> int:
        return self._total

    def find(self, key: str) -> Path | None:
        """The clip's file, counted as heard now; None if it was never rendered or is forgotten."""
        if not KEY.fullmatch(key):
            return None
        path = self._path(key)
        try:
            os.utime(path)
            size = path.stat().st_size
        except FileNotFoundError:
            return None
        with self._lock:
            self._remember(key, size)
        return path

    def store(self, key: str, data: bytes) -> Path:
        """Write a clip in one step, then forget old ones until the folder fits its bound."""
        path = self._path(key)
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
        with self._lock:
            self._remember(key, len(data))
            forgotten = list(self._overflow(key))
        for old in forgotten:
            self._path(old).unlink(missing_ok=True)
        return path

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.mp3"

    def _remember(self, key: str, size: int) -> None:
        self._total += size - self._sizes.pop(key, 0)
        self._sizes[key] = size

    def _overflow(self, newest: str) -> list[str]:
        forgotten = []
        while self._total > self._max_bytes and next(iter(self._sizes)) != newest:
            key, size = self._sizes.popitem(last=False)
            self._total -= size
            forgotten.append(key)
        return forgotten


def _stat(path: Path) -> tuple[float, int]:
    """(last heard, bytes); a file that another process just removed sorts first, empty."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0.0, 0
    return status.st_mtime, status.st_size
