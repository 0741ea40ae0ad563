"""Where tuning starts: the shared encoder, and a low-rank adapter that has learned from intents.

The adapter ships; `python -m nlu.train.start.learn` makes it. Only tuned layers begin from it: what
the untuned encoder serves stays as it is.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.torch import load_file

from nlu.encoder.graph import FloatArray, Weights

PATH = Path(__file__).parent / "start.safetensors"
ENCODER = "encoder"
"""In the file's metadata: the SHA-256 of the source of the encoder it was learned over."""
UP, DOWN = "up", "down"


def started(plain: Weights, source: str, path: Path = PATH) -> Weights:
    """An encoder's weights by name, with the adapter added if it was learned over that encoder,
    which `source` tells."""
    with safe_open(path, framework="np") as file:
        about: dict[str, str] = file.metadata() or {}
    if about.get(ENCODER) != source:
        return plain
    found = load_file(path)

    def weight(name: str) -> FloatArray:
        if f"{name}.{UP}" not in found:
            return plain(name)
        up, down = (found[f"{name}.{part}"].float().numpy() for part in (UP, DOWN))
        return np.asarray(plain(name) + up @ down, dtype=np.float32)

    return weight
