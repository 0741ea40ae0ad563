"""A seeded noise pack: what customers' keyboards, input methods and haste do to a text.

Each kind is a function of a text and a `random.Random`; the same seed gives the same pack. Used to
measure how much accuracy is kept, never to judge clean data.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib.resources import files

import jieba
from pypinyin import Style, lazy_pinyin

from nlu.data import DataSet
from nlu.evaluate.noise_words import EMOJI, KEYBOARD, LOOK_ALIKE, MIXED

jieba.setLogLevel(logging.WARNING)

RATE = 0.2
"""Share of the characters that may be changed, at least one where any can be."""
COMMON_CHARACTERS = 3000
"""Homophones are drawn from the commonest characters: an input method offers those."""

Noise = Callable[[str, random.Random], str]


def pinyin(text: str, rng: random.Random) -> str:
    """我要退款 -> 我要tuikuan: one word typed without converting it."""
    words = [word for word in jieba.lcut(text) if any(map(_is_han, word))]
    if not words:
        return text
    word = rng.choice(words)
    return text.replace(word, "".join(lazy_pinyin(word)), 1)


def all_pinyin(text: str, rng: random.Random) -> str:
    """我要退款 -> wo yao tui kuan: typed without an input method, with blanks or with fewer."""
    between = rng.choice(["", " "])
    spelt = (
        between.join(lazy_pinyin(word)) if any(map(_is_han, word)) else word
        for word in jieba.lcut(text)
    )
    return " ".join(" ".join(spelt).split()) if any(map(_is_han, text)) else text


def homophones(text: str, rng: random.Random) -> str:
    """退款 -> 推宽: the input method's first offer was taken."""
    table = _homophones()
    return _swap(text, rng, lambda char: table.get(_sound(char), "") if _is_han(char) else "")


def look_alikes(text: str, rng: random.Random) -> str:
    """未收 -> 末收: read off a picture, or meant to slip past a filter."""
    return _swap(text, rng, lambda char: LOOK_ALIKE.get(char, ""))


def traditional(text: str, rng: random.Random) -> str:
    """订单 -> 訂單, all of it: who writes traditional script writes all in it."""
    table = _traditional()
    return "".join(table.get(char, char) for char in text)


def full_width(text: str, rng: random.Random) -> str:
    """A1002 -> Ａ１００２."""
    return "".join(
        chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text
    )


def spacing(text: str, rng: random.Random) -> str:
    """Blanks where none belong."""
    return "".join(char + (" " if rng.random() < RATE else "") for char in text).rstrip()


def repeats(text: str, rng: random.Random) -> str:
    """快点 -> 快快快点."""
    if not text:
        return text
    at = rng.randrange(len(text))
    return text[:at] + text[at] * rng.randint(3, 6) + text[at + 1 :]


def emoji(text: str, rng: random.Random) -> str:
    at = rng.choice([0, len(text)])
    return text[:at] + "".join(rng.choices(EMOJI, k=rng.randint(1, 3))) + text[at:]


def typos(text: str, rng: random.Random) -> str:
    """Latin letters: a neighbour key, a swap, a letter lost; Chinese: two characters swapped."""
    at = _positions(text, rng, lambda char: char.isalpha())
    chars = list(text)
    for index in at:
        char = chars[index]
        if char.lower() in KEYBOARD and rng.random() < 0.5:
            chars[index] = rng.choice(KEYBOARD[char.lower()])
        elif index + 1 < len(chars):
            chars[index], chars[index + 1] = chars[index + 1], chars[index]
    return "".join(chars)


def mixed(text: str, rng: random.Random) -> str:
    """我的订单 -> 我的 order, refund -> 退款: one word in the other language."""
    here = [word for word in MIXED if word in text]
    if not here:
        return text
    word = rng.choice(here)
    return text.replace(word, f" {MIXED[word]} ", 1).strip()


KINDS: dict[str, Noise] = {
    "pinyin": pinyin,
    "all_pinyin": all_pinyin,
    "homophones": homophones,
    "look_alikes": look_alikes,
    "traditional": traditional,
    "full_width": full_width,
    "spacing": spacing,
    "repeats": repeats,
    "emoji": emoji,
    "typos": typos,
    "mixed": mixed,
}


def noisy(text: str, kind: str, seed: int) -> str:
    """`text` with one kind of noise; the same text, kind and seed give the same result."""
    return KINDS[kind](text, random.Random(f"{seed}:{kind}:{text}"))


def noisy_set(data: DataSet, kind: str, seed: int) -> DataSet:
    """Every text with one kind of noise; without entities, whose offsets noise moves."""
    examples = (
        replace(example, text=noisy(example.text, kind, seed), entities=None)
        for example in data.examples
    )
    return replace(data, examples=tuple(examples))


def _swap(text: str, rng: random.Random, choices: Callable[[str], str]) -> str:
    chars = list(text)
    for index in _positions(text, rng, lambda char: bool(choices(char))):
        others = [other for other in choices(chars[index]) if other != chars[index]]
        chars[index] = rng.choice(others) if others else chars[index]
    return "".join(chars)


def _positions(text: str, rng: random.Random, may: Callable[[str], bool]) -> list[int]:
    able = [index for index, char in enumerate(text) if may(char)]
    return sorted(rng.sample(able, min(len(able), max(1, round(len(able) * RATE))))) if able else []


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _sound(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0]


@cache
def _homophones() -> dict[str, str]:
    jieba.initialize()
    counts = {word: n for word, n in jieba.dt.FREQ.items() if len(word) == 1 and _is_han(word)}
    common = sorted(counts, key=lambda char: -counts[char])[:COMMON_CHARACTERS]
    table: dict[str, str] = {}
    for char in common:
        table[_sound(char)] = table.get(_sound(char), "") + char
    return table


@cache
def _traditional() -> dict[str, str]:
    table = files("opencc") / "dictionary" / "STCharacters.txt"
    pairs = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return {pair[0]: pair[1].split(" ")[0] for pair in pairs if len(pair) == 2}
