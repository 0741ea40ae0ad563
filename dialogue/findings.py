"""What a turn leaves for its trace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialogue.types import Candidate, Route


@dataclass(slots=True)
class Findings:
    """What a turn leaves for its trace."""

    route: Route | None = None
    decisions: list[Mapping[str, Any]] = field(default_factory=list)
    candidates: tuple[Candidate, ...] = ()
    thresholds: dict[str, float] = field(default_factory=dict)
    timings_ms: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def spent(self, stage: str, since: float) -> None:
        """Add the time since `since` (``perf_counter`` seconds) to `stage`."""
        ms = (time.perf_counter() - since) * 1000
        self.timings_ms[stage] = round(self.timings_ms.get(stage, 0.0) + ms, 3)
