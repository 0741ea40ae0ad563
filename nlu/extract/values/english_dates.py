"""English dates and times: next Friday, 3 days ago, yesterday at 3pm, end of the month, 5 Nov 2026."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import dateparser
from dateutil.relativedelta import relativedelta

from nlu.extract.values.found import Found
from nlu.extract.values.holidays import ENGLISH as HOLIDAYS
from nlu.extract.values.holidays import holiday

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_TOLD = r"(?:[01]?\d|2[0-3])(?::[0-5]\d)?\s*(?:am|pm)|noon|midnight"
_CLOCK = rf"{_TOLD}|(?:[01]?\d|2[0-3]):[0-5]\d"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|(?:a\s+)?couple\s+of|(?:a\s+)?few)"
_UNIT = r"(?:minute|hour|day|week|month|year)s?"

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")  # fmt: skip
_HOURS = "|".join(_NUMBERS)

_WHOLE = re.compile(
    r"\b(?:"
    r"(?P<near>(?:the\s+)?day\s+(?:before\s+yesterday|after\s+tomorrow)|yesterday|today|tonight|tomorrow)"
    rf"|(?:(?P<which>last|next|this|on)\s+)?(?P<weekday>{_WEEKDAY})\b"
    rf"|(?P<ago>{_COUNT}\s+{_UNIT}\s+(?:ago|later|from\s+now)|in\s+{_COUNT}\s+{_UNIT})"
    r"|(?P<span>(?:last|next)\s+(?:week|month|year))"
    rf"|(?P<named>{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?)"
    rf"|(?:(?P<holiday_year>last|this|next)\s+)?(?P<holiday>{HOLIDAYS})"
    rf"|(?<=\bon )(?P<dashed>\d{{1,2}}-\d{{1,2}})(?![\d/.-])(?!\s(?:{_UNIT}|{_MONTH}))"
    r"|(?P<edge>end|beginning|start|middle)\s+of\s+(?:the|this|(?P<edge_next>next|last))\s+(?P<edge_of>month|year)"
    r")(?:,?\s+(?P<part>morning|afternoon|evening|night))?"
    rf"(?:,?\s+(?:at\s+|around\s+)?(?P<clock>{_CLOCK})|,?\s+at\s+(?P<hour>1?\d)(?![\d:]))?\b",
    re.IGNORECASE,
)
_ONLY_TIME = re.compile(
    rf"\b(?:(?P<clock>{_TOLD})|(?P<side>half|quarter)\s+(?P<way>past|to)\s+(?P<of>{_HOURS}|1?\d))\b",
    re.IGNORECASE,
)
_NEAR = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}


def find_english_dates(text: str, now: datetime) -> Iterator[Found]:
    """``"it came last Friday at 3pm"`` gives (8, 26, "2026-11-20T15:00") on 2026-11-23."""
    for match in _WHOLE.finditer(text):
        day = _day(match, now)
        if day is not None:
            yield Found(match.start(), match.end(), _iso(day, _clock(match), match["ago"]))


def find_english_times(text: str) -> Iterator[Found]:
    """Times of day alone: ``"at 3pm"`` gives "15:00", ``"half past nine"`` gives "09:30"."""
    for match in _ONLY_TIME.finditer(text):
        value = _time(match["clock"]) if match["clock"] else _beside(match)
        if value is not None:
            yield Found(match.start(), match.end(), f"{value:%H:%M}")


def _beside(match: re.Match[str]) -> time | None:
    """Half past nine, a quarter to five."""
    said = match["of"].lower()
    hour = _NUMBERS.index(said) + 1 if said in _NUMBERS else int(said)
    minute = 30 if match["side"].lower() == "half" else 15
    if match["way"].lower() == "to":
        hour, minute = hour - 1, 60 - minute
    return time(hour % 24, minute) if hour < 24 else None


def _clock(match: re.Match[str]) -> time | None:
    if match["clock"]:
        return _time(match["clock"])
    if match["hour"] is None or not 0 < int(match["hour"]) <= 12:
        return None
    is_late = (match["part"] or "").lower() in {"afternoon", "evening", "night"}
    return time(int(match["hour"]) % 12 + (12 if is_late else 0))


def _time(said: str) -> time | None:
    named = {"noon": time(12), "midnight": time(0)}
    if said.lower() in named:
        return named[said.lower()]
    parsed = dateparser.parse(said, languages=["en"])
    return parsed.time() if parsed is not None else None


def _day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["near"]:
        return now + timedelta(days=_near_days(match["near"].lower()))
    if match["weekday"]:
        return _on_weekday(match["which"], match["weekday"], now)
    if match["edge"]:
        return _edge(match, now)
    if match["holiday"]:
        return _on_holiday(match["holiday_year"], match["holiday"], now)
    if match["dashed"]:
        month, date_of_month = map(int, match["dashed"].split("-"))
        return _valid(now, month, date_of_month)
    said = match["ago"] or match["named"] or match["span"]
    said = re.sub(r"\b(?:a\s+)?couple\s+of\b", "2", said, flags=re.IGNORECASE)
    said = re.sub(r"\b(?:a\s+)?few\b", "3", said, flags=re.IGNORECASE)
    said = re.sub(r"\b(later|from now)\b", "", said, flags=re.IGNORECASE)
    future = match["ago"] and not match["ago"].lower().endswith("ago")
    parsed: datetime | None = dateparser.parse(
        f"in {said}" if future and not said.lower().startswith("in") else said,
        languages=["en"],
        settings={"RELATIVE_BASE": now, "PREFER_DATES_FROM": "current_period"},
    )
    return parsed


def _on_holiday(which: str | None, name: str, now: datetime) -> datetime:
    """`last`/`next` Christmas are before and after now, not of another calendar year."""
    around = [holiday(name, now.date(), now.year + more) for more in (-1, 0, 1)]
    match (which or "").lower():
        case "last":
            day = max(day for day in around if day < now.date())
        case "next":
            day = min(day for day in around if day > now.date())
        case "this":
            day = around[1]
        case _:
            day = holiday(name, now.date())
    return datetime.combine(day, now.time())


def _valid(now: datetime, month: int, day: int) -> datetime | None:
    """12-24 is in December; 24-12 and 13-13 are no dates here."""
    try:
        return now.replace(month=month, day=day)
    except ValueError:
        return None


def _near_days(said: str) -> int:
    if "before" in said:
        return -2
    return 2 if "after" in said else _NEAR[said]


def _on_weekday(which: str | None, name: str, now: datetime) -> datetime | None:
    """`last`/`next` mean last/next week's day as in Chinese; a bare name is the nearest past one.

    Whoever writes to a shop of a bare Friday mostly tells of the one that was.
    """
    if name.lower() in {"sun", "sat", "mon", "wed"} and which is None:
        return None  # too short alone: "the sun", "sat down"
    target = next(i for i, day in enumerate(_WEEKDAYS) if day.startswith(name.lower()[:3]))
    monday = now - timedelta(days=now.weekday())
    match (which or "").lower():
        case "next":
            return monday + timedelta(days=7 + target)
        case "last":
            day = monday + timedelta(days=target)
            return day if day.date() < now.date() else day - timedelta(days=7)
        case "this":
            return monday + timedelta(days=target)
        case _:
            return now - timedelta(days=(now.weekday() - target) % 7)


def _edge(match: re.Match[str], now: datetime) -> datetime:
    moved = {"next": 1, "last": -1}.get((match["edge_next"] or "").lower(), 0)
    which, unit = match["edge"].lower(), match["edge_of"].lower()
    there: datetime = now + relativedelta(**{f"{unit}s": moved})
    if unit == "year":
        month = {"end": 12, "middle": 7}.get(which, 1)
        there += relativedelta(month=month)
    day = {"end": 31, "middle": 15 if unit == "month" else 1}.get(which, 1)
    edge: datetime = there + relativedelta(day=day)
    return edge


def _iso(day: datetime, clock: time | None, ago: str | None) -> str:
    if ago and re.search(r"hour|minute", ago, re.IGNORECASE):
        return day.isoformat(timespec="minutes")
    if clock is None:
        return day.date().isoformat()
    return datetime.combine(day.date(), clock).isoformat(timespec="minutes")
