"""The words that training texts know, for mending slips towards them (`nlu.text.mend`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import jieba
from pypinyin import Style, lazy_pinyin

from nlu.text.mend import Mender, Words
from nlu.text.phrases import OWN, likelihood
from nlu.text.pinyin import MOST_SYLLABLES

MOST_WORDS = 20_000
COMMON = 11_000
"""Words and characters of the language's own: what is meant need not stand in the training texts."""
PRICES = (8.0, 9.0, 10.0)
"""Of reading another character than was written: the lowest is taken that changes few texts."""
FEWEST_SAID = 2
"""So often a phrase stands in them that is no word."""
FEWEST_TRIED = 100
MOST_TRIED = 1000
TOLERATED = 0.01
MOST_CHARACTERS = 100
MOST_COUNTED = 200_000
"""Characters whose phrases are counted."""
_LATIN = re.compile(r"[A-Za-z]{2,}(?:'[a-z]+)?")
_HAN = re.compile("[\u4e00-\u9fff]{2,4}")
_HAN_RUN = re.compile("[\u4e00-\u9fff]+")


def known_words(texts: Sequence[str]) -> Words:
    """Of texts in their plain form.

    Where texts are full of names and terms (résumés, say), much that is rightly written sounds like
    a known word. If one half's words would change too many texts of the other half, nothing is
    mended by sound or order.
    """
    words = _words_of(texts)
    others = [text[:MOST_CHARACTERS] for text in texts[1::2][:MOST_TRIED]]
    if not words.han or len(others) < FEWEST_TRIED:
        return words
    half = _words_of(texts[::2])
    for price in PRICES:
        mender = Mender(replace(half, price=price))
        if sum(map(mender.guesses, others)) <= TOLERATED * len(others):
            return replace(words, price=price)
    return replace(words, han={}, sounds={})


def _words_of(texts: Sequence[str]) -> Words:
    latin: Counter[str] = Counter()
    han: Counter[str] = Counter()
    for text in texts:
        latin.update(word.lower() for word in _LATIN.findall(text))
        han.update(word for word in jieba.cut(text) if _HAN.fullmatch(word))
    if not han:
        return Words(latin=dict(latin.most_common(MOST_WORDS)))
    kept = dict(han.most_common(MOST_WORDS))
    sound = {char: _sound(char) for char in {char for word in kept for char in word}}
    heard = set(sound.values())
    sounds: dict[str, str] = {}
    for char in jieba.dt.FREQ:
        if len(char) == 1 and "\u4e00" <= char <= "\u9fff":
            said = sound.get(char) or _sound(char)
            if said in heard:
                sounds[said] = sounds.get(said, "") + char
    words = Words(dict(latin.most_common(MOST_WORDS)), kept, sounds, _spelt(texts), PRICES[0])
    mender = Mender(words)
    taken = {written for text in texts for written, _ in mender.homophones(text)}
    return replace(words, kept=sorted(taken))


def _spelt(texts: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    """What a spelling may be, by the texts' own words and phrases and by the language's."""
    runs = [run for text in _some(texts) for run in _HAN_RUN.findall(text)]
    # A character counts by itself where it is a word, a phrase wherever it stands.
    own = Counter(word for run in runs for word in jieba.cut(run, HMM=False) if len(word) == 1)
    own.update(
        run[at : at + size]
        for run in runs
        for size in range(2, MOST_SYLLABLES + 1)
        for at in range(len(run) - size + 1)
    )
    characters = sum(map(len, runs))
    spellings = dict(_common_spellings())
    counts, total = jieba.dt.FREQ, jieba.dt.total
    for said, count in own.most_common(MOST_WORDS):
        if len(said) == 1 or count >= FEWEST_SAID or counts.get(said):
            spellings.setdefault(said, _spelling(said))
    found: dict[str, list[tuple[str, float]]] = {}
    for said, spelling in spellings.items():
        share = OWN * own[said] / characters + (1 - OWN) * counts.get(said, 0) / total
        if share:
            found.setdefault(spelling, []).append((said, likelihood(share)))
    return {spelling: sorted(words, key=lambda word: -word[1]) for spelling, words in found.items()}


def _some(texts: Sequence[str]) -> Iterator[str]:
    """The first of them, up to `MOST_COUNTED` characters."""
    left = MOST_COUNTED
    for text in texts:
        yield text[:left]
        left -= len(text)
        if left <= 0:
            return


@cache
def _common_spellings() -> dict[str, str]:
    """Of the language's common words and characters."""
    jieba.initialize()
    counts = jieba.dt.FREQ
    found = (word for word in counts if _HAN_RUN.fullmatch(word) and counts[word])
    common = sorted(found, key=lambda word: -counts[word])[:COMMON]
    return {word: _spelling(word) for word in common}


def _spelling(word: str) -> str:
    return "".join(lazy_pinyin(word))


@cache
def _sound(char: str) -> str:
    return str(lazy_pinyin(char, style=Style.NORMAL)[0])
