"""Decides whether a sentence of a language model says only what a passage says.

Pure and strict: a sentence wrongly withheld costs a quoted entry, a wrong one costs the shop's
word. A sentence is supported if *one* passage carries all of it: its numbers with their units,
links, addresses and codes, its promises, its words, and its yes or no.

``check("满 99 元包邮。", ["大陆地区满 99 元包邮。"])`` is supported;
``check("满 69 元包邮。", ...)`` is not: ``number 69 money``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import cn2an
import yaml

from dialogue.folding import fold

LEAST_COVERAGE = 0.6
"""Share of a sentence's words that the passage must have. Chosen on our own test questions."""
_CLAUSE_OVERLAP = 0.34
"""Two clauses speak of the same thing from here on; then they must both deny it, or neither."""

_SENTENCE = re.compile(
    r".+?(?:[。！？!?]+[”\"'）)]*|(?<!\d)\.(?=\s|$)|(?<=\d)\.(?=\s|$)|\n|$)", re.S
)
_CLAUSE = re.compile(r"[，；：。！？!?;\n、]|(?<!\d),|,(?!\d)|:(?!\d)|\.(?=\s|$)|\bbut\b|但")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。；）)\]]+|\b[\w-]+\.(?:com|cn|net|org|io|shop)\b\S*"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])"
)
_PHONE = re.compile(r"(?<!\d)\+?\d[\d\- ]{5,}\d(?!\d)")
_CLOCK = re.compile(
    r"(?<!\d)(\d{1,2})[:点时](\d{2})?分?(?!\d)|(?<!\d)(\d{1,2}) ?(am|pm|a\.m\.|p\.m\.)"
)
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_HAN_NUMBER = re.compile(
    r"[零一二两三四五六七八九十百千万]+(?=\s*(?:个?工作日|个?小时|个?星期|个?月|分钟|[天日年元块周折期次件张分倍%]))"
)
_PERCENT_ZH = re.compile(r"百分之([零一二两三四五六七八九十百\d]+)")
_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[a-z][a-z']*")
_PADDING = re.compile(r"(?=[^\W\d_])(.{1,16}?)\1{2,}")
"""Said three times over: ``啦啦啦``, ``免运费，免运费，免运费，``."""


class Fact(NamedTuple):
    """Something that must be in the passage to the letter."""

    kind: str
    """``number``, ``time``, ``link``, ``email``, ``phone`` or ``code``."""
    value: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    supported: bool
    reason: str = ""
    """What no passage carries, for the trace: ``number 69 money``, ``negation``, ``words 0.31``."""
    passage: int | None = None
    """Index of the passage that carries the sentence."""


class _Lexicon(NamedTuple):
    promises: tuple[tuple[re.Pattern[str], ...], ...]
    negations: re.Pattern[str]
    not_negations: re.Pattern[str]
    units: tuple[tuple[str, str], ...]
    courtesies: frozenset[str]
    stop: frozenset[str]
    numbers: Mapping[str, int]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    data = yaml.safe_load((files(__package__) / "grounding.yml").read_text(encoding="utf-8"))
    units = [(word, unit) for unit, words in data["units"].items() for word in words]
    en = "|".join(map(re.escape, data["negations"]["en"]))
    return _Lexicon(
        promises=tuple(tuple(_whole(word) for word in group) for group in data["promises"]),
        negations=re.compile("|".join(data["negations"]["zh"]) + rf"|\b(?:{en})\b|n't\b"),
        not_negations=re.compile("|".join(map(re.escape, data["not_negations"]))),
        units=tuple(sorted(units, key=lambda pair: -len(pair[0]))),
        courtesies=frozenset(data["courtesies"]),
        stop=frozenset(data["stop_words"]["zh"]) | frozenset(data["stop_words"]["en"]),
        numbers=data["numbers"]["en"],
    )


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(re.escape(word) if _HAN.search(word) else rf"\b{re.escape(word)}\b")


def plain(text: str) -> str:
    """Half width, lower case, numbers in digits: ``三天`` is ``3天``, ``two days`` ``2 days``."""
    text = fold(text)
    text = re.sub(r"[​-‏‪-‮⁠﻿]", "", text)
    text = _PERCENT_ZH.sub(lambda m: f"{_digits(m[1])}%", text)
    text = _HAN_NUMBER.sub(lambda m: _digits(m[0]), text)
    numbers = _lexicon().numbers
    return re.sub(r"\b[a-z]+\b", lambda m: str(numbers.get(m[0], m[0])), text)


def _digits(number: str) -> str:
    try:
        return str(int(cn2an.cn2an(number, "smart")))
    except ValueError:
        return number


def sentences(text: str) -> Iterator[str]:
    """Cut at full stops and line ends, not inside ``3.5`` or ``a.example``."""
    for match in _SENTENCE.finditer(text):
        if sentence := match[0].strip():
            yield sentence


def facts(text: str) -> frozenset[Fact]:
    """Every number, time, link, address, phone and code of `text`."""
    return frozenset(fact for fact, _ in _found(plain(text)))


def _found(text: str) -> list[tuple[Fact, int]]:
    """Facts of a plain text and where they begin; what one pattern took, no later one reads."""
    found: list[tuple[Fact, int]] = []

    def take(kind: str, pattern: re.Pattern[str], text: str) -> str:
        def note(match: re.Match[str]) -> str:
            found.append((Fact(kind, _value(kind, match)), match.start()))
            return "\x00" * len(match[0])

        return pattern.sub(note, text)

    for kind, pattern in (
        ("email", _EMAIL),
        ("link", _LINK),
        ("time", _CLOCK),
        ("phone", _PHONE),
        ("code", _CODE),
    ):
        text = take(kind, pattern, text)
    for match in _NUMBER.finditer(text):
        value = match[0].rstrip(",").replace(",", "")
        value = value.rstrip("0").rstrip(".") if "." in value else str(int(value))
        found.append((Fact("number", value, _unit(text, match)), match.start()))
    return found


def _value(kind: str, match: re.Match[str]) -> str:
    if kind == "phone":
        return re.sub(r"\D", "", match[0])
    if kind == "time":
        if match[4]:
            hour = int(match[3]) % 12 + (12 if match[4].startswith("p") else 0)
            return f"{hour}:00"
        return f"{int(match[1])}:{match[2] or '00'}"
    return match[0].rstrip("./")


def _unit(text: str, match: re.Match[str]) -> str:
    after = text[match.end() :].lstrip(" ")
    span = re.match(r"(?:[-–~至到]|to|or|and)\s*\d[\d,.]*\s*", after)
    if span:
        after = after[span.end() :]
    before = text[: match.start()].rstrip(" ")
    if before.endswith("¥"):
        return "money"
    if before.endswith("$"):
        return "dollar"
    for word, unit in _lexicon().units:
        if after.startswith(word) and (_HAN.match(word) or not after[len(word) :][:1].isalpha()):
            return unit
    return ""


def check(sentence: str, passages: Sequence[str]) -> Check:
    """Whether one of `passages` carries all that `sentence` says; if none, the nearest miss."""
    if courteous(sentence):
        return Check(True)
    best = Check(False, "no passages")
    best_coverage = -1.0
    for index, passage in enumerate(passages):
        coverage = _coverage(terms(sentence), terms(passage))
        reason = _missing(sentence, passage, coverage)
        if not reason:
            return Check(True, passage=index)
        if coverage > best_coverage:
            best, best_coverage = Check(False, reason), coverage
    return best


def courteous(sentence: str) -> bool:
    words = re.split(r"[，,。.！!？?~～\s]*[，,。.！!？?~～][\s]*", plain(sentence).strip())
    return all(not word or word in _lexicon().courtesies for word in words)


def _missing(sentence: str, passage: str, coverage: float) -> str:
    """What `passage` does not carry of `sentence`; empty if it carries all."""
    said, known = plain(sentence), plain(passage)
    carried = facts(passage)
    for fact in sorted(facts(sentence)):
        alike = {f for f in carried if f.kind == fact.kind and f.value == fact.value}
        if not alike or (fact.unit and fact.unit not in {f.unit for f in alike}):
            return " ".join(part for part in fact if part)
    for group in _lexicon().promises:
        promise = next((word.search(said) for word in group if word.search(said)), None)
        if promise is not None and not any(word.search(known) for word in group):
            return f"promise {promise[0]}"
    if (padding := _PADDING.search(said)) and padding[0] not in known:
        return f"padding {padding[1]}"
    if coverage < LEAST_COVERAGE:
        return f"words {coverage:.2f}"
    return _contradiction(said, known)


def _contradiction(said: str, known: str) -> str:
    """Each clause must deny what its counterpart denies, and keep its numbers in their place."""
    known_clauses = clauses(known)
    for clause in clauses(said):
        mine = terms(clause)
        if not mine:
            continue
        ranked = [(_coverage(mine, terms(other)), other) for other in known_clauses]
        top = max((score for score, _ in ranked), default=0.0)
        if top < _CLAUSE_OVERLAP:
            continue
        near = [other for score, other in ranked if score == top]
        if all(negated(other) != negated(clause) for other in near):
            return "negation"
        if misplaced := _misplaced(clause, mine, known_clauses):
            return misplaced
    return ""


def _misplaced(clause: str, mine: frozenset[str], known_clauses: Sequence[str]) -> str:
    """A number that the passage tells of something else: ``满 8 元包邮`` from ``运费 8 元``."""
    for fact in sorted(facts(clause)):
        if fact.kind != "number":
            continue
        homes = [c for c in known_clauses if any(f[:2] == fact[:2] for f in facts(c))]
        if homes and not any(mine & terms(home) for home in homes):
            return f"misplaced {fact.value}"
    return ""


def clauses(text: str) -> list[str]:
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


def negated(clause: str) -> bool:
    """Whether `clause` denies, two denials cancelling each other: ``不是不能退`` does not."""
    bare = _lexicon().not_negations.sub(" ", plain(clause))
    return len(_lexicon().negations.findall(bare)) % 2 == 1


def terms(text: str) -> frozenset[str]:
    """What carries meaning: pairs of Chinese characters, stems of other words."""
    text, stop = plain(text), _lexicon().stop
    found = {_stem(word) for word in _WORD.findall(text) if word not in stop}
    for run in re.findall(r"[㐀-鿿]+", text):
        kept = "".join(char for char in run if char not in stop)
        found.update(kept[i : i + 2] for i in range(len(kept) - 1))
        if len(kept) == 1:
            found.add(kept)
    return frozenset(found)


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in ("ing", "ied", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)].rstrip("ei")
    return word.rstrip("ei") if len(word) > 3 else word


def _coverage(said: frozenset[str], known: frozenset[str]) -> float:
    return len(said & known) / len(said) if said else 1.0
