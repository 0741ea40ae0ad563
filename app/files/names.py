"""File names that people chose, made safe to show and to save."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

MAX_NAME_CHARS = 100
SEPARATORS = re.compile(r"[\\/:*?\"<>|]+")
TEXT_SUFFIXES = (".txt", ".csv", ".md", ".log", ".json", ".tsv")
SAME = {".jpg": (".jpg", ".jpeg"), ".txt": TEXT_SUFFIXES}


def suffix_of(safe: str) -> str:
    """What `safe_name` was given to make that name."""
    ending = PurePath(safe).suffix.lower()
    return next((suffix for suffix, same in SAME.items() if ending in same), ending)


def safe_name(name: str, suffix: str) -> str:
    """Without folders and invisible characters, and with the ending of what the file is.

    Example: ``safe_name("../../发票.exe", ".pdf")`` is ``发票.exe.pdf``.
    """
    last = SEPARATORS.sub("/", name).rsplit("/", 1)[-1]
    visible = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c.isprintable())
    visible = visible.strip(" .")[-MAX_NAME_CHARS:] or "file"
    if visible.lower().endswith(SAME.get(suffix, (suffix,))):
        return visible
    return f"{visible}{suffix}"
