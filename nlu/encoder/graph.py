"""Writes a BERT encoder as ONNX, with ONNX Runtime's fused operators, in fp32 or int8.

The graph takes hidden states and gives hidden states, so the same function writes the whole
encoder, its lower part, or only the layers that a bot has tuned. Word embeddings stay outside:
they are looked up in the memory-mapped weights, and only the rows in use become resident.

int8 wants the ranges of what goes into each linear layer (`nlu.encoder.calibrate`); how levels are
chosen is told in `nlu.encoder.quantise`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from nlu.encoder.quantise import Quantised, Range, quantise, split_heavy

FloatArray = NDArray[np.float32]

Weights = Callable[[str], FloatArray]
"""Returns a tensor by its transformers name, e.g. ``encoder.layer.0.output.dense.weight``."""

Ranges = Mapping[str, Range]
"""Ranges of what goes into linear layers, by its name in the graph."""

OPSET = 23
IR_VERSION = 11
_LINEAR = ("weight", "bias")
_PARTS = ("query", "key", "value")
_ONE = "one"
"""A scale of 1: what is rounded to levels has its scale already."""
_NONE = "none"
"""The weights' levels count from 0. Where that is left out, some versions of ONNX Runtime do not make
them unsigned on processors whose sums would overflow."""


@dataclass(frozen=True, slots=True)
class GraphShape:
    hidden: int
    heads: int
    eps: float


class GraphWriter:
    """Collects nodes and weights of one graph: in int8 where there are ranges, else in fp32."""

    def __init__(self, shape: GraphShape, ranges: Ranges | None) -> None:
        self.shape = shape
        self.ranges = ranges
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.reads: list[str] = []
        """What goes into linear layers."""
        if ranges is not None:
            self.weight(_ONE, np.array(1, dtype=np.float32))
            self.weight(_NONE, np.array(0, dtype=np.int8))

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self, op: str, inputs: Sequence[str], name: str, domain: str = "", **attrs: Any
    ) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [name], domain=domain, **attrs))
        return name

    def linear(
        self, x: str, weight: FloatArray, bias: FloatArray, name: str, seen: Range | None
    ) -> str:
        """x (b, t, in) @ weight.T (in, out) + bias; in int8 where it is known what x is like."""
        self.reads.append(x)
        if seen is None:
            return self.product(x, weight, bias, name)
        found = quantise(weight, bias, seen)
        return self.int8_product(self.levels(self.evened(x, found, name), found, name), found, name)

    def product(self, x: str, weight: FloatArray, bias: FloatArray, name: str) -> str:
        matrix = self.weight(f"{name}.w", weight.T.astype(np.float32))
        product = self.node("MatMul", [x, matrix], f"{name}.mm")
        return self.node("Add", [product, self.weight(f"{name}.b", bias)], name)

    def int8_product(self, levels: tuple[str, str], found: Quantised, name: str) -> str:
        whole, zero = levels
        inputs = [
            whole,
            self.weight(f"{name}.w", found.levels),
            self.weight(f"{name}.scale", np.array(found.scale)),
            self.weight(f"{name}.scales", found.scales),
            zero,
            _NONE,
            self.weight(f"{name}.b", found.bias),
        ]
        return self.node("MatMulIntegerToFloat", inputs, name, domain="com.microsoft")

    def evened(self, x: str, found: Quantised, name: str) -> str:
        """x with channels of like ranges."""
        return self.node("Mul", [x, self.weight(f"{name}.factor", found.factor)], f"{name}.even")

    def levels(self, even: str, found: Quantised, name: str) -> tuple[str, str]:
        """Evened channels in whole numbers, and which of these is 0."""
        zero = self.weight(f"{name}.zero", np.array(found.zero))
        return self.node("QuantizeLinear", [even, _ONE, zero], f"{name}.levels"), zero

    def seen(self, x: str) -> Range | None:
        return None if self.ranges is None else self.ranges[x]

    def layer_norm(
        self, x: str, weights: Weights, prefix: str, name: str, skip: str | None = None
    ) -> str:
        """Of x, or of x + `skip`: two nodes do that 20 µs sooner than the one fused of both."""
        if skip is not None:
            x = self.node("Add", [x, skip], f"{name}.sum")
        gamma = self.weight(f"{name}.g", weights(f"{prefix}.weight"))
        beta = self.weight(f"{name}.b", weights(f"{prefix}.bias"))
        return self.node(
            "LayerNormalization", [x, gamma, beta], name, epsilon=self.shape.eps, axis=-1
        )

    def layer(self, x: str, mask: str, weights: Weights, index: int) -> str:
        """One transformer layer; its output is named ``layer_{index + 1}``."""
        at = f"encoder.layer.{index}"
        attention = f"{at}.attention"
        projected = self.attention(x, mask, weights, attention, f"l{index}")
        normed = self.layer_norm(
            projected, weights, f"{attention}.output.LayerNorm", f"l{index}.aln", skip=x
        )
        wide, wide_bias = (weights(f"{at}.intermediate.dense.{part}") for part in _LINEAR)
        back, back_bias = (weights(f"{at}.output.dense.{part}") for part in _LINEAR)
        between = self.seen(f"l{index}.gelu")
        if between is not None:
            wide, wide_bias, back, between = split_heavy(wide, wide_bias, back, between)
        inner = self.linear(normed, wide, wide_bias, f"l{index}.fi", self.seen(normed))
        active = self.node("Gelu", [inner], f"l{index}.gelu", domain="com.microsoft")
        outer = self.linear(active, back, back_bias, f"l{index}.fo", between)
        return self.layer_norm(
            outer, weights, f"{at}.output.LayerNorm", layer_name(index + 1), skip=normed
        )

    def attention(self, x: str, mask: str, weights: Weights, prefix: str, name: str) -> str:
        """Self-attention of x (b, t, hidden) and the linear layer after it.

        A head's weights of attention are one for all its channels: what makes the context even for
        the layer after it goes into the values, and costs nothing.
        """
        matrices, biases = (
            [weights(f"{prefix}.self.{part}.{kind}") for part in _PARTS] for kind in _LINEAR
        )
        out, out_bias = (weights(f"{prefix}.output.dense.{kind}") for kind in _LINEAR)
        names = [f"{name}.{part}" for part in _PARTS]
        context, after = f"{name}.attn", f"{name}.ao"
        self.reads += [x, context]
        seen, seen_context = self.seen(x), self.seen(context)
        if seen is None or seen_context is None:
            sides = [self.product(x, *one) for one in zip(matrices, biases, names, strict=True)]
            return self.product(self.attend(sides, mask, context), out, out_bias, after)
        packed = quantise(np.concatenate(matrices), np.concatenate(biases), seen)
        found = quantise(out, out_bias, seen_context)
        levels = self.levels(self.evened(x, packed, context), packed, context)
        query, key, value = packed.cut(len(_PARTS))
        layers = (query, key, value.times(found.factor))
        sides = [self.int8_product(levels, *one) for one in zip(layers, names, strict=True)]
        even = self.attend(sides, mask, f"{after}.even")
        return self.int8_product(self.levels(even, found, after), found, after)

    def attend(self, read: Sequence[str], mask: str, name: str) -> str:
        """Queries, keys and values, (b, t, hidden) each -> context (b, t, hidden)."""
        heads = self.shape.heads
        return self.node("Attention", [*read, mask], name, q_num_heads=heads, kv_num_heads=heads)

    def whom(self, mask: str) -> str:
        """(b, t) -> (b, 1, t, t): which tokens each attends to; padding to all, for want of sense."""
        axes = {"keys": [1, 2], "queries": [1, 3]}
        sides = [
            self.node("Unsqueeze", [mask, self.weight(f"{side}.axes", np.array(at))], side)
            for side, at in axes.items()
        ]
        return self.node("GreaterOrEqual", sides, "whom")


def layer_name(index: int) -> str:
    """Name of the hidden states after `index` layers; 0 is the normalised embeddings."""
    return f"layer_{index}"


def build_graph(
    weights: Weights,
    shape: GraphShape,
    *,
    start: int,
    stop: int,
    outputs: Sequence[int],
    ranges: Ranges | None = None,
    reads: list[str] | None = None,
) -> onnx.ModelProto:
    """Layers `start` to `stop` as one graph: in int8 where `ranges` are given, else in fp32.

    Inputs ``hidden`` (batch, tokens, width) float32 and ``mask`` (batch, tokens) int32. With
    `start` 0, ``hidden`` is the sum of the three embeddings and is normalised first; else it is
    ``layer_{start}``. `outputs` are the layers whose hidden states come out.
    The names of what goes into linear layers are added to `reads`.
    """
    writer = GraphWriter(shape, ranges)
    x = "hidden"
    if start == 0:
        x = writer.layer_norm(x, weights, "embeddings.LayerNorm", layer_name(0))
    whom = writer.whom("mask")
    for index in range(start, stop):
        x = writer.layer(x, whom, weights, index)
    if reads is not None:
        reads += writer.reads
    size: list[str | int | None] = ["batch", "tokens", shape.hidden]
    graph = helper.make_graph(
        writer.nodes,
        "encoder",
        [
            helper.make_tensor_value_info("hidden", TensorProto.FLOAT, size),
            helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "tokens"]),
        ],
        [helper.make_tensor_value_info(layer_name(i), TensorProto.FLOAT, size) for i in outputs],
        writer.initializers,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(
        graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="lingxi"
    )


def write_graph(model: onnx.ModelProto, path: Path) -> None:
    """Write under a temporary name, then rename."""
    scratch = path.with_name(path.name + ".part")
    scratch.write_bytes(model.SerializeToString())
    scratch.replace(path)
