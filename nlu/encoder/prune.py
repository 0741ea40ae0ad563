"""A smaller variant of the packaged encoder: only the pieces that Chinese and English are cut into.

A quarter of a million pieces cover a hundred languages. Kept are those of Han characters, of plain
Latin letters, of digits, signs and emoji, and every single character, so that other scripts are read
letter by letter, not lost. The layers are the same, and so is what they make of the same pieces: a
model trained with the one serves with the other.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import regex

from nlu.encoder.folder import (
    INT8_GRAPH,
    WEIGHTS,
    WORD_EMBEDDINGS,
    MappedWeights,
    Planned,
    read_card,
    write_card,
    write_safetensors,
)
from nlu.encoder.tokenizer import PIECES, TOKENIZER, build_unigram, write_pieces

ZH_EN = "zh-en"
NAMED = r"<.*>"
"""``<s>``, ``<unk>``, ``<mask>``."""
OTHER_SCRIPT = r"(?=\p{L}|\p{M})[^\p{Han}a-zA-Z]"
CONFIG = "config.json"


def is_kept(piece: str) -> bool:
    bare = piece.removeprefix("▁")
    return (
        len(bare) <= 1
        or regex.fullmatch(NAMED, piece) is not None
        or regex.search(OTHER_SCRIPT, bare) is None
    )


def prune(source: Path, out: Path) -> None:
    """Write the variant of the encoder folder `source` into the folder `out`, which is there."""
    read = json.loads((source / TOKENIZER).read_text(encoding="utf-8"))["model"]["vocab"]
    kept = [at for at, (piece, _) in enumerate(read) if is_kept(piece)]
    pieces = [(str(read[at][0]), float(read[at][1])) for at in kept]
    build_unigram([p for p, _ in pieces], [s for _, s in pieces]).save(
        str(out / TOKENIZER), pretty=False
    )
    write_pieces(pieces, out / PIECES)
    write_safetensors(out / WEIGHTS, _tensors(MappedWeights(source / WEIGHTS), kept))
    config = json.loads((source / CONFIG).read_text(encoding="utf-8"))
    (out / CONFIG).write_text(json.dumps(config | {"vocab_size": len(kept)}, indent=1))
    shutil.copyfile(source / INT8_GRAPH, out / INT8_GRAPH)
    write_card(out, replace(read_card(source), pieces=ZH_EN))


def _tensors(weights: MappedWeights, kept: list[int]) -> Iterator[Planned]:
    for name in weights:
        values = weights.mapped(name)
        rows = values[np.asarray(kept)] if name == WORD_EMBEDDINGS else values
        yield Planned(name, rows.shape, rows.dtype, [rows])
