"""Amounts of money: ¥199, 199块9, 三百五, 五毛钱, 1.2万元, $20, 20 bucks. The value is ``"199.90"``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nlu.extract.values.found import Found
from nlu.extract.values.numbers import CHINESE_DIGITS, NUMBER, WHOLE_NUMBER, parse_number

_COUNTED = (
    "个件只双条张本台部盒袋瓶包块斤克公米里平天号日月年周小时分秒点楼层栋单位人次倍度种款斤寸升"
)
"""三百五 before one of these is a number of things, not of money."""
_TIMES = {"千": 1000, "k": 1000, "K": 1000, "w": 10000, "W": 10000, "万": 10000, "百": 100}
_SPOKEN = "一二两三四五六七八九"
_AMOUNT = rf"(?<![\d{CHINESE_DIGITS}])(?:\d+,\d{{2}}(?!\d)|{NUMBER})"
_MONEY = re.compile(
    rf"(?:(?P<sign>(?:HK|US|NT|[ACS])?\$|[¥￥€£]|RMB|CNY|USD|HKD|EUR|GBP)\s{{0,3}}(?P<after>{_AMOUNT})(?P<after_times>[千万kKwW](?![A-Za-z]))?)"
    rf"|(?P<before>{_AMOUNT})\s{{0,3}}(?P<times>[千万kKwW百])?\s{{0,3}}"
    r"(?P<unit>块钱?|元钱?|圆|人民币|美元|美金|欧元|英镑|港币|港元|刀|RMB\b|CNY\b|USD\b|HKD\b|yuan\b|dollars?\b|bucks?\b|euros?\b|pounds?\b|quid\b)"
    r"(?:(?P<tenths>[\d一二三四五六七八九])(?:毛|角)?(?![\d十百千万个件天月日号年点])|\s+and\s+(?P<cents>\d{1,2})\s+cents?\b)?"
    rf"|(?P<small>{WHOLE_NUMBER})\s{{0,3}}(?P<small_unit>[毛角]钱|分钱|cents?\b)"
    # 一千二, 1万2: what is left out is the unit before the last digit's.
    rf"|(?<![\d{CHINESE_DIGITS}第])(?P<bare>(?:\d{{1,9}}|[{_SPOKEN}])[百千万][{_SPOKEN}\d])"
    rf"(?![\d.{CHINESE_DIGITS}{_COUNTED}])",
    re.IGNORECASE,
)


def find_money(text: str) -> Iterator[Found]:
    """``"退我199块9"`` gives (2, 7, "199.90")."""
    for match in _MONEY.finditer(text):
        amount = _amount(match)
        if amount is not None:
            yield Found(match.start(), match.end(), f"{amount:.2f}")


def _amount(match: re.Match[str]) -> Decimal | None:
    if match["small"]:
        number = parse_number(match["small"])
        part = 10 if match["small_unit"][0] in "毛角" else 100
        return None if number is None else number / part
    if match["bare"]:
        return parse_number(match["bare"])
    said = match["after"] or match["before"]
    number = parse_number(re.sub(r"^(\d+),(\d{2})$", r"\1.\2", said))
    if number is None:
        return None
    times = match["after_times"] or match["times"]
    amount = number * _TIMES.get(times, 1) if times else number
    if match["tenths"] and amount == amount.to_integral_value():
        amount += (parse_number(match["tenths"]) or Decimal(0)) / 10
    return amount + Decimal(match["cents"] or 0) / 100
