"""Chinese dates and times, relative ones too: 昨天下午三点, 下周三, 一个半月前, 月底, 11月5号, 双十一."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from nlu.extract.values.found import Found
from nlu.extract.values.holidays import CHINESE as HOLIDAYS
from nlu.extract.values.holidays import SAID_AS_DATE, holiday
from nlu.extract.values.numbers import NUMBER, WHOLE_NUMBER, parse_number

_DAYS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "昨儿": -1, "琴日": -1,
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今晨": 0, "今儿": 0,
    "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "明儿": 1, "听日": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_WEEKS = {"上上": -2, "上": -1, "下": 1, "下下": 2, "这": 0, "本": 0, "": 0}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "末": 5, "日": 6, "天": 6}
_YEARS = {"前": -2, "去": -1, "今": 0, "明": 1}
_UNITS = {
    "天": "days", "日": "days", "周": "weeks", "星期": "weeks", "礼拜": "weeks", "月": "months",
    "年": "years", "小时": "hours", "钟头": "hours", "分钟": "minutes",
}  # fmt: skip
_EDGES = {"初": 1, "中": 15, "中旬": 15, "底": 31, "末": 31}
_DIGITS = {char: str(at % 10) for at, char in enumerate("零一二三四五六七八九")} | {"〇": "0"}
_AFTERNOON = ("下午", "傍晚")
_NIGHT = ("晚上", "今晚", "明晚", "昨晚", "夜里", "半夜", "深夜")
_LATE = 5
"""晚上一点 is after midnight, 晚上五点 is before it."""
_NOON_ENDS = 4
_WORDS = "|".join(sorted(_DAYS, key=len, reverse=True))

_DATE = (
    rf"(?P<word>{_WORDS})"
    r"|(?P<week>上上|上|下下|下|这|本)?个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])"
    rf"|(?P<count>半|{WHOLE_NUMBER})\s{{0,3}}个?(?P<half_of>半)?(?P<of>天|日|周|星期|礼拜|月|年|小时|钟头|分钟)(?P<and_half>半)?(?P<way>之?前|以前|之?后|以后)"
    rf"|(?:再过|(?<![\u4e00-\u9fff])过)(?P<through>{NUMBER})个?(?P<through_of>天|周|星期|礼拜|月|年|小时|钟头|分钟)"
    r"|(?P<edge_of>[上下这本]个?)?月(?P<edge>[初底末]|中旬)|(?P<edge_year>[去今明]?)年(?P<year_edge>[初底末])"
    rf"|(?:(?P<year>\d{{4}}|\d{{2}}|[零〇一二三四五六七八九]{{4}}|[前去今明])年)?(?P<month>(?<![A-Za-z\d])\d{{1,2}}|[一二两三四五六七八九十]{{1,2}})月(?:(?P<day>{NUMBER})[日号]?|(?P<month_edge>[初底末]|中旬))?"
    r"|(?<![A-Za-z\d.-])(?P<iso_y>(?:19|20)\d\d)[-/.](?P<iso_m>\d{1,2})[-/.](?P<iso_d>\d{1,2})(?![A-Za-z\d-])"
    r"|(?<![A-Za-z\d./-])(?!24/7(?!\d))(?P<slash_a>\d{1,2})/(?P<slash_b>\d{1,2})(?:/(?P<slash_y>(?:19|20)\d\d))?(?![A-Za-z\d/.-])"
    r"|(?P<which>上|下|这|本)个?月(?:(?P<which_day>" + NUMBER + r")[日号])?"
    rf"|(?:(?P<holiday_year>[前去今明])年(?:的)?)?(?P<holiday>{HOLIDAYS})"
    rf"|(?<![A-Za-z\d./-])(?P<dotted_m>\d{{1,2}})[-.](?P<dotted_d>\d{{1,2}})(?![\d./-]){SAID_AS_DATE}"
    r"|(?<=[在于从到])(?P<dashed_m>\d{1,2})-(?P<dashed_d>\d{1,2})(?![A-Za-z\d./-])(?!\s?[个小天周月年岁元块件折])"
    r"|(?<![\d路街巷弄幢栋第])(?<!大道)(?<!街道)(?P<only_day>\d{1,2}|[一二三十]{1,3})[号日](?![楼店线门款院厅桌机房馆])"
)
_PARTS = "凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|深夜"
_TIME = (
    rf"(?:(?P<part>{_PARTS})\s{{0,3}})?"
    rf"(?:(?P<hour>{WHOLE_NUMBER})[点时](?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{NUMBER})分?|钟|整)?"
    r"|(?P<clock>\d{1,2}):(?P<clock_m>\d{2}))"
)
_WHOLE = re.compile(rf"(?:{_DATE})(?:的?\s{{0,3}}{_TIME}|(?P<part_only>{_PARTS}))?")
_ONLY_TIME = re.compile(rf"(?<!\d){_TIME}")
_A_LITTLE = re.compile(r"[一1]?点$")
"""一点也不 and 差一点 tell no time; 下午一点 does, and so does 一点半."""


def find_chinese_dates(text: str, now: datetime) -> Iterator[Found]:
    """``"昨天下午三点下的单"`` gives (0, 6, "2026-11-22T15:00") on 2026-11-23."""
    for match in _WHOLE.finditer(text):
        try:
            day = _day(match, now)
            clock, is_next_day = _clock(match, match["word"] or "")
            if day is not None and clock is not None and is_next_day:
                day += timedelta(days=1)
        except (ValueError, OverflowError):
            continue  # the 31st of February is a number, not a date
        if day is not None:
            yield Found(match.start(), match.end(), _iso(day, clock))


def find_chinese_times(text: str) -> Iterator[Found]:
    """Times of day alone: ``"三点半"`` gives "03:30", ``"下午三点半"`` gives "15:30"."""
    for match in _ONLY_TIME.finditer(text):
        clock, _ = _clock(match, "")
        if clock is not None and not _A_LITTLE.match(match.group()):
            yield Found(match.start(), match.end(), f"{clock:%H:%M}")


def _day(match: re.Match[str], now: datetime) -> datetime | date | None:
    today = now.date()
    if match["word"]:
        return today + timedelta(days=_DAYS[match["word"]])
    if match["weekday"]:
        monday = today - timedelta(days=today.weekday())
        weeks = _WEEKS[match["week"] or ""]
        return monday + timedelta(weeks=weeks, days=_WEEKDAYS[match["weekday"]])
    if match["count"]:
        return _shifted(match, now)
    if match["through"]:
        return _moved(now, _UNITS[match["through_of"]], _integer(match["through"]))
    if match["edge"]:
        first = today.replace(day=1) + relativedelta(months=_WEEKS[(match["edge_of"] or "")[:1]])
        return _day_of(first, _EDGES[match["edge"]])
    if match["year_edge"]:
        year = _year(match["edge_year"] or None, today)
        return date(year, 1, 1) if match["year_edge"] == "初" else date(year, 12, 31)
    if match["iso_y"]:
        return date(int(match["iso_y"]), int(match["iso_m"]), int(match["iso_d"]))
    if match["slash_a"]:
        return _slashed(match, today)
    if match["holiday"]:
        said = match["holiday_year"]
        return holiday(match["holiday"], today, today.year + _YEARS[said] if said else None)
    for month, day in (("dotted_m", "dotted_d"), ("dashed_m", "dashed_d")):
        if match[month]:
            return date(today.year, int(match[month]), int(match[day]))
    if match["which"]:
        first = today.replace(day=1) + relativedelta(months=_WEEKS[match["which"]])
        return first.replace(day=_integer(match["which_day"])) if match["which_day"] else None
    if match["only_day"]:
        return today.replace(day=_integer(match["only_day"]))
    if match["month_edge"]:
        first = date(_year(match["year"], today), _integer(match["month"]), 1)
        return _day_of(first, _EDGES[match["month_edge"]])
    if match["month"] and match["day"]:
        return date(_year(match["year"], today), _integer(match["month"]), _integer(match["day"]))
    return None


def _day_of(month: date, day: int) -> date:
    """The 31st of a shorter month is its last day."""
    found: date = month + relativedelta(day=day)
    return found


def _shifted(match: re.Match[str], now: datetime) -> datetime | date:
    sign = -1 if match["way"].endswith("前") else 1
    unit = _UNITS[match["of"]]
    half = sign if match["half_of"] or match["and_half"] else 0
    if match["count"] == "半":
        return _moved(now, unit, 0, sign)
    return _moved(now, unit, sign * _integer(match["count"]), half)


def _moved(now: datetime, unit: str, amount: int, half: int = 0) -> datetime | date:
    """`amount` units from now, and half a unit more or less."""
    if abs(amount) > 10_000:
        raise ValueError(f"expected a count up to 10000, got {amount}")
    halves = {"months": ("days", 15), "years": ("months", 6), "hours": ("minutes", 30)}
    smaller, size = halves.get(unit, ("hours", 84 if unit == "weeks" else 12))
    moved: datetime = (
        now + relativedelta(**{unit: amount}) + relativedelta(**{smaller: half * size})
    )
    return moved if unit in {"hours", "minutes"} else moved.date()


def _slashed(match: re.Match[str], today: date) -> date:
    """11/5 is in November, 25/12 can only be in December."""
    month, day = int(match["slash_a"]), int(match["slash_b"])
    if month > 12:
        month, day = day, month
    return date(int(match["slash_y"] or today.year), month, day)


def _year(said: str | None, today: date) -> int:
    if said is None:
        return today.year
    if said in _YEARS:
        return today.year + _YEARS[said]
    if said[0] in _DIGITS:
        return int("".join(_DIGITS[char] for char in said))
    return int(said) if len(said) == 4 else 2000 + int(said)


def _clock(match: re.Match[str], word: str) -> tuple[time | None, bool]:
    """The time of day, and whether the night has brought it to the next day."""
    if match["hour"]:
        hour = _whole(match["hour"])
        minute = _whole(match["minute"]) if match["minute"] else 0
        minute = 30 if match["half"] else minute
        minute = {"一": 15, "三": 45}[match["quarter"]] if match["quarter"] else minute
    elif match["clock"]:
        hour, minute = int(match["clock"]), int(match["clock_m"])
    else:
        return None, False
    if hour is None or minute is None or not (0 <= hour <= 24 and 0 <= minute < 60):
        return None, False
    part = match["part"] or word
    is_night = part in _NIGHT
    is_next_day = hour == 24 or (is_night and (hour == 12 or hour < _LATE))
    if is_next_day or (hour == 12 and part == "凌晨"):
        hour %= 12
    elif hour < 12 and (is_night or part in _AFTERNOON or (part == "中午" and hour < _NOON_ENDS)):
        hour += 12
    return time(hour, minute), is_next_day


def _iso(day: datetime | date, clock: time | None) -> str:
    if isinstance(day, datetime):
        return day.isoformat(timespec="minutes")
    moment = datetime.combine(day, clock) if clock else None
    return moment.isoformat(timespec="minutes") if moment else day.isoformat()


def _whole(text: str) -> int | None:
    number = parse_number(text)
    return int(number) if number is not None and number == int(number) else None


def _integer(text: str) -> int:
    number = _whole(text)
    if number is None:
        raise ValueError(f"expected a whole number, got {text!r}")
    return number
