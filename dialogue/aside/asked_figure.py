"""An answer to ``多少钱`` names a price: one that has none is near the question, and beside it."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

import yaml


@lru_cache(maxsize=1)
def _figures() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    text = (files(__package__) / "asked_figures.yml").read_text(encoding="utf-8")
    return tuple(
        (re.compile(one["asks"], re.IGNORECASE), re.compile(one["told"], re.IGNORECASE))
        for one in yaml.safe_load(text)
    )


def lacks_figure(question: str, answer: str) -> bool:
    """``lacks_figure("铸铁锅有多重", "用后擦干。")`` is True; with ``约 3 公斤`` it is False."""
    bare = question.strip(" ?？!！。.")
    return any(asks.search(bare) and not told.search(answer) for asks, told in _figures())
