"""Reads a Gemma 3 GGUF file: shape, weights, embedding, tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, dequantize
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers

from dialogue.generate.gemma_graph import FloatArray, Shape

Q8_BLOCK_BYTES = 34
"""A float16 scale and 32 signed levels."""


class GemmaFile:
    """Raises `ValueError` for another architecture."""

    def __init__(self, path: Path) -> None:
        self._reader = GGUFReader(path)
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        name = self._read("general.architecture")
        if name != "gemma3":
            raise ValueError(f"{path.name}: expected architecture gemma3, got {name}")
        self.bos = int(self._read("tokenizer.ggml.bos_token_id"))
        self.eos = int(self._read("tokenizer.ggml.eos_token_id"))
        self.shape = Shape(
            hidden=int(self._read("gemma3.embedding_length")),
            inner=int(self._read("gemma3.feed_forward_length")),
            layers=int(self._read("gemma3.block_count")),
            heads=int(self._read("gemma3.attention.head_count")),
            kv_heads=int(self._read("gemma3.attention.head_count_kv")),
            head=int(self._read("gemma3.attention.key_length")),
            window=int(self._read("gemma3.attention.sliding_window")),
            eps=float(self._read("gemma3.attention.layer_norm_rms_epsilon")),
        )

    def _read(self, key: str) -> Any:
        return self._reader.fields[key].contents()

    def weight(self, name: str) -> FloatArray:
        """A tensor by its name, as rows of outputs."""
        tensor = self._tensors[name]
        return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)

    def embedding(self) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
        """The file's own 8-bit levels (tokens, blocks, 32) and scales (tokens, blocks)."""
        tensor = self._tensors["token_embd.weight"]
        if tensor.tensor_type.name != "Q8_0":
            raise ValueError(f"{tensor.name}: expected Q8_0, got {tensor.tensor_type.name}")
        blocks = np.ascontiguousarray(tensor.data).reshape(len(tensor.data), -1, Q8_BLOCK_BYTES)
        scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0]
        return np.ascontiguousarray(blocks[..., 2:]).view(np.int8), scales

    def tokenizer(self) -> Tokenizer:
        """SentencePiece BPE: of all pairs that make a token, the best scored goes first."""
        tokens = list(self._read("tokenizer.ggml.tokens"))
        scores = self._read("tokenizer.ggml.scores")
        vocabulary = {token: index for index, token in enumerate(tokens)}
        merges: list[tuple[float, int, int, str, str]] = []
        for token, score in zip(tokens, scores, strict=True):
            for cut in range(1, len(token)):
                left, right = vocabulary.get(token[:cut]), vocabulary.get(token[cut:])
                if left is not None and right is not None:
                    merges.append((-score, left, right, token[:cut], token[cut:]))
        merges.sort(key=lambda merge: merge[:3])
        model = models.BPE(
            vocab=vocabulary,
            merges=[(left, right) for *_, left, right in merges],
            unk_token="<unk>",  # noqa: S106
            fuse_unk=True,
            byte_fallback=True,
        )
        tokenizer = Tokenizer(model)
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
        )
        return tokenizer


def rows_of(
    levels: NDArray[np.int8], scales: NDArray[np.float16], index: NDArray[np.int64]
) -> FloatArray:
    """Embeddings (len(index), hidden), which are the output layer's rows as well."""
    wide = levels[index].astype(np.float32) * scales[index].astype(np.float32)[..., None]
    rows: FloatArray = wide.reshape(len(index), -1)
    return rows
