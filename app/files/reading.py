"""The text in a picture, by RapidOCR's packaged models: offline, Chinese and English."""

from __future__ import annotations

from pathlib import Path

from rapidocr_onnxruntime import RapidOCR

LEAST_SCORE = 0.6
"""Below it lines are scratches and patterns, measured on photographs of goods."""


class RapidReader:
    """Loads its models with the first picture, a second or so."""

    def __init__(self) -> None:
        self._engine: RapidOCR | None = None

    def read(self, path: Path) -> str:
        """The lines from top to bottom; empty when there are none."""
        self._engine = self._engine or RapidOCR()
        lines, _ = self._engine(str(path))
        return "\n".join(text for _, text, score in lines or () if float(score) >= LEAST_SCORE)
