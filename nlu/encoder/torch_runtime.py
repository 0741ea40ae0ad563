"""Runs the encoder's layers by torch: on the GPU where there is one, else on the CPU.

torch is loaded by this module alone, and this module by who asks for it: a server that serves by
ONNX Runtime does without.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from nlu.encoder.graph import FloatArray, GraphShape, Weights

_PARTS = ("query", "key", "value")


def best_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision_on(device: torch.device) -> torch.dtype:
    """Half the bytes of float32 wherever the hardware multiplies them itself."""
    if device.type != "cuda":
        return torch.bfloat16 if _has_bfloat16() else torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself: twice as fast; without, far slower."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def told_device(device: torch.device, precision: torch.dtype) -> str:
    where = device.type
    if where == "cuda":
        where = f"cuda ({torch.cuda.get_device_name(device)})"
    return f"torch, {str(precision).removeprefix('torch.')}, {where}"


class TorchRuntime:
    """Layers `start` to `stop` of the weights; implements `nlu.encoder.runtime.Runtime`."""

    def __init__(
        self,
        weights: Weights,
        shape: GraphShape,
        *,
        start: int,
        stop: int,
        threads: int,
        device: torch.device | None = None,
        precision: torch.dtype | None = None,
    ) -> None:
        self._device = device or best_device()
        self._precision = precision or precision_on(self._device)
        self._shape, self._start = shape, start
        torch.set_num_threads(threads)
        self._norm = self._pair(weights, "embeddings.LayerNorm") if start == 0 else None
        self._layers = [
            _Layer(self, weights, f"encoder.layer.{index}") for index in range(start, stop)
        ]

    @property
    def name(self) -> str:
        return told_device(self._device, self._precision)

    def run(
        self, hidden: FloatArray, mask: NDArray[np.int32], layers: Sequence[int]
    ) -> list[FloatArray]:
        with torch.inference_mode():
            x = torch.from_numpy(hidden).to(self._device, self._precision)
            real = torch.from_numpy(mask).to(self._device).bool()[:, None, None, :]
            if self._norm is not None:
                x = self.normed(x, self._norm)
            found = {self._start: x}
            for index, layer in enumerate(self._layers[: max(layers) - self._start]):
                x = layer(x, real)
                found[self._start + index + 1] = x
            return [found[layer].float().cpu().numpy() for layer in layers]

    def normed(self, x: torch.Tensor, pair: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        return layer_norm(x, pair[0].shape, *pair, eps=self._shape.eps)

    def attended(self, packed: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values (b, t, 3 * hidden) -> (b, t, hidden)."""
        batch, tokens, _ = packed.shape
        parts = packed.view(batch, tokens, 3, self._shape.heads, -1).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind()
        context = scaled_dot_product_attention(query, key, value, attn_mask=real)
        return context.transpose(1, 2).reshape(batch, tokens, -1)

    def _pair(self, weights: Weights, *names: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights and biases of `names`, one after the other."""
        weight, bias = (
            torch.from_numpy(np.concatenate([weights(f"{name}.{kind}") for name in names]))
            for kind in ("weight", "bias")
        )
        return weight.to(self._device, self._precision), bias.to(self._device, self._precision)


class _Layer:
    """One transformer layer; hidden (b, t, width) -> the same."""

    def __init__(self, of: TorchRuntime, weights: Weights, at: str) -> None:
        def pair(*names: str) -> tuple[torch.Tensor, torch.Tensor]:
            return of._pair(weights, *(f"{at}.{name}" for name in names))

        self._of = of
        self._packed = pair(*(f"attention.self.{part}" for part in _PARTS))
        self._out, self._norm = pair("attention.output.dense"), pair("attention.output.LayerNorm")
        self._inner, self._outer = pair("intermediate.dense"), pair("output.dense")
        self._last = pair("output.LayerNorm")

    def __call__(self, x: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        context = self._of.attended(linear(x, *self._packed), real)
        x = self._of.normed(x + linear(context, *self._out), self._norm)
        wide = gelu(linear(x, *self._inner))
        return self._of.normed(x + linear(wide, *self._outer), self._last)
