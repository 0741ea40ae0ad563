"""The low-rank adapter that makes the base model a shop's agent: read, written, merged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

FloatArray = NDArray[np.float32]
FOLDER = Path(__file__).parent / "adapter"
"""The one that ships."""
SCALE = 2.0
"""Weight of the adapter beside the frozen matrix."""
_TENSORS, _CARD = "adapter.safetensors", "card.json"


@dataclass(frozen=True, slots=True)
class Adapter:
    tensors: Mapping[str, NDArray[Any]]
    """``blk.0.attn_q.a`` (rank, in) and ``.b`` (out, rank), and so on."""
    card: Mapping[str, Any]
    sha256: str

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        digest = hashlib.sha256((folder / _TENSORS).read_bytes())
        text = (folder / _CARD).read_bytes()
        digest.update(text)
        return cls(load_file(folder / _TENSORS), json.loads(text), digest.hexdigest())

    def merged(self, weight: Callable[[str], FloatArray]) -> Callable[[str], FloatArray]:
        """`weight`, a reader of frozen matrices by name, with the adapter added."""

        def read(name: str) -> FloatArray:
            frozen, low = weight(name), name.removesuffix(".weight")
            if f"{low}.a" not in self.tensors:
                return frozen
            a, b = (self.tensors[f"{low}.{part}"].astype(np.float32) for part in "ab")
            return frozen + SCALE * (b @ a)

        return read


def save_adapter(
    folder: Path, tensors: Mapping[str, NDArray[Any]], card: Mapping[str, Any]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: t.astype(np.float16) for name, t in tensors.items()}, folder / _TENSORS)
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / _CARD).write_text(text, encoding="utf-8")
