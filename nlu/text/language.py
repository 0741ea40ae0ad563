"""Which of the two languages to answer in."""

from __future__ import annotations

import re

from nlu.text.pinyin import is_pinyin
from nlu.types import Language

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def detect_language(text: str, default: Language = "zh") -> Language:
    """Chinese when Han characters are a notable share: one of them weighs like half a word.

    ``"帮我查 order A1002"`` is zh, ``"what does 退款 mean on my invoice please"`` is en, and
    ``"wuliu dao nali le"`` is Chinese by its sound.
    """
    han = len(_HAN.findall(text))
    words = _LATIN_WORD.findall(text)
    if han == len(words) == 0:
        return default
    return "zh" if han >= len(words) / 2 or is_pinyin(words) else "en"
