"""What each intent means to the encoder: features for whoever decides by intents."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlu.data import DataSet, Example
from nlu.encoder.runtime import Encoder
from nlu.heads import FloatArray
from nlu.train.trainer import vectors_of

EXAMPLES = 12
"""Of an intent; more of them move its mean little."""


def intent_meanings(data: DataSet, encoder_dir: Path, *, threads: int = 1) -> dict[str, FloatArray]:
    """The mean vector of each intent's examples, (width,), less what all intents have in common.

    A retrieval intent counts as its base, ``faq`` of ``faq/hours``. Raises `EncoderFileError`.
    """
    chosen: dict[str, list[Example]] = {}
    for example in data.examples:
        of = chosen.setdefault((example.intent or "").split("/", 1)[0], [])
        if example.intent and len(of) < EXAMPLES:
            of.append(example)
    chosen = {name: examples for name, examples in chosen.items() if examples}
    if len(chosen) < 2:
        return {}
    vectors = vectors_of(
        Encoder(encoder_dir, threads=threads), [one for of in chosen.values() for one in of]
    )
    ends = np.cumsum([len(of) for of in chosen.values()])[:-1]
    means = np.stack([part.mean(axis=0) for part in np.split(vectors, ends)])  # (intents, width)
    means -= means.mean(axis=0)
    means /= np.linalg.norm(means, axis=1, keepdims=True) + 1e-6
    return dict(zip(chosen, means.astype(np.float32), strict=True))
