"""Writes Gemma 3 as ONNX straight from a GGUF file, in 8-bit blocks of 32.

The embedding stays outside the graph, and with it the output layer, which is the same matrix: two
thirds of the parameters, of which a reply needs the rows of its own few tokens. Follows the Gemma 3
report (arXiv:2503.19786): norms before and after each block, normed queries and keys, five local
layers to each global one.
The file's norm weights hold ``1 + w``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FloatArray = NDArray[np.float32]
Weights = Callable[[str], FloatArray]
"""A tensor of the file by its GGUF name, as rows of outputs."""
BLOCK = 32
OPSET = 21
MOST_POSITIONS = 2048
"""Longest prompt and reply together; the rotation tables end here."""
LOCAL_THETA, GLOBAL_THETA = 1e4, 1e6
GLOBAL_EVERY = 6


@dataclass(frozen=True, slots=True)
class Shape:
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    head: int
    window: int
    eps: float


def quantise(matrix: FloatArray) -> tuple[NDArray[np.uint8], FloatArray]:
    """(out, in) to levels around 128 (out, blocks, 32) and scales (out, blocks)."""
    blocks = matrix.reshape(matrix.shape[0], -1, BLOCK)
    scales = np.maximum(np.abs(blocks).max(-1) / 127, 1e-12).astype(np.float32)
    levels = np.rint(blocks / scales[..., None]) + 128
    return levels.astype(np.uint8), scales


class Writer:
    """Collects the nodes and weights of one decoder."""

    def __init__(self, shape: Shape, weights: Weights) -> None:
        self.shape = shape
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(
        self, op: str, inputs: Sequence[str], outputs: str | Sequence[str], **attrs: Any
    ) -> str:
        names = [outputs] if isinstance(outputs, str) else list(outputs)
        domain = attrs.pop("domain", "")
        self.nodes.append(helper.make_node(op, list(inputs), names, domain=domain, **attrs))
        return names[0]

    def product(self, x: str, weight: str, name: str) -> str:
        levels, scales = quantise(self.weights(weight))
        inputs = [x, self.constant(f"{name}.q", levels), self.constant(f"{name}.s", scales.ravel())]
        return self.node(
            "MatMulNBits",
            inputs,
            name,
            domain="com.microsoft",
            K=levels.shape[1] * BLOCK,
            N=levels.shape[0],
            bits=8,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def norm(self, x: str, weight: str, name: str) -> str:
        gain = self.constant(f"{name}.w", self.weights(weight))
        return self.node(
            "SimplifiedLayerNormalization",
            [x, gain],
            name,
            epsilon=self.shape.eps,
            axis=-1,
            stash_type=1,
        )

    def by_head(self, x: str, weight: str, name: str, heads: int) -> str:
        """Norm each head's part of x (1, t, heads * head)."""
        split = self.constant(f"{name}.split", np.array([0, -1, self.shape.head], dtype=np.int64))
        whole = np.array([1, -1, heads * self.shape.head], dtype=np.int64)
        normed = self.norm(self.node("Reshape", [x, split], f"{name}.in"), weight, f"{name}.n")
        return self.node("Reshape", [normed, self.constant(f"{name}.whole", whole)], name)

    def layer(self, x: str, index: int) -> str:
        """x (1, t, hidden) through one layer."""
        shape, at, to = self.shape, f"blk.{index}", f"l{index}"
        globally = (index + 1) % GLOBAL_EVERY == 0
        reach = "global" if globally else "local"
        normed = self.norm(x, f"{at}.attn_norm.weight", f"{to}.an")
        query, key, value = (
            self.product(normed, f"{at}.attn_{part}.weight", f"{to}.{part}") for part in "qkv"
        )
        query = self.by_head(query, f"{at}.attn_q_norm.weight", f"{to}.qn", shape.heads)
        key = self.by_head(key, f"{at}.attn_k_norm.weight", f"{to}.kn", shape.kv_heads)
        past = [f"past.{index}.key", f"past.{index}.value"]
        present = [f"present.{index}.key", f"present.{index}.value"]
        context = self.node(
            "GroupQueryAttention",
            [query, key, value, *past, "last", "total", f"cos.{reach}", f"sin.{reach}"],
            [f"{to}.ctx", *present],
            domain="com.microsoft",
            num_heads=shape.heads,
            kv_num_heads=shape.kv_heads,
            scale=shape.head**-0.5,
            do_rotary=1,
            local_window_size=-1 if globally else shape.window,
        )
        attended = self.product(context, f"{at}.attn_output.weight", f"{to}.ao")
        attended = self.norm(attended, f"{at}.post_attention_norm.weight", f"{to}.aon")
        x = self.node("Add", [x, attended], f"{to}.mid")
        normed = self.norm(x, f"{at}.ffn_norm.weight", f"{to}.fn")
        gate = self.product(normed, f"{at}.ffn_gate.weight", f"{to}.gate")
        gate = self.node("Gelu", [gate], f"{to}.gelu", approximate="tanh")
        up = self.product(normed, f"{at}.ffn_up.weight", f"{to}.up")
        inner = self.node("Mul", [gate, up], f"{to}.inner")
        outer = self.product(inner, f"{at}.ffn_down.weight", f"{to}.down")
        outer = self.norm(outer, f"{at}.post_ffw_norm.weight", f"{to}.don")
        return self.node("Add", [x, outer], f"{to}.out")

    def rotations(self) -> None:
        half = self.shape.head // 2
        for reach, theta in (("local", LOCAL_THETA), ("global", GLOBAL_THETA)):
            turns = theta ** (-np.arange(half) / half)
            angles = np.arange(MOST_POSITIONS)[:, None] * turns  # (positions, head / 2)
            self.constant(f"cos.{reach}", np.cos(angles).astype(np.float32))
            self.constant(f"sin.{reach}", np.sin(angles).astype(np.float32))


def write_decoder(shape: Shape, weights: Weights) -> onnx.ModelProto:
    """Embeddings (1, t, hidden), scaled, to normed states (1, t, hidden)."""
    writer = Writer(shape, weights)
    writer.rotations()
    x = "embeds"
    for index in range(shape.layers):
        x = writer.layer(x, index)
    writer.norm(x, "output_norm.weight", "states")
    value = helper.make_tensor_value_info
    cache: list[int | str | None] = [1, shape.kv_heads, "past", shape.head]
    present: list[int | str | None] = [1, shape.kv_heads, "all", shape.head]
    both = [(i, part) for i in range(shape.layers) for part in ("key", "value")]
    inputs = [
        value("embeds", TensorProto.FLOAT, [1, "tokens", shape.hidden]),
        value("last", TensorProto.INT32, [1]),
        value("total", TensorProto.INT32, []),
        *(value(f"past.{i}.{part}", TensorProto.FLOAT, cache) for i, part in both),
    ]
    outputs = [
        value("states", TensorProto.FLOAT, [1, "tokens", shape.hidden]),
        *(value(f"present.{i}.{part}", TensorProto.FLOAT, present) for i, part in both),
    ]
    graph = helper.make_graph(writer.nodes, "gemma3", inputs, outputs, writer.initializers)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
