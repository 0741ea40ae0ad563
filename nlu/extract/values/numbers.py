"""Numbers as people write them in either language."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

import cn2an

CHINESE_DIGITS = "零〇一二两俩三四五六七八九十百千万亿"
NUMBER = rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?|[{CHINESE_DIGITS}]+)"
"""A run of digits or of Chinese numerals."""
WHOLE_NUMBER = rf"(?<![\d{CHINESE_DIGITS}]){NUMBER}"
"""From its beginning: a long run is tried once, not from each of its digits."""

_SHORT = re.compile(
    rf"^(?P<head>(?:\d+|[{CHINESE_DIGITS}]*)(?P<unit>[百千万]))(?P<tail>[一二三四五六七八九\d])$"
)
_SPOKEN = str.maketrans({"两": "二", "俩": "二", "〇": "零"})
_NEXT_UNIT = {"百": Decimal(10), "千": Decimal(100), "万": Decimal(1000)}


def parse_number(text: str) -> Decimal | None:
    """``"1,299.5"`` is 1299.5, ``"两百"`` is 200, ``"三百五"`` is 350; None for anything else."""
    plain = text.replace(",", "").translate(_SPOKEN)
    try:
        return Decimal(plain)
    except InvalidOperation:
        pass
    short = _SHORT.match(plain)
    try:
        if short:
            tail = Decimal(cn2an.cn2an(short["tail"], "smart"))
            return Decimal(cn2an.cn2an(short["head"], "smart")) + tail * _NEXT_UNIT[short["unit"]]
        return Decimal(str(cn2an.cn2an(plain, "smart")))
    except (ValueError, KeyError):
        return None
