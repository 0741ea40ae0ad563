"""English dates and times: next Friday, 3 days ago, yesterday at 3pm, Nov 5th, 5 Nov 2026."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import dateparser

from nlu.extract.values.found import Found

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_CLOCK = r"(?:[01]?\d|2[0-3])(?::[0-5]\d)?\s*(?:am|pm)|(?:[01]?\d|2[0-3]):[0-5]\d|noon|midnight"
_COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|couple of|few)"
_UNIT = r"(?:minute|hour|day|week|month|year)s?"

_WHOLE = re.compile(
    r"\b(?:"
    r"(?P<near>(?:the\s+)?day\s+(?:before\s+yesterday|after\s+tomorrow)|yesterday|today|tonight|tomorrow)"
    rf"|(?:(?P<which>last|next|this|on)\s+)?(?P<weekday>{_WEEKDAY})\b"
    rf"|(?P<ago>{_COUNT}\s+{_UNIT}\s+(?:ago|later|from\s+now)|in\s+{_COUNT}\s+{_UNIT})"
    r"|(?P<span>(?:last|next)\s+(?:week|month|year))"
    rf"|(?P<named>{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?)"
    rf")(?:,?\s+(?:at\s+|around\s+)?(?P<clock>{_CLOCK}|morning|afternoon|evening))?\b",
    re.IGNORECASE,
)
_NEAR = {"yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1}


def find_english_dates(text: str, now: datetime) -> Iterator[Found]:
    """``"it came last Friday at 3pm"`` gives (8, 26, "2026-11-20T15:00") on 2026-11-23."""
    for match in _WHOLE.finditer(text):
        day = _day(match, now)
        if day is not None:
            yield Found(match.start(), match.end(), _iso(day, match["clock"], match["ago"], now))


def _day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["near"]:
        return now + timedelta(days=_near_days(match["near"].lower()))
    if match["weekday"]:
        return _on_weekday(match["which"], match["weekday"], now)
    said = match["ago"] or match["named"] or match["span"]
    said = re.sub(r"\b(couple of)\b", "2", said, flags=re.IGNORECASE)
    said = re.sub(r"\bfew\b", "3", said, flags=re.IGNORECASE)
    said = re.sub(r"\b(later|from now)\b", "", said, flags=re.IGNORECASE)
    future = match["ago"] and not match["ago"].lower().endswith("ago")
    parsed: datetime | None = dateparser.parse(
        f"in {said}" if future and not said.lower().startswith("in") else said,
        languages=["en"],
        settings={"RELATIVE_BASE": now, "PREFER_DATES_FROM": "current_period"},
    )
    return parsed


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


def _iso(day: datetime, clock: str | None, ago: str | None, now: datetime) -> str:
    if ago and re.search(r"hour|minute", ago, re.IGNORECASE):
        return day.isoformat(timespec="minutes")
    named = {"noon": "12:00", "midnight": "00:00"}
    at = named.get((clock or "").lower(), clock)
    if at is None or at.lower() in {"morning", "afternoon", "evening"}:
        return day.date().isoformat()
    parsed = dateparser.parse(at, languages=["en"], settings={"RELATIVE_BASE": now})
    if parsed is None:
        return day.date().isoformat()
    return datetime.combine(day.date(), parsed.time()).isoformat(timespec="minutes")
