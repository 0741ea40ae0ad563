"""What the actions say in names and labels, read from words.yml; sentences are responses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker

from .store import plain
from .tables import Item, Order

ALL = "all"
_NOT = re.compile(r"n't\b")


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).with_name("words.yml")
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def language_of(tracker: Tracker) -> str:
    return "en" if tracker.get_slot("language") == "en" else "zh"


def label(group: str, key: str, language: str) -> str:
    """The name of `key`: ``label("status", "paid", "zh")`` gives ``"已付款"``."""
    entry = _words()[group].get(key)
    return str(entry[language]) if entry else key


def product_in(text: str) -> str | None:
    """The product that `text` names: the longest alias wins (``"乳胶枕"`` before ``"枕"``)."""
    text = _bare(text)
    if text in _words()["products"]:
        return text
    hits = [
        (len(alias), key)
        for key, entry in _words()["products"].items()
        for alias in entry["aliases"]
        if alias in text
    ]
    return max(hits)[1] if hits else None


def means_everything(text: str) -> bool:
    text = _bare(text)
    return text == ALL or any(word in text for word in _words()["everything"])


def reason_in(text: str) -> str | None:
    """The reason `text` gives, ``other`` if it says something else, None if it says nothing."""
    text = _bare(text)
    reasons = _words()["reasons"]
    if text in reasons:
        return text
    for key, entry in reasons.items():
        if any(_bare(word) in text for word in entry.get("words", ())):
            return str(key)
    return "other" if sum(letter.isalpha() for letter in text) >= 2 else None


def hesitation_in(text: str) -> str | None:
    """``refuse`` for "don't", ``wait`` for "hold on", however much else looks like a yes."""
    text = _bare(text)
    kinds = _words()["hesitation"]
    return next((k for k in ("refuse", "wait") if any(_says(text, w) for w in kinds[k])), None)


def refers_back(text: str) -> bool:
    """Whether `text` means what was spoken of before: ``那个``, ``it``."""
    return any(_says(_bare(text), word) for word in _words()["refers_back"])


def asks_if_returnable(text: str) -> bool:
    return _has_any(text, "asks_if_returnable")


def asks_in_general(text: str) -> bool:
    """Whether `text` asks how it always is, not how it stands: ``退款多久到账``."""
    return _has_any(text, "asks_in_general")


def urges(text: str) -> bool:
    return _has_any(text, "urges")


def misses_parcel(texts: Iterable[str]) -> bool:
    """Whether it was said that what counts as delivered is not there."""
    return any(_has_any(text, "misses_parcel") for text in texts)


def submits(text: str) -> bool:
    return _has_any(text, "submits")


def _has_any(text: str, kind: str) -> bool:
    said = _bare(text)
    return any(_bare(word) in said for word in _words()[kind])


def _bare(text: str) -> str:
    """Plain, in lower case, and ``don't`` as ``dont``: many type it so."""
    return _NOT.sub("nt", plain(text).lower())


def _says(text: str, word: str) -> bool:
    """Words of an alphabet count whole only: ``it`` is not in ``with``."""
    word = _bare(word)
    return bool(re.search(rf"\b{re.escape(word)}\b", text)) if word.isascii() else word in text


def money(fen: int) -> str:
    """``23900`` gives ``"239"``, ``1250`` gives ``"12.50"``."""
    return str(fen // 100) if fen % 100 == 0 else f"{fen / 100:.2f}"


def day(value: date | None, language: str) -> str:
    """``"11月5日"`` or ``"5 November"``."""
    if value is None:
        return label("other", "unknown_day", language)
    return f"{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B}"


def item_name(item: Item, language: str) -> str:
    name = label("products", item.product, language)
    return name if item.quantity == 1 else f"{name} ×{item.quantity}"


def items_of(order: Order, language: str) -> str:
    return ("、" if language == "zh" else ", ").join(item_name(i, language) for i in order.items)


def masked(phone: str) -> str:
    """``"13800000126"`` gives ``"138****0126"``."""
    return f"{phone[:3]}****{phone[-4:]}"
