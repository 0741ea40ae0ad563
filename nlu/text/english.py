"""Is it an English word? By the 180,000 of a pronouncing lexicon, kept as hashes: 0.7 MB."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_LEXICONS = ("us_gold.json", "us_silver.json")
_KEY = re.compile(r'"([^"\\]+)":')
_ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "er")


def is_english(word: str) -> bool:
    """Of a word in lower case; forms made by a common ending count."""
    stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    if word.endswith("ies") and _is_listed(word[:-3] + "y"):
        return True
    return _is_listed(word) or any(
        len(stem) > 2 and (_is_listed(stem) or _is_listed(stem + "e")) for stem in stems
    )


def _is_listed(word: str) -> bool:
    known, key = _hashes(), np.uint32(zlib.crc32(word.encode()))
    at = int(np.searchsorted(known, key))
    return at < len(known) and bool(known[at] == key)


@cache
def _hashes() -> NDArray[np.uint32]:
    return np.unique(np.fromiter((zlib.crc32(w.encode()) for w in _words()), dtype=np.uint32))


def _words() -> Iterator[str]:
    """The lexicons' keys, without holding what else they say."""
    folder = files("misaki") / "data"
    for name in _LEXICONS:
        text = (folder / name).read_text(encoding="utf-8")
        yield from (match.group(1).lower() for match in _KEY.finditer(text))
