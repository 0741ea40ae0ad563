"""From a Gemma 3 GGUF file and an adapter to a folder that the local backend serves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from dialogue.generate.adapter import Adapter
from dialogue.generate.gemma_file import GemmaFile
from dialogue.generate.gemma_graph import write_decoder

FILES = ("decoder.onnx", "tokenizer.json", "embedding.npy", "scales.npy", "card.json")


def convert_gguf(
    source: Path, adapter: Adapter, out: Path, sha256: str, say: Callable[[str], None]
) -> Path:
    """Write `out`, whole or not at all. Raises `ValueError` for another architecture."""
    file = GemmaFile(source)
    scratch = out.with_name(out.name + ".part")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    say("tokenizer")
    file.tokenizer().save(str(scratch / "tokenizer.json"), pretty=False)
    say("weights")
    levels, scales = file.embedding()
    np.save(scratch / "embedding.npy", levels)
    np.save(scratch / "scales.npy", scales)
    onnx.save(write_decoder(file.shape, adapter.merged(file.weight)), scratch / "decoder.onnx")
    card = {
        "source": source.name,
        "sha256": sha256,
        "adapter_sha256": adapter.sha256,
        "threshold": adapter.card["threshold"],
        "joining": adapter.card["joining"],
        "layers": file.shape.layers,
        "kv_heads": file.shape.kv_heads,
        "head": file.shape.head,
        "bos": file.bos,
        "eos": file.eos,
    }
    (scratch / "card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    scratch.rename(out)
    return out


def converted(folder: Path, adapter: Adapter, sha256: str) -> bool:
    """Whether `folder` holds just this source with just this adapter."""
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    made_of = card.get("sha256"), card.get("adapter_sha256")
    return bool(made_of == (sha256, adapter.sha256))
