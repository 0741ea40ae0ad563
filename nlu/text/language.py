"""Which of the two languages to answer in."""

from __future__ import annotations

import re

from nlu.text.english import is_english
from nlu.types import Language

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")

_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un"
    "|uo|a|e|i|o|u|v)"
)
_LONGEST = len("zhuang")


def detect_language(text: str, default: Language = "zh") -> Language:
    """Chinese when Han characters are a notable share: one of them weighs like half a word.

    ``"帮我查 order A1002"`` is zh, ``"what does 退款 mean on my invoice please"`` is en, and
    ``"wuliu dao nali le"`` is Chinese by its sound.
    """
    han = len(_HAN.findall(text))
    words = _LATIN_WORD.findall(text)
    if han == len(words) == 0:
        return default
    return "zh" if han >= len(words) / 2 or _is_pinyin(words) else "en"


def _is_pinyin(words: list[str]) -> bool:
    """Every word could be, and few are English; who writes a capital writes a name."""
    if len(words) < 2 or not all(word.islower() and _is_syllables(word) for word in words):
        return False
    foreign = [word for word in words if not is_english(word)]
    return any(not _SYLLABLE.fullmatch(word) for word in foreign) or (
        len(foreign) >= len(words) / 2
    )


def _is_syllables(word: str) -> bool:
    """From place to place: a pattern of them all would try every way to cut a long word."""
    reached = {0}
    for start in range(len(word)):
        if start in reached:
            ends = range(start + 1, min(start + _LONGEST, len(word)) + 1)
            reached |= {end for end in ends if _SYLLABLE.fullmatch(word, start, end)}
    return len(word) in reached
