"""Stops asking a backend that keeps failing, and tries again after a while."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES_TO_OPEN = 5


class Circuit:
    """Open after `failures` in a row; one trial is let through after `rest_s`."""

    def __init__(
        self,
        failures: int = FAILURES_TO_OPEN,
        rest_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._rest_s = rest_s
        self._clock = clock
        self._failed = 0
        self._opened_at = 0.0

    @property
    def open(self) -> bool:
        return self._failed >= self._limit and self._clock() - self._opened_at < self._rest_s

    def succeeded(self) -> None:
        self._failed = 0

    def failed(self) -> None:
        self._failed += 1
        if self._failed >= self._limit:
            self._opened_at = self._clock()
