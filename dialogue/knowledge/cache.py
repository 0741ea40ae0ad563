"""Vectors of the knowledge's texts: computed once, and found again."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.vectors import EntryVectors, FloatArray, Placing, Texts
from nlu.types import Embedder

log = logging.getLogger(__name__)

BATCH = 64

Progress = Callable[[float], None]


class Cache(Protocol):
    """Embeds what is new of some texts; told how far it is as a share in [0, 1]."""

    async def embed(
        self, texts: Sequence[str], embedder: Embedder, progress: Progress | None = None
    ) -> FloatArray:
        """(len(texts), width)."""
        ...

    async def place(
        self, texts: Texts, embedder: Embedder, progress: Progress | None = None
    ) -> Placing:
        """The same for an index."""
        ...

    async def keep(self, texts: Texts) -> None:
        """These, all that the next start will ask for, and no others."""
        ...


class VectorCache:
    """Vectors by text, on disk where there is a path, so that a second start embeds nothing."""

    def __init__(self, path: Path | None, model_id: str, width: int) -> None:
        self._path = path
        self._model_id = model_id
        self._width = width
        self._known: dict[bytes, NDArray[np.float16]] = {}
        if path is not None and path.is_file():
            self._read(path)

    def _read(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as stored:
                model_id, keys, rows = str(stored["model_id"]), stored["keys"], stored["rows"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as wrong:
            log.warning("vector cache %s cannot be read, made anew: %s", path, wrong)
            return
        if model_id != self._model_id or rows.shape[1:] != (self._width,):
            return
        self._known = {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}

    async def embed(
        self,
        texts: Sequence[str],
        embedder: Embedder,
        progress: Progress | None = None,
    ) -> FloatArray:
        keys = [key_of(text) for text in texts]
        found = {key: self._known[key] for key in keys if key in self._known}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Texts of one length make full batches without padding.
        todo = sorted(missing.items(), key=lambda item: len(item[1]))
        for at in range(0, len(todo), BATCH):
            part = todo[at : at + BATCH]
            rows = await embedder.embed([text for _, text in part], passages=True)
            for (key, _), row in zip(part, rows, strict=True):
                found[key] = self._known[key] = row.astype(np.float16)
            if progress is not None:
                progress(min(1.0, (at + BATCH) / len(todo)))
        if not keys:
            return np.zeros((0, self._width), dtype=np.float32)
        # Not from what is known: `keep` may have forgotten it since.
        return np.stack([found[key] for key in keys]).astype(np.float32)

    async def place(
        self, texts: Texts, embedder: Embedder, progress: Progress | None = None
    ) -> EntryVectors:
        rows = await self.embed([text for kind in texts for text in kind], embedder, progress)
        return split(rows, texts)

    async def keep(self, texts: Texts) -> None:
        every = [text for kind in texts for text in kind]
        if self._path is not None and every:
            await asyncio.to_thread(self._write, self._path, every)

    def _write(self, path: Path, texts: Sequence[str]) -> None:
        keys = list(dict.fromkeys(key_of(text) for text in texts))
        self._known = {key: self._known[key] for key in keys}
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".tmp.npz")
        np.savez(
            scratch,
            model_id=np.array(self._model_id),
            keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1),
            rows=np.stack([self._known[key] for key in keys]),
        )
        scratch.rename(path)


def key_of(text: str) -> bytes:
    """What a text's vector as a passage is kept under."""
    return hashlib.sha256(b"passage: " + text.encode("utf-8", "surrogatepass")).digest()[:16]


def split(rows: FloatArray, texts: Texts) -> EntryVectors:
    """Rows of all `texts`, one kind after the other."""
    first = len(texts.questions)
    second = first + len(texts.answers)
    return EntryVectors(rows[:first], rows[first:second], rows[second:])
