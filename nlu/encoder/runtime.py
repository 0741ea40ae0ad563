"""Runs the encoder: token rows in, hidden states of chosen layers out.

Runtimes share one small interface, `Runtime`. Word embeddings are looked up here, in the mapped
weights, so that a quarter of a million rows cost only what is used of them.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from nlu.encoder.folder import (
    INT8_GRAPH,
    WEIGHTS,
    WORD_EMBEDDINGS,
    EncoderCard,
    MappedWeights,
    read_card,
)
from nlu.encoder.graph import FloatArray, Weights, layer_name
from nlu.encoder.tokenizer import Encoding, PieceTokenizer
from nlu.types import RuntimeName


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded rows: `ids` and `mask`, both (batch, tokens) int32."""

    ids: NDArray[np.int32]
    mask: NDArray[np.int32]


def pad(encodings: Sequence[Encoding], pad_id: int) -> Batch:
    longest = max(len(encoding) for encoding in encodings)
    ids = np.full((len(encodings), longest), pad_id, dtype=np.int32)
    mask = np.zeros((len(encodings), longest), dtype=np.int32)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = encoding.ids
        mask[row, : len(encoding)] = 1
    return Batch(ids, mask)


class Runtime(Protocol):
    """Layers as a function of hidden states; called from several threads."""

    @property
    def name(self) -> str:
        """Which one it is, in what precision, and where, in words for an operator."""
        ...

    def run(
        self, hidden: FloatArray, mask: NDArray[np.int32], layers: Sequence[int]
    ) -> list[FloatArray]:
        """hidden (batch, tokens, width) -> one such array for each of `layers`."""
        ...


ONNX_CPU = "ONNX Runtime, int8, cpu"


def by_torch(asked: RuntimeName) -> bool:
    return asked == "torch" or (asked == "auto" and sees_gpu())


def told_runtime(asked: RuntimeName) -> str:
    """The name of the runtime that would serve here."""
    if not by_torch(asked):
        return ONNX_CPU
    from nlu.encoder.torch_runtime import best_device, precision_on, told_device

    return told_device(device := best_device(), precision_on(device))


def sees_gpu() -> bool:
    """Whether torch can compute on a GPU. Without the driver torch is not even loaded."""
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()


@cache
def sums_exactly() -> bool:
    """Whether sums of 8-bit products cannot overflow here, as they can on AVX2 without VNNI.

    Where they can, or it is not known, ONNX Runtime goes a slower way.
    """
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return True
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return not {"avx_vnni", "avx512_vnni", "amx_int8"}.isdisjoint(told.split())


class OrtRuntime:
    """ONNX Runtime on the CPU; the fastest of those measured for one message, and it runs everywhere."""

    name = ONNX_CPU

    def __init__(self, graph: Path | bytes, threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # the arena keeps the largest batch ever seen
        options.log_severity_level = 3
        # The graph is written with the operators that are fast; more fusing would undo that.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        # A spinning pool would hold the cores that other batches and the event loop need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if not sums_exactly():
            options.add_session_config_entry("session.x64quantprecision", "1")
        self._session = ort.InferenceSession(
            str(graph) if isinstance(graph, Path) else graph,
            options,
            providers=["CPUExecutionProvider"],
        )

    def run(
        self, hidden: FloatArray, mask: NDArray[np.int32], layers: Sequence[int]
    ) -> list[FloatArray]:
        run_options = ort.RunOptions()
        run_options.only_execute_path_to_fetches = True
        names = [layer_name(layer) for layer in layers]
        found: list[FloatArray] = self._session.run(
            names, {"hidden": hidden, "mask": mask}, run_options
        )
        return found


class Embeddings:
    """Sums of word, position and type embeddings; words are looked up in the mapped weights."""

    def __init__(self, weights: MappedWeights, card: EncoderCard) -> None:
        self._words = weights.mapped(WORD_EMBEDDINGS)
        self._positions = (
            weights("embeddings.position_embeddings.weight")[card.position_offset :]
            + weights("embeddings.token_type_embeddings.weight")[0]
        )

    def __call__(self, batch: Batch) -> FloatArray:
        """(batch, tokens, width)"""
        summed: FloatArray = self._words[batch.ids].astype(np.float32)
        summed += self._positions[: batch.ids.shape[1]]
        return summed


class Encoder:
    """The shared encoder of a folder: tokenizer, embeddings and the untuned layers."""

    def __init__(self, folder: Path, *, threads: int = 1, runtime: RuntimeName = "onnx") -> None:
        """Raises `EncoderFileError` when the folder holds no converted encoder."""
        self.folder = folder
        self.card: EncoderCard = read_card(folder)
        self.weights = MappedWeights(folder / WEIGHTS)
        self.tokenizer = PieceTokenizer(
            folder, prefix=self.card.prefix, max_tokens=self.card.positions
        )
        self._by_torch = by_torch(runtime)
        self.runtime = self.upper(folder / INT8_GRAPH, self.weights, 0, threads)
        self.embeddings = Embeddings(self.weights, self.card)

    @property
    def width(self) -> int:
        return self.card.hidden

    def upper(self, graph: Path, weights: Weights, start: int, threads: int) -> Runtime:
        """Layers from `start` to the last, of a graph or of its weights, by this encoder's runtime."""
        if not self._by_torch:
            return OrtRuntime(graph, threads)
        from nlu.encoder.torch_runtime import TorchRuntime

        card = self.card
        return TorchRuntime(weights, card.shape, start=start, stop=card.layers, threads=threads)

    def pad(self, encodings: Sequence[Encoding]) -> Batch:
        return pad(encodings, self.tokenizer.pad_id)

    def hidden(self, batch: Batch, layers: Sequence[int]) -> list[FloatArray]:
        """Hidden states after each of `layers` (0 to the card's layers), one pass."""
        return self.runtime.run(self.embeddings(batch), batch.mask, layers)


def mean_pool(hidden: FloatArray, mask: NDArray[np.int32]) -> FloatArray:
    """Mean over real tokens: (batch, tokens, width) -> (batch, width)."""
    weights = mask[..., None].astype(np.float32)
    pooled: FloatArray = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    return pooled


def unit(rows: FloatArray) -> FloatArray:
    """Rows scaled to length 1, (n, width)."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return scaled.astype(np.float32)
