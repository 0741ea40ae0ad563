"""What the parts of this domain hand to each other."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from nlu.types import Language

SAMPLE_RATE = 16_000
Sound = NDArray[np.float32]
"""Mono, at `SAMPLE_RATE`, between -1 and 1."""


class Heard(BaseModel):
    text: str
    """Empty: nothing was understood."""
    language: Language


class Recognizer(Protocol):
    """Writes down what is said. Slow: never on the event loop."""

    def decode(self, recording: bytes) -> Sound: ...

    def hear(self, sound: Sound, expected: Language) -> Heard: ...
