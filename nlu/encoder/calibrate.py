"""Measures what goes into an encoder's linear layers, for `nlu.encoder.quantise`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto, helper

from nlu.encoder.graph import FloatArray, GraphShape, Ranges, Weights, build_graph
from nlu.encoder.quantise import Range


def measure(
    weights: Weights,
    shape: GraphShape,
    batches: Iterable[tuple[FloatArray, NDArray[np.int32]]],
    *,
    start: int,
    stop: int,
) -> Ranges:
    """Ranges of all inputs of layers `start` to `stop`, over the real tokens of some batches.

    A batch is what the graph takes: hidden states (batch, tokens, width) and mask (batch, tokens).
    """
    read: list[str] = []
    model = build_graph(weights, shape, start=start, stop=stop, outputs=[stop], reads=read)
    for name in read:
        told = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "tokens", None])
        model.graph.output.append(told)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    lows: dict[str, FloatArray] = {}
    highs: dict[str, FloatArray] = {}
    sums: dict[str, FloatArray] = {}
    tokens = 0
    for hidden, mask in batches:
        real = mask.astype(bool)
        tokens += int(real.sum())
        found = session.run(read, {"hidden": hidden, "mask": mask})
        for name, states in zip(read, found, strict=True):
            rows = states[real]
            low, high = rows.min(axis=0), rows.max(axis=0)
            lows[name] = np.minimum(lows.get(name, low), low)
            highs[name] = np.maximum(highs.get(name, high), high)
            sums[name] = sums.get(name, np.float32(0)) + rows.sum(axis=0)
    if not tokens:
        raise ValueError("expected some tokens to measure ranges by, got none")
    return {name: Range(lows[name], highs[name], sums[name] / np.float32(tokens)) for name in read}
