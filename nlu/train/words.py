"""The words that training texts know, for mending slips towards them (`nlu.text.mend`)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import jieba
from pypinyin import Style, lazy_pinyin

from nlu.text.mend import Mender, Words
from nlu.text.pinyin import MOST_SYLLABLES

MOST_WORDS = 20_000
COMMON_WORDS = 8000
"""Of the language's own, for pinyin: what is typed need not stand in the training texts."""
COMMON_CHARACTERS = 3000
OWN = 0.7
"""What the training texts say weighs so much where a spelling has several words."""
FEWEST_SAID = 2
"""So often a phrase stands in them that is no word."""
FEWEST_TRIED = 100
MOST_TRIED = 1000
TOLERATED = 0.02
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
    others = texts[1::2][:MOST_TRIED]
    if not words.han or len(others) < FEWEST_TRIED:
        return words
    half = Mender(_words_of(texts[::2]))
    changed = sum(map(half.guesses, others))
    return words if changed <= TOLERATED * len(others) else replace(words, han={}, sounds={})


def _words_of(texts: Sequence[str]) -> Words:
    latin: Counter[str] = Counter()
    han: Counter[str] = Counter()
    for text in texts:
        latin.update(word.lower() for word in _LATIN.findall(text))
        han.update(word for word in jieba.cut(text) if _HAN.fullmatch(word))
    if not han:
        return Words(latin=dict(latin.most_common(MOST_WORDS)))
    kept = dict(han.most_common(MOST_WORDS))
    # The commonest last: of words that are typed alike it is meant, and the texts' own before all.
    own = sorted(kept, key=lambda word: kept[word])
    typed = _common_words() | {_spelling(word): word for word in own}
    sound = {char: _sound(char) for char in {char for word in kept for char in word}}
    heard = set(sound.values())
    sounds: dict[str, str] = {}
    for char in jieba.dt.FREQ:
        if len(char) == 1 and "\u4e00" <= char <= "\u9fff":
            said = sound.get(char) or _sound(char)
            if said in heard:
                sounds[said] = sounds.get(said, "") + char
    words = Words(dict(latin.most_common(MOST_WORDS)), kept, typed, sounds, _spelt(texts))
    mender = Mender(words)
    taken = {written for text in texts for written, _ in mender.homophones(text)}
    return replace(words, kept=sorted(taken))


def _spelt(texts: Sequence[str]) -> dict[str, tuple[str, float]]:
    """What a spelling likeliest is, by the texts' own words and phrases and by the language's."""
    runs = [run for text in texts for run in _HAN_RUN.findall(text)]
    own = Counter(
        run[at : at + size]
        for run in runs
        for size in range(1, MOST_SYLLABLES + 1)
        for at in range(len(run) - size + 1)
    )
    characters = sum(map(len, runs))
    spellings = dict(_common_spellings())
    counts, total = jieba.dt.FREQ, jieba.dt.total
    for said, count in own.items():
        if len(said) == 1 or count >= FEWEST_SAID or counts.get(said):
            spellings.setdefault(said, _spelling(said))
    found: dict[str, tuple[str, float]] = {}
    for said, spelling in spellings.items():
        share = OWN * own[said] / characters + (1 - OWN) * counts.get(said, 0) / total
        likely = round(math.log(share), 2) if share else -math.inf
        if likely > found.get(spelling, ("", -math.inf))[1]:
            found[spelling] = (said, likely)
    return found


@cache
def _common_spellings() -> dict[str, str]:
    """Of the language's common words and characters."""
    jieba.initialize()
    counts = jieba.dt.FREQ
    found = (word for word in counts if _HAN_RUN.fullmatch(word) and counts[word])
    common = sorted(found, key=lambda word: -counts[word])[: COMMON_WORDS + COMMON_CHARACTERS]
    return {word: _spelling(word) for word in common}


def _spelling(word: str) -> str:
    return "".join(lazy_pinyin(word))


@cache
def _common_words() -> dict[str, str]:
    """By their pinyin; a process that trains several models makes them once."""
    jieba.initialize()
    counts = jieba.dt.FREQ
    found = (word for word in counts if _HAN.fullmatch(word) and counts[word])
    common = sorted(found, key=lambda word: -counts[word])[:COMMON_WORDS]
    return {_spelling(word): word for word in reversed(common)}


@cache
def _sound(char: str) -> str:
    return str(lazy_pinyin(char, style=Style.NORMAL)[0])
