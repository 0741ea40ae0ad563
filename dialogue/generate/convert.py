"""From a Gemma 3 GGUF file to a folder that the local backend serves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from gguf import GGUFReader, dequantize
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers

from dialogue.generate.gemma_graph import FloatArray, Shape, write_decoder

FILES = ("decoder.onnx", "tokenizer.json", "embedding.npy", "scales.npy", "card.json")
Q8_BLOCK_BYTES = 34
"""A float16 scale and 32 signed levels."""


def convert_gguf(source: Path, out: Path, sha256: str, say: Callable[[str], None]) -> Path:
    """Write `out`, whole or not at all. Raises `ValueError` for another architecture."""
    reader = GGUFReader(source)
    name = reader.fields["general.architecture"].contents()
    if name != "gemma3":
        raise ValueError(f"{source.name}: expected architecture gemma3, got {name}")
    scratch = out.with_name(out.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    say("tokenizer")
    tokens = list(reader.fields["tokenizer.ggml.tokens"].contents())
    _tokenizer(reader, tokens).save(str(scratch / "tokenizer.json"), pretty=False)
    say("weights")
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    levels, scales = _embedding(tensors["token_embd.weight"])
    np.save(scratch / "embedding.npy", levels)
    np.save(scratch / "scales.npy", scales)
    shape = _shape(reader)

    def weight(name: str) -> FloatArray:
        tensor = tensors[name]
        return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)

    onnx.save(write_decoder(shape, weight), scratch / "decoder.onnx")
    card = {
        "source": source.name,
        "sha256": sha256,
        "layers": shape.layers,
        "kv_heads": shape.kv_heads,
        "head": shape.head,
        "bos": int(reader.fields["tokenizer.ggml.bos_token_id"].contents()),
        "eos": int(reader.fields["tokenizer.ggml.eos_token_id"].contents()),
    }
    (scratch / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    scratch.rename(out)
    return out


def _shape(reader: GGUFReader) -> Shape:
    def read(key: str) -> Any:
        return reader.fields[f"gemma3.{key}"].contents()

    return Shape(
        hidden=int(read("embedding_length")),
        inner=int(read("feed_forward_length")),
        layers=int(read("block_count")),
        heads=int(read("attention.head_count")),
        kv_heads=int(read("attention.head_count_kv")),
        head=int(read("attention.key_length")),
        window=int(read("attention.sliding_window")),
        eps=float(read("attention.layer_norm_rms_epsilon")),
    )


def _embedding(tensor: Any) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """The file's own 8-bit levels (tokens, blocks, 32) and scales (tokens, blocks)."""
    if tensor.tensor_type.name != "Q8_0":
        raise ValueError(f"{tensor.name}: expected Q8_0, got {tensor.tensor_type.name}")
    blocks = np.ascontiguousarray(tensor.data).reshape(len(tensor.data), -1, Q8_BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0]
    return np.ascontiguousarray(blocks[..., 2:]).view(np.int8), scales


def _tokenizer(reader: GGUFReader, tokens: list[str]) -> Tokenizer:
    """SentencePiece BPE: of all pairs that make a token, the best scored goes first."""
    scores = reader.fields["tokenizer.ggml.scores"].contents()
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
