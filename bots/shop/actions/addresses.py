"""Mending a part of an address: ``不对，是5栋`` or ``no, flat 5`` keep all the rest."""

from __future__ import annotations

import re

from .store import ORDER_NUMBER, plain

_SUFFIXES = "号楼|单元|栋|幢|座|室|楼|层|号|弄|巷|期"
_NUMBER = r"[A-Za-z]?[-\d一二三四五六七八九十]+[A-Za-z]?"
_ZH_PART = re.compile(rf"(?P<value>{_NUMBER})\s*(?P<kind>{_SUFFIXES})")
_KINDS = "flat|apartment|apt|unit|room|suite|floor|building|block|house"
_EN_PART = re.compile(
    rf"\b(?P<kind>{_KINDS})\.?\s*(?:no\.?|#)?\s*(?P<value>\w*\d\w*)", re.IGNORECASE
)
_STREETS = "road|rd|street|st|avenue|ave|lane|ln|drive|boulevard|blvd|way|square"
_EN_STREET = re.compile(rf"\b\d+\w*\s+(?:[A-Za-z]+\s+){{1,3}}(?:{_STREETS})\b", re.IGNORECASE)
_INSTEAD = (
    re.compile(r"不是\s*(?P<old>[^，,。；;是]+?)[，,\s]*(?:而?是|应该是)\s*(?P<new>[^，,。；;]+)"),
    re.compile(r"(?:把)?(?P<old>[^，,。；;把]+?)(?:改成|换成|改为)\s*(?P<new>[^，,。；;]+)"),
    re.compile(
        r"\bnot\s+(?P<old>[\w ]+?)[,;]?\s+(?:but|it'?s|it is)\s+(?P<new>[\w ]+)", re.IGNORECASE
    ),
    re.compile(r"\b(?P<new>[\w]+)[,;]?\s+not\s+(?P<old>[\w]+)", re.IGNORECASE),
)
_BARE = re.compile(r"(?<!\d)(?P<value>\d+[A-Za-z]?)(?!\d)")


def mended(address: str, correction: str) -> str | None:
    """`address` with what `correction` says of it; None if it says nothing of a part of it.

    Worked example: ``mended("漕溪北路100号3栋1102", "不对，是5栋")`` is ``"漕溪北路100号5栋1102"``.
    """
    text = plain(correction)
    for pattern in _INSTEAD:
        found = pattern.search(text)
        if found and (old := found["old"].strip()) and old in address:
            return address.replace(old, found["new"].strip())
    if street := _EN_STREET.search(text):
        return _replaced(_EN_STREET, address, street[0])
    after = address
    for pattern in (_ZH_PART, _EN_PART):
        for part in pattern.finditer(text):
            after = _with_part(pattern, after, part)
    if after != address:
        return after
    return _with_bare_number(address, text)


def _with_part(pattern: re.Pattern[str], address: str, part: re.Match[str]) -> str:
    """With `part` in place of the one of the same kind; else before the rest, as in English."""
    for there in pattern.finditer(address):
        if there["kind"].lower() == part["kind"].lower():
            return address[: there.start()] + part[0] + address[there.end() :]
    if pattern is _EN_PART:
        return f"{part[0][0].upper()}{part[0][1:]}, {address}"
    bare = re.search(r"(?<=\D)\d+[A-Za-z]?$", address)  # "...3栋1102": a room needs no suffix
    return address[: bare.start()] + part[0] if bare and part["kind"] == "室" else address


def _with_bare_number(address: str, text: str) -> str | None:
    """One number alone is the room at a Chinese address's end, the house at an English one's start."""
    numbers = _BARE.findall(text)
    if len(numbers) != 1:
        return None
    end = re.search(r"(?<=\D)\d+[A-Za-z]?$", address)
    start = re.match(r"\d+[A-Za-z]?(?=\s)", address)
    if end and not address.isascii():
        return address[: end.start()] + numbers[0]
    return numbers[0] + address[start.end() :] if start else None


def _replaced(pattern: re.Pattern[str], address: str, new: str) -> str | None:
    found = pattern.search(address)
    return address[: found.start()] + new + address[found.end() :] if found else None


def is_whole(text: str) -> bool:
    """Whether `text` is an address by itself, and no correction of one."""
    text = plain(text)
    if text.isascii():
        return _EN_STREET.search(text) is not None and "," in text and len(text.split()) > 5
    return bool(re.search("[省市州县區区].*[路街道村巷镇]", text)) and not re.search(
        "不是|改成|换成", text
    )


_TO = re.compile(r"(?:改到|改成|改为|改送到?|送到|寄到|\bto)\s*(?P<place>\S.+)$", re.IGNORECASE)

_BESIDES = re.compile(
    r"[\s,;。!]*(?:(?:我的)?(?:订单|訂單|单号|單號|\b(?:for |on )?(?:my |the )?order\b)[号號是为:# ]*"
    rf"(?:number|no\.?|is|[:#\s])*)?{ORDER_NUMBER.pattern}的?"
    r"|[\s,;。.!]+(?:谢谢|多谢|麻烦|辛苦|拜托|thanks|thank you|please|pls|thx)\S{0,3}\s*$",
    re.IGNORECASE,
)
"""What is said beside an address: which order it is of, thanks."""
_ENDS = " ,;。.!"


def destination_in(text: str) -> str | None:
    """The whole address that a message says to send to: ``A10038 的地址改到上海市...``."""
    found = _TO.search(plain(text))
    if found is None:
        return None
    place = _BESIDES.sub("", found["place"]).strip(_ENDS)
    return place if is_whole(place) else None
