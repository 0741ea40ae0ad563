"""What the parts of this domain hand to each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_FILES_A_MESSAGE = 5


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept: what it is by its content, and where the bytes to keep are."""

    path: Path
    media_type: str
    suffix: str
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.width is not None


class PictureReader(Protocol):
    """Reads the text in a picture. Slow: never on the event loop."""

    def read(self, path: Path) -> str: ...
