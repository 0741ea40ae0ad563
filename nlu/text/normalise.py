"""One plain form of a message for the models, with every character's place in the original.

``normalise("ＡＢ　退貨")`` gives ``"AB 退货"``, and ``original_span(3, 5)`` is ``(3, 5)``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

MOST_REPEATS = 3
"""太好了了了了了了 says no more than 太好了了了; digits are left alone, they number things."""

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_APOSTROPHES = dict.fromkeys("‘’ʼ´`", "'")
"""Phones set the curly one by themselves."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` and, for each of its characters, the span of the original that it stands for."""

    text: str
    original: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The original's characters behind ``text[start:end]``; expects start < end."""
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    table = files("opencc") / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return {pair[0]: pair[1].split(" ")[0] for pair in pairs if len(pair) == 2}


def normalise(text: str) -> Normalised:
    """Width, composition, script, apostrophes, spacing and repeats made plain; offsets kept exact."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        for char in _plain_char(text[at]) if end == at + 1 else _plain(text[at:end]):
            if _is_surplus(char, out):
                if out:
                    ends[-1] = end
                continue
            out.append(char)
            starts.append(at)
            ends.append(end)
        at = end
    while out and out[-1] == " ":
        out.pop()
    return Normalised("".join(out), text, tuple(starts[: len(out)]), tuple(ends[: len(out)]))


@lru_cache(maxsize=8192)
def _plain_char(char: str) -> str:
    """`_plain` of a character without marks: blanks become a space, controls vanish."""
    if char.isspace():
        return " "
    if _INVISIBLE.match(char):
        return ""
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    if category == "Cs":
        return "\ufffd"
    return _plain(char)


def _plain(cluster: str) -> str:
    """NFKC of one base character with its marks, in simplified script."""
    if (apostrophe := _APOSTROPHES.get(cluster)) is not None:
        return apostrophe
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", cluster))
    simplified = _simplified()
    return " " if plain.isspace() else "".join(simplified.get(char, char) for char in plain)


def _is_surplus(char: str, out: list[str]) -> bool:
    if not out or out[-1] != char:
        return char == " " and not out
    if char == " ":
        return True
    return not char.isdigit() and out[-MOST_REPEATS:] == [char] * MOST_REPEATS
