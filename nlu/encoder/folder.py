"""The encoder's folder: transformers weights and tokenizer, our graph, and where it all came from.

```
config.json         a transformers BertConfig
model.safetensors   a BertModel; word embeddings float16, the rest float32
tokenizer.json      a `tokenizers` tokenizer, for transformers and other programs
pieces.model        the same pieces for SentencePiece, which serves (packaged weights alone)
encoder-int8.onnx   the layers, see `graph`
lingxi.json         `EncoderCard`
```
transformers' ``AutoModel.from_pretrained(folder)`` opens it as it is.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.e5_file import EncoderFileError
from nlu.encoder.graph import FloatArray, GraphShape

FORMAT = 5
EARLIER = (2, 3, 4)
"""Of the same files, but for the graph."""
CARD = "lingxi.json"
WEIGHTS = "model.safetensors"
INT8_GRAPH = "encoder-int8.onnx"
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"
_DTYPES: dict[str, np.dtype[np.generic]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


@dataclass(frozen=True, slots=True)
class EncoderCard:
    """What serving must know of an encoder beyond transformers' config."""

    encoder_id: str
    source_sha256: str
    prefix: str
    """Put before every text: E5 was trained with ``query: ``."""
    hidden: int
    layers: int
    heads: int
    positions: int
    eps: float
    position_offset: int = 0
    """RoBERTa counts positions from padding_idx + 1."""
    pieces: str = "all"
    """``zh-en``: the variant with the pieces of these languages alone (`nlu.encoder.prune`)."""
    format: int = FORMAT

    @property
    def shape(self) -> GraphShape:
        return GraphShape(self.hidden, self.heads, self.eps)


def write_card(folder: Path, card: EncoderCard) -> None:
    scratch = folder / f"{CARD}.part"
    scratch.write_text(json.dumps(asdict(card), indent=1), encoding="utf-8")
    scratch.replace(folder / CARD)


def read_card(folder: Path, *, earlier: bool = False) -> EncoderCard:
    """Raises `EncoderFileError` when the folder holds no encoder of this format, or, where that is
    asked, of one that `nlu.encoder.convert.renew` knows."""
    path = folder / CARD
    if not path.is_file():
        raise EncoderFileError(
            f"{folder}: expected a converted encoder, found no {CARD}; run `lingxi setup`"
        )
    fields = json.loads(path.read_text(encoding="utf-8"))
    known = (FORMAT, *EARLIER) if earlier else (FORMAT,)
    if fields.get("format") not in known:
        got = fields.get("format")
        raise EncoderFileError(f"{path}: expected format {FORMAT}, got {got}; run `lingxi setup`")
    return EncoderCard(**fields)


@dataclass(frozen=True, slots=True)
class Planned:
    """A tensor to be written, in chunks of rows so that a big one is never held whole."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    chunks: Iterable[NDArray[np.generic]]


def write_safetensors(path: Path, tensors: Iterable[Planned]) -> None:
    """Write the safetensors format (u64 header length, JSON header, data), streaming."""
    planned = list(tensors)
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for tensor in planned:
        size = int(np.prod(tensor.shape)) * tensor.dtype.itemsize
        header[tensor.name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + size],
        }
        at += size
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with path.open("wb") as handle:
        handle.write(struct.pack("<Q", len(encoded)) + encoded)
        for tensor in planned:
            for chunk in tensor.chunks:
                handle.write(np.ascontiguousarray(chunk, dtype=tensor.dtype).tobytes())


class MappedWeights:
    """A safetensors file, mapped: a tensor costs memory only where it is touched."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            (length,) = struct.unpack("<Q", handle.read(8))
            header: dict[str, dict[str, Any]] = json.loads(handle.read(length))
        self._header = {name: v for name, v in header.items() if name != "__metadata__"}
        self._path = path
        self._start = 8 + length

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def mapped(self, name: str) -> NDArray[np.generic]:
        """The tensor as it lies on disk, float32 or float16."""
        if name not in self._header:
            raise EncoderFileError(f"{self._path}: expected a tensor {name!r}, found none")
        entry = self._header[name]
        dtype = _DTYPES.get(str(entry["dtype"]))
        if dtype is None:
            raise EncoderFileError(f"{name}: expected F32 or F16, got {entry['dtype']}")
        at = self._start + int(entry["data_offsets"][0])
        shape = tuple(int(size) for size in entry["shape"])
        mapped: NDArray[np.generic] = np.memmap(
            self._path, dtype=dtype, mode="r", offset=at, shape=shape
        )
        return mapped

    def __call__(self, name: str) -> FloatArray:
        """The tensor in memory, as float32."""
        return np.asarray(self.mapped(name), dtype=np.float32)
