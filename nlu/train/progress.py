"""What a training run tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` of one stage, with the figures it has so far (loss, dev scores)."""

    stage: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)


class Progress(Protocol):
    def __call__(self, step: Step) -> None: ...


def silent(step: Step) -> None:
    """Tells nobody."""
