"""jieba's words, parts of speech and keywords, with offsets in the original text."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import jieba
import jieba.posseg
import numpy as np

from nlu.text.normalise import Normalised, normalise
from nlu.types import Token

_KEYWORD_POS = ("n", "v", "a", "eng")
MOST_KEYWORDS = 8

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """Cuts text into words; own dictionary, so one bot's words do not change another's."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._cutter = _cutter(words)
        self._tags = _word_tags()
        self._rarity = rarity()

    def segment(self, text: str | Normalised) -> tuple[Token, ...]:
        """Words in order, blanks left out; ``token.text == original[start:end]``."""
        plain = normalise(text) if isinstance(text, str) else text
        tokens: list[Token] = []
        at = 0
        for word in self._cutter.cut(plain.text):
            end = at + len(word)
            if word.strip():
                start_, end_ = plain.original_span(at, end)
                tokens.append(Token(plain.original[start_:end_], start_, end_, self._pos(word)))
            at = end
        return tuple(tokens)

    def _pos(self, word: str) -> str:
        """Of a word that jieba does not know, by its letters: its tagger would take a millisecond
        to guess, five times as long as the cutting."""
        known = self._tags.get(word)
        if known is not None:
            return known
        if word.isascii():
            return "eng" if word[0].isalpha() else "m" if word[0].isdigit() else "x"
        return "n" if word.isalnum() else "x"

    def keywords(self, tokens: Iterable[Token]) -> tuple[str, ...]:
        """The most telling words, by TF-IDF over jieba's own document frequencies."""
        weights: dict[str, float] = {}
        for token in tokens:
            word = token.text.lower()
            if token.pos.startswith(_KEYWORD_POS) and len(word) > 1:
                weights[word] = weights.get(word, 0.0) + self._rarity(word)
        ranked = sorted(weights, key=lambda word: -weights[word])
        return tuple(ranked[:MOST_KEYWORDS])


class Rarity:
    """Inverse document frequencies of jieba's words, by hash: 3 MB; a dictionary takes 45."""

    def __init__(self, lines: Iterable[str]) -> None:
        words, values = zip(*(line.split(" ") for line in lines), strict=True)
        hashes = np.fromiter(map(_key, words), dtype=np.int64, count=len(words))
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._values = np.array(values, dtype=np.float32)[order]
        self._median = float(np.sort(self._values)[len(words) // 2])

    def __call__(self, word: str) -> float:
        """The median for a word that is not known."""
        key = _key(word)
        at = int(np.searchsorted(self._hashes, key))
        known = at < len(self._hashes) and int(self._hashes[at]) == key
        return float(self._values[at]) if known else self._median


def _key(word: str) -> int:
    # Of bytes: a str is hashed as it lies in memory, where 祭 and "my" are alike.
    return hash(word.encode())


@cache
def rarity() -> Rarity:
    table = files("jieba") / "analyse" / "idf.txt"
    return Rarity(table.read_text(encoding="utf-8").splitlines())


@cache
def _word_tags() -> dict[str, str]:
    """jieba's part of speech of each word, the words and tags being the very strings that its
    dictionary holds already: that saves 40 MB."""
    common = jieba.posseg.dt
    common.tokenizer.initialize()
    known = dict(zip(common.tokenizer.FREQ, common.tokenizer.FREQ, strict=True))
    shared = {known.get(w, w): sys.intern(tag) for w, tag in common.word_tag_tab.items()}
    common.word_tag_tab = shared
    return shared


def _cutter(words: Iterable[str]) -> jieba.Tokenizer:
    """jieba's cutter with `words` more.

    Its table is read from disk once per process: a dictionary of one's own starts as a copy of
    the common one (that saves 1 s).
    """
    _word_tags()
    common = jieba.posseg.dt.tokenizer
    dictionary = jieba.Tokenizer()
    dictionary.FREQ, dictionary.total = dict(common.FREQ), common.total
    dictionary.initialized = True
    for word in words:
        dictionary.add_word(word)
    return dictionary
