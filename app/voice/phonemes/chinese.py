"""Mandarin to Kokoro's phonemes: pinyin, then IPA with tone arrows.

The mapping is misaki's first Mandarin frontend (the one the v1.0 voices were trained with).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import jieba
from misaki.zh import ZHG2P

Cut = Callable[[str], Sequence[str]]
NON_SYLLABIC = "\u032f"
"""Kokoro v1.0 has no token for the combining inverted breve below."""


class ChinesePhonemes:
    """Reads runs of Chinese characters. `pinyin` overrules pypinyin for whole words."""

    def __init__(self, pinyin: Mapping[str, str] | None = None, cut: Cut = jieba.lcut) -> None:
        self._pinyin = dict(pinyin or {})
        self._longest = max(map(len, self._pinyin), default=0)
        self._cut = cut

    def __call__(self, text: str) -> str:
        """Phonemes of Chinese characters, words parted by blanks: ``你好`` -> ``ni↓xau↓``."""
        return " ".join(filter(None, (self._word(word) for word in self._words(text))))

    def of_pinyin(self, syllables: str) -> str:
        """Phonemes of written pinyin with tone numbers: ``ai4 fu5``."""
        return "".join(
            ZHG2P.py2ipa(syllable).replace(NON_SYLLABIC, "") for syllable in syllables.split()
        )

    def _words(self, text: str) -> list[str]:
        words: list[str] = []
        start = place = 0
        while place < len(text):
            known = self._known_at(text, place)
            if known:
                words += [*self._cut(text[start:place]), known]
                start = place = place + len(known)
            else:
                place += 1
        return [*words, *self._cut(text[start:])]

    def _known_at(self, text: str, place: int) -> str | None:
        for length in range(self._longest, 0, -1):
            if text[place : place + length] in self._pinyin:
                return text[place : place + length]
        return None

    def _word(self, word: str) -> str:
        if word in self._pinyin:
            return self.of_pinyin(self._pinyin[word])
        try:
            return str(ZHG2P.word2ipa(word)).replace(NON_SYLLABIC, "")
        except (ValueError, AssertionError):  # a rare character without a known reading
            return "".join(map(self._word, word)) if len(word) > 1 else ""
