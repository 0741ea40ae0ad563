"""Office hours such as ``Mo-Fr 09:00-18:00; Sa 10:00-14:00``, and when they next begin.

The syntax is the common part of OpenStreetMap's opening hours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
RULE = re.compile(
    r"(?P<first>\w\w)(?:-(?P<last>\w\w))?\s+(?P<h1>\d\d):(?P<m1>\d\d)-(?P<h2>\d\d):(?P<m2>\d\d)"
)
DAY_MINUTES = 24 * 60
SEARCH_DAYS = 60
"""Longer than any holidays."""


@dataclass(frozen=True, slots=True)
class Span:
    day: int
    """0 is Monday."""
    start: int
    end: int
    """Minutes of the day; `end` exclusive, 1440 is midnight."""


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Worked example: ``OfficeHours.parse("Mo-Fr 09:00-18:00", "Asia/Shanghai")``."""

    spans: tuple[Span, ...]
    zone: ZoneInfo
    holidays: tuple[tuple[date, date], ...] = ()
    """First and last day, both included, on which nobody is there."""

    @classmethod
    def parse(cls, text: str, zone: str, holidays: Sequence[tuple[date, date]] = ()) -> OfficeHours:
        """Raises `ValueError` that shows what was expected."""
        spans: list[Span] = []
        for part in filter(None, (piece.strip() for piece in text.split(";"))):
            match = RULE.fullmatch(part)
            days = _days(match) if match else []
            if match is None or not days:
                raise ValueError(f"office hours: expected `Mo-Fr 09:00-18:00`, got {part!r}")
            start = int(match["h1"]) * 60 + int(match["m1"])
            end = int(match["h2"]) * 60 + int(match["m2"])
            if not 0 <= start < end <= DAY_MINUTES:
                raise ValueError(f"office hours: expected an end after the start, got {part!r}")
            spans += [Span(day, start, end) for day in days]
        return cls(tuple(spans), ZoneInfo(zone), tuple(holidays))

    def open_at(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return not self._holiday(local.date()) and any(
            span.day == local.weekday() and span.start <= minute < span.end for span in self.spans
        )

    def _holiday(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.holidays)

    def next_opening(self, moment: datetime) -> datetime | None:
        """When they are open next, from `moment` on; None if never."""
        if self.open_at(moment):
            return moment
        local = moment.astimezone(self.zone)
        for offset in range(SEARCH_DAYS):
            day = local.date() + timedelta(days=offset)
            if self._holiday(day):
                continue
            for span in sorted(self.spans, key=lambda span: span.start):
                opening = datetime.combine(
                    day, time(span.start // 60, span.start % 60), tzinfo=self.zone
                )
                if span.day == day.weekday() and opening > local:
                    return opening
        return None


def _days(match: re.Match[str]) -> list[int]:
    names = [match["first"], match["last"] or match["first"]]
    if any(name not in DAYS for name in names):
        return []
    first, last = (DAYS.index(name) for name in names)
    length = (last - first) % len(DAYS) + 1
    return [(first + step) % len(DAYS) for step in range(length)]
