"""jieba's words, parts of speech and keywords, with offsets in the original text."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import jieba
import jieba.analyse
import jieba.posseg

from nlu.text.normalise import Normalised, normalise
from nlu.types import Token

_KEYWORD_POS = ("n", "v", "a", "eng")
MOST_KEYWORDS = 8

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """Cuts text into words; own dictionary, so one bot's words do not change another's."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._cutter = _cutter(words)
        self._idf, self._median_idf = jieba.analyse.default_tfidf.idf_loader.get_idf()

    def segment(self, text: str | Normalised) -> tuple[Token, ...]:
        """Words in order, blanks left out; ``token.text == original[start:end]``."""
        plain = normalise(text) if isinstance(text, str) else text
        tokens: list[Token] = []
        at = 0
        for pair in self._cutter.cut(plain.text):
            end = at + len(pair.word)
            if pair.word.strip():
                start_, end_ = plain.original_span(at, end)
                tokens.append(Token(plain.original[start_:end_], start_, end_, pair.flag))
            at = end
        return tuple(tokens)

    def keywords(self, tokens: Iterable[Token]) -> tuple[str, ...]:
        """The most telling words, by TF-IDF over jieba's own document frequencies."""
        weights: dict[str, float] = {}
        for token in tokens:
            word = token.text.lower()
            if token.pos.startswith(_KEYWORD_POS) and len(word) > 1:
                weights[word] = weights.get(word, 0.0) + self._idf.get(word, self._median_idf)
        ranked = sorted(weights, key=lambda word: -weights[word])
        return tuple(ranked[:MOST_KEYWORDS])


def _cutter(words: Iterable[str]) -> jieba.posseg.POSTokenizer:
    """jieba's cutter with `words` more.

    Its tables are read from disk once per process: a dictionary of one's own starts as a copy of
    the common one (that saves 1 s), and the words' tags, which nobody changes, are shared (1 s).
    """
    common = jieba.posseg.dt
    common.tokenizer.initialize()
    dictionary = jieba.Tokenizer()
    dictionary.FREQ, dictionary.total = dict(common.FREQ), common.total
    dictionary.initialized = True
    for word in words:
        dictionary.add_word(word)
    cutter: jieba.posseg.POSTokenizer = object.__new__(jieba.posseg.POSTokenizer)
    cutter.tokenizer, cutter.word_tag_tab = dictionary, common.word_tag_tab
    return cutter
