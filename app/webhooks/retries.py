"""When to try again what failed: soon at first, then ever later, for most of a day."""

from __future__ import annotations

import random
from datetime import timedelta

WAITS_S = (30, 120, 600, 1800, 7200, 18000, 36000)
SPREAD = 0.2
"""What failed together is not tried again at the same moment."""


def after_failure(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None: no more."""
    if attempts > len(WAITS_S):
        return None
    return timedelta(seconds=WAITS_S[attempts - 1] * random.uniform(1 - SPREAD, 1 + SPREAD))
