from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue, 1 is next."""

    position: int | None
    expected_wait_s: float | None
