"""Amounts of money: ¥199, 199块9, 三百五, 1.2万元, $20, 20 bucks. The value is ``"199.90"``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nlu.extract.values.found import Found
from nlu.extract.values.numbers import NUMBER, parse_number

_TIMES = {"千": 1000, "k": 1000, "K": 1000, "w": 10000, "W": 10000, "万": 10000, "百": 100}
_MONEY = re.compile(
    rf"(?:(?P<sign>[¥￥$€£]|RMB|CNY|USD|EUR|GBP)\s*(?P<after>{NUMBER})(?P<after_times>[千万kKwW](?![A-Za-z]))?)"
    rf"|(?P<before>{NUMBER})\s*(?P<times>[千万kKwW百])?\s*"
    r"(?P<unit>块钱?|元钱?|圆|人民币|美元|美金|欧元|英镑|港币|刀|RMB\b|CNY\b|USD\b|yuan\b|dollars?\b|bucks?\b|euros?\b|pounds?\b|quid\b)"
    r"(?:(?P<tenths>[\d一二三四五六七八九])(?:毛|角)?(?![\d十百千万个件天月日号年点]))?",
    re.IGNORECASE,
)


def find_money(text: str) -> Iterator[Found]:
    """``"退我199块9"`` gives (2, 7, "199.90")."""
    for match in _MONEY.finditer(text):
        number = parse_number(match["after"] or match["before"])
        if number is None:
            continue
        times = match["after_times"] or match["times"]
        amount = number * _TIMES.get(times, 1) if times else number
        if match["tenths"] and amount == amount.to_integral_value():
            amount += (parse_number(match["tenths"]) or Decimal(0)) / 10
        yield Found(match.start(), match.end(), f"{amount:.2f}")
