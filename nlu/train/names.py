"""Intents' names as examples: with few examples, ``card_arrival`` tells a good deal by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from nlu.data.examples import Example

FEW = 12
"""With more examples a class (by the median) its name tells nothing new."""
TELLING = 0.5
"""Names are believed where the examples' own head recognises at least so many: ``faq_17`` is none."""
_BREAKS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")


def name_examples(labels: Sequence[str]) -> list[Example]:
    """One example of each intent in `labels`, or none where examples are plenty.

    ``faq/ask_openingHours`` becomes ``faq ask opening hours``.
    """
    counts = Counter(labels)
    if np.median(list(counts.values())) > FEW:
        return []
    spoken = ((" ".join(_BREAKS.split(name)).strip().lower(), name) for name in sorted(counts))
    return [Example(text, name) for text, name in spoken if text]
