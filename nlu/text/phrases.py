"""What was likely meant by sounds: of a message in pinyin, or of characters that sound alike.

A text is covered with the words and phrases whose likelihoods multiply to the most: what the training
texts say and what the language says, both counted. In a training's own words 到账 is likelier than 到张,
which the language alone cannot tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import jieba

from nlu.text.pinyin import MOST_SYLLABLES, SpelledOut, likeliest

OWN = 0.7
"""What the training texts say weighs so much, the language's own frequencies the rest."""
UNHEARD = -16.0
"""The logarithm of how likely a character is that nobody has counted."""
_NUMERALS = frozenset("零一二三四五六七八九十百千万两")


class Phrases:
    def __init__(
        self,
        spelt: Mapping[str, Sequence[tuple[str, float]]],
        sounds: Mapping[str, str],
        *,
        price: float = math.inf,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        """`spelt`: by pinyin the words, the likeliest first, with the logarithm of how likely each
        is; `sounds`: the characters of each sound. Who reads another character than was written
        pays `price` of the likelihood's logarithm; what is `kept` is always read as written, and so is
        a character by itself, of which many are names."""
        self.spelt: SpelledOut = {pinyin: words[0] for pinyin, words in spelt.items()}
        self._likely = dict(pair for words in spelt.values() for pair in words)
        self._sound = {char: sound for sound, chars in sounds.items() for char in chars}
        self._price = price
        self._kept = kept

    def meant(self, written: str) -> Iterator[tuple[int, int, str]]:
        """Places of a run of Chinese where another word, alike in sound, was likelier meant."""
        if not self._sound:
            return
        sounds = [self._sound.get(char) for char in written]

        def words_from(start: int) -> Iterator[tuple[int, float, str]]:
            for end in range(start + 1, min(start + MOST_SYLLABLES, len(written)) + 1):
                yield end, *self._read(written[start:end], sounds[start:end])

        for start, end, word in likeliest(len(written), words_from):
            if word != written[start:end]:
                yield start, end, word

    def _read(self, written: str, sounds: Sequence[str | None]) -> tuple[float, str]:
        """How likely it is as one word, and which word that is."""
        likely = self._as_written(written)
        if len(written) == 1 or None in sounds or written in self._kept:
            return likely, written
        other = self.spelt.get("".join(map(str, sounds)))
        if other is None or len(other[0]) != len(written):
            return likely, written
        changed = [pair for pair in zip(written, other[0], strict=True) if pair[0] != pair[1]]
        if any(not _NUMERALS.isdisjoint(pair) for pair in changed):
            return likely, written
        priced = other[1] - self._price * len(changed) if changed else -math.inf
        return (priced, other[0]) if priced > likely else (likely, written)

    def _as_written(self, written: str) -> float:
        known = self._likely.get(written)
        if known is None:
            count = jieba.dt.FREQ.get(written, 0)
            if count:
                return likelihood((1 - OWN) * count / jieba.dt.total)
            return UNHEARD if len(written) == 1 else -math.inf
        return known


def likelihood(share: float) -> float:
    """Its logarithm, in a few digits: it is stored."""
    return round(math.log(share), 2)
