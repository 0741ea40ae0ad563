"""Days of a fixed date that have a name: 国庆, 双11, 618, Christmas Eve, Black Friday; the nearest one.

Who writes in January of 双十一 tells of the last one; who asks in December for 元旦, of the next.
"""

from __future__ import annotations

import re
from datetime import date

from dateutil.relativedelta import FR, relativedelta

_NAMED = {
    "元旦": (1, 1), "情人节": (2, 14), "(?:三八)?妇女节|三八节": (3, 8), "愚人节": (4, 1),
    "五一(?:劳动节)?|劳动节": (5, 1), "六一(?:儿童节)?|儿童节": (6, 1), "618|六一八": (6, 18),
    "教师节": (9, 10), "国庆节?": (10, 1), "万圣节": (10, 31), "双(?:十一|11)|光棍节": (11, 11),
    "双(?:十二|12)": (12, 12), "平安夜": (12, 24), "圣诞节?": (12, 25),
    r"new year'?s? eve": (12, 31), r"new year(?:'?s(?: day)?)?": (1, 1),
    r"valentine'?s?(?: day)?": (2, 14), "halloween": (10, 31), r"singles?'? day": (11, 11),
    "(?:christmas|xmas) eve": (12, 24), "(?:christmas|xmas)(?: day)?": (12, 25),
    "boxing day": (12, 26),
}  # fmt: skip
_ALSO_NUMBERS = ("618|六一八", "五一(?:劳动节)?|劳动节", "六一(?:儿童节)?|儿童节")
_BLACK_FRIDAY = "black friday"
SAID_AS_DATE = "(?=[之以]?[前后]|那[天会]|当[天日]|期间|假期|放假|大促|活动|购物节|的时候|的?[买拍订付]|的?下[单的])"
"""What follows a number that is a day: 618买的, 11.11那天."""
CHINESE = (
    "(?:"
    + "|".join(n for n in _NAMED if not n.isascii() and n not in _ALSO_NUMBERS)
    + "|五一劳动节|劳动节|六一儿童节|儿童节)(?!快乐)"
    + rf"|(?<![\dA-Za-z.一二三四五六七八九十])(?:(?:618|六一八){SAID_AS_DATE}"
    + rf"|(?:五一|六一)(?:{SAID_AS_DATE}|(?=\W|$)))"
)
ENGLISH = (
    "(?<!happy )(?<!merry )(?:"
    + "|".join(n for n in [*_NAMED, _BLACK_FRIDAY] if n.isascii() and n[0] != "6")
    + ")"
)


def holiday(name: str, today: date, year: int | None = None) -> date:
    """``"国庆"`` on 2026-11-23 is 2026-10-01, ``"元旦"`` 2027-01-01; or that of the year said."""
    if year is not None:
        return _in_year(name, year)
    around = (_in_year(name, today.year + more) for more in (-1, 0, 1))
    return min(around, key=lambda day: abs((day - today).days))


def _in_year(name: str, year: int) -> date:
    if name.casefold() == _BLACK_FRIDAY:  # after the fourth Thursday of November
        friday: date = date(year, 11, 23) + relativedelta(weekday=FR(1))
        return friday
    days = (day for pattern, day in _NAMED.items() if re.fullmatch(pattern, name, re.IGNORECASE))
    return date(year, *next(days))
