"""Whole days at the office, and where each hour of them falls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.errors import Refused

MAX_DAYS = 366
QUARTER_S = 900
"""Every zone's offset is a whole number of quarters of an hour, so that days and hours at the
office are sums of them, also where clocks are put forward."""


@dataclass(frozen=True, slots=True)
class Period:
    first: date
    last: date
    """Included."""
    zone: ZoneInfo

    @classmethod
    def of(cls, first: date | None, last: date | None, zone: ZoneInfo, today: date) -> Period:
        """The days asked for; the last thirty where none are. Raises `Refused`."""
        last = last or today
        first = first or last - timedelta(days=29)
        if first > last:
            raise Refused("period_backwards", first=first.isoformat(), last=last.isoformat())
        if (days := (last - first).days + 1) > MAX_DAYS:
            raise Refused("period_too_long", limit=MAX_DAYS, days=days)
        return cls(first, last, zone)

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days, right before."""
        return Period(
            self.first - timedelta(days=self.length), self.first - timedelta(days=1), self.zone
        )

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.length)]

    @property
    def start(self) -> datetime:
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """Excluded."""
        return self._midnight(self.last + timedelta(days=1))

    def local(self, quarter: int) -> datetime:
        """The office's time of a quarter of an hour since 1970."""
        return datetime.fromtimestamp(quarter * QUARTER_S, UTC).astimezone(self.zone)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone).astimezone(UTC)
