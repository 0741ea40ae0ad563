"""One plain form of a text for retrieval, and the units it is matched by.

``plain("請問 ＶＩＰ 運費？")`` is ``"请问 vip 运费?"``; its words are ``["vip", "运费"]``.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import jieba
import yaml
from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from dialogue.folding import fold

jieba.setLogLevel(logging.WARNING)

MOST_CHARS = 2_000
"""A query is a sentence, not a book; what comes after is not searched."""
REMEMBERED = 8_192
"""Texts whose units are kept: an index that is built anew after an edit cuts only what is new. Some
3 KiB each."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z0-9][a-z0-9'_.+-]*")
_WORD = re.compile(r"\w")
_BLANKS = re.compile(r"\s+")


class Units(NamedTuple):
    """The three ways a text is cut for matching."""

    words: list[str]
    grams: list[str]
    """Characters and pairs of them for Chinese, runs of four letters elsewhere."""
    sounds: list[str]
    """Toneless syllables and pairs of them: homophones and typed pinyin match."""


class _Lexicon(NamedTuple):
    simplified: Mapping[str, str]
    stop: frozenset[str]
    synonyms: Mapping[str, tuple[str, ...]]
    syllables: frozenset[str]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    table = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines())
    simplified = {pair[0]: pair[1].split(" ")[0] for pair in pairs if len(pair) == 2}
    words = yaml.safe_load((files(__package__) / "words.yml").read_text(encoding="utf-8"))
    synonyms: dict[str, tuple[str, ...]] = {}
    for group in words["synonyms"]:
        for word in group:
            others = tuple(other for other in group if other != word)
            synonyms[word] = synonyms.get(word, ()) + others
    syllables = {
        to_normal(sound.split(",")[0]).replace("ü", "v")
        for code, sound in PINYIN_DICT.items()
        if 0x4E00 <= code <= 0x9FFF
    }
    return _Lexicon(simplified, frozenset(words["stop"]), synonyms, frozenset(syllables))


def plain(text: str) -> str:
    """Simplified characters, half width, lower case, single blanks; at most `MOST_CHARS`."""
    table = _lexicon().simplified
    simple = "".join(table.get(char, char) for char in fold(text[:MOST_CHARS]))
    return _BLANKS.sub(" ", simple).strip()


def without_end(text: str) -> str:
    """A question without its mark, which few who ask in a chat set."""
    return text.rstrip(" ?？!！。.~…")


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


@lru_cache(maxsize=REMEMBERED)
def units(text: str) -> Units:
    """Cut `text`, which `plain` has made plain. What it yields is shared: it is not to be changed."""
    return Units(_words(text), _grams(text), _sounds(text))


def expanded(words: Sequence[str]) -> list[str]:
    """`words` and what else they are called."""
    synonyms = _lexicon().synonyms
    more = [other for word in words for other in synonyms.get(word, ())]
    return [*words, *more]


def stop_words() -> frozenset[str]:
    """Words that say nothing about what is asked."""
    return _lexicon().stop


def content_words(text: str) -> list[str]:
    """Words that say something: no function words, no single letters."""
    return [word for word in _words(plain(text)) if len(word) > 1 or has_han(word)]


def _words(text: str) -> list[str]:
    stop = _lexicon().stop
    cut = [word.strip() for word in jieba.cut_for_search(text)]
    kept = [_stem(word) for word in cut if _WORD.search(word) and word not in stop]
    return kept or [word for word in cut if _WORD.search(word)]


def _stem(word: str) -> str:
    """The commonest English endings off; ``refunds`` finds ``refund``."""
    if not word.isascii() or len(word) < 5:
        return word
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return (word[: -len(ending)] + instead).rstrip("e")
    return word.rstrip("e")


def _grams(text: str) -> list[str]:
    grams: list[str] = []
    for run in _HAN_RUN.findall(text):
        grams += run
        grams += [run[i : i + 2] for i in range(len(run) - 1)]
    for word in _LATIN.findall(text):
        padded = f"_{word}_"
        grams += [padded[i : i + 4] for i in range(max(1, len(padded) - 3))]
    return grams


def _sounds(text: str) -> list[str]:
    sounds: list[str] = []
    for run in _HAN_RUN.findall(text):
        syllables = [sound.replace("ü", "v") for sound in lazy_pinyin(run)]
        sounds += syllables + _pairs(syllables)
    for word in _LATIN.findall(text):
        syllables = list(_syllables(word))
        if len(syllables) > 1:
            sounds += syllables + _pairs(syllables)
    return sounds


def _pairs(items: Sequence[str]) -> list[str]:
    return [f"{a} {b}" for a, b in itertools.pairwise(items)]


@lru_cache(maxsize=4096)
def _syllables(word: str) -> tuple[str, ...]:
    """``tuikuan`` -> ``("tui", "kuan")``; empty when the word is no pinyin. Longest match first."""
    if not word:
        return ()
    known = _lexicon().syllables
    for length in range(min(6, len(word)), 0, -1):
        head, rest = word[:length], word[length:]
        if head in known:
            tail = _syllables(rest)
            if not rest or tail:
                return (head, *tail)
    return ()
