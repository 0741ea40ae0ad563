"""Writes what serves as plain ONNX files, for other programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal

from nlu.artifact import UPPER_GRAPH, UPPER_WEIGHTS, read_card
from nlu.encoder.folder import INT8_GRAPH, WEIGHTS, MappedWeights
from nlu.encoder.folder import read_card as read_encoder_card
from nlu.encoder.graph import build_graph, write_graph

Precision = Literal["fp32", "int8"]


def export_onnx(model: Path, encoder_dir: Path, out: Path, precision: Precision) -> list[Path]:
    """Write ``encoder.onnx``, ``upper.onnx`` for a tuned model, tokenizer and cards into `out`.

    Inputs: ``hidden`` (batch, tokens, width) float32, for the encoder the sum of word, position
    and type embeddings, for the upper layers ``layer_k`` of the encoder; ``mask`` (batch, tokens)
    int32. Raises `ModelError`, `EncoderFileError`.
    """
    card, encoder = read_card(model), read_encoder_card(encoder_dir)
    out.mkdir(parents=True, exist_ok=True)
    sources = [(encoder_dir / INT8_GRAPH, encoder_dir / WEIGHTS, 0, "encoder.onnx")]
    if card.tuned_from is not None:
        tuned = model / UPPER_GRAPH, model / UPPER_WEIGHTS
        sources.append((*tuned, card.tuned_from, "upper.onnx"))
    written: list[Path] = []
    for graph, weights, start, name in sources:
        written.append(out / name)
        if precision == "int8":
            shutil.copyfile(graph, written[-1])
            continue
        layers = range(encoder.layers + 1) if start == 0 else [encoder.layers]
        built = build_graph(
            MappedWeights(weights),
            encoder.shape,
            start=start,
            stop=encoder.layers,
            outputs=layers,
        )
        write_graph(built, written[-1])
    for source, name in (
        (encoder_dir / WEIGHTS, "embeddings.safetensors"),
        (encoder_dir / "tokenizer.json", "tokenizer.json"),
        (model / "heads.safetensors", "heads.safetensors"),
        (model / "model.json", "model.json"),
    ):
        shutil.copyfile(source, out / name)
        written.append(out / name)
    about = {"precision": precision, "prefix": encoder.prefix, "pooling": "mean over the mask"}
    (out / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    return written
