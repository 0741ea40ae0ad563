"""Copies of training texts with slips that mending leaves: heads learn to see past them.

The kinds are those of the noise pack (`nlu.evaluate.noise`), drawn anew from the training texts; what
they bring is measured by `lingxi nlu evaluate --noise`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from nlu.evaluate.noise import noisy
from nlu.text.mend import Mender, Words
from nlu.text.normalise import normalise
from nlu.train.linear import Labels

COPIES = 2
"""Of a text, if so many slips leave it changed."""
MOST_COPIES = 6000
KINDS = ("typos", "look_alikes", "homophones", "pinyin", "mixed", "spacing", "repeats", "emoji")
LIKELY = (4, 4, 4, 2, 2, 1, 1, 1)
"""How much more often what mending understands least is drawn."""
TRIES = 3


def noised_texts(texts: Sequence[str], words: Words, seed: int) -> tuple[list[str], Labels]:
    """Copies of plain `texts` as they would be served, and the place of each one's source."""
    mender, rng = Mender(words), random.Random(seed)
    chosen = list(range(len(texts)))
    if COPIES * len(texts) > MOST_COPIES:
        chosen = sorted(rng.sample(chosen, MOST_COPIES // COPIES))
    found = [(copy, at) for at in chosen for copy in sorted(_copies(texts[at], mender, rng))]
    return [copy for copy, _ in found], np.array([at for _, at in found], dtype=np.int64)


def _copies(text: str, mender: Mender, rng: random.Random) -> set[str]:
    kept: set[str] = set()
    for kind in rng.choices(KINDS, LIKELY, k=COPIES * TRIES):
        copy = mender.mend(normalise(noisy(text, kind, rng.randrange(2**31)))).text
        if copy and copy != text:
            kept.add(copy)
        if len(kept) == COPIES:
            break
    return kept
