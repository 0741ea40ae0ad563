"""Writing folded so that what is typed in different ways compares equal."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans("‘’ʼ´`", "'''''")
"""Phones set the curly one by themselves."""
_UNTYPED = re.compile(r"(?<=[a-z])'(?=(?:t|s|m)\b)")
"""In words that nobody takes for others without it: ``dont``, ``whats``, ``im``; not in ``we'll``."""


def fold(text: str) -> str:
    """Full width to half, lower case, straight apostrophes: ``Ｄon’t`` is ``don't``."""
    return unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()


def without_apostrophes(folded: str) -> str:
    """``i don't know what's wrong`` as those write it who are in a hurry: ``i dont know whats wrong``."""
    return _UNTYPED.sub("", folded)
