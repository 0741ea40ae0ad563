"""Turns the packaged E5 weights, or any BERT by folder or hub id, into an encoder folder.

Done once: into a temporary folder that is renamed when all of it is there. The E5 conversion
streams the big embedding matrix and takes some seconds and a few hundred megabytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.encoder.calibrate import measure
from nlu.encoder.e5_file import E5File, E5Sizes, EncoderFileError, FloatArray
from nlu.encoder.folder import (
    FORMAT,
    INT8_GRAPH,
    WEIGHTS,
    WORD_EMBEDDINGS,
    EncoderCard,
    MappedWeights,
    Planned,
    read_card,
    write_card,
    write_safetensors,
)
from nlu.encoder.graph import build_graph, write_graph
from nlu.encoder.prune import prune
from nlu.encoder.runtime import Embeddings, pad
from nlu.encoder.tokenizer import (
    PIECES,
    TOKENIZER,
    PieceTokenizer,
    add_pieces,
    build_unigram,
    write_pieces,
)

Say = Callable[[str], None]
Texts = Callable[[], Sequence[str]]
"""Some of all kinds that an encoder will read: they tell the ranges of its int8 graph."""
E5_ID = "multilingual-e5-small"
E5_PREFIX = "query: "
BATCH = 16
_F32, _F16 = np.dtype("<f4"), np.dtype("<f2")
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def convert_e5(source: Path, out: Path, texts: Texts, say: Say = print) -> Path:
    """Convert the ``E5S1`` file `source` into the encoder folder `out`, and return it.

    Does nothing when `out` was made from the same file. Raises `EncoderFileError`.
    """
    digest = _sha256(source)
    if _is_current(out, digest):
        return out
    say(f"converting {source.name} into {out}")
    with _replacing(out) as scratch:
        parsed = E5File(source)
        sizes = parsed.sizes
        say(f"weights: {sizes.layers} layers of width {sizes.hidden}")
        write_safetensors(scratch / WEIGHTS, _e5_tensors(parsed))
        say(f"tokenizer: {len(parsed.pieces)} pieces")
        build_unigram(parsed.pieces, parsed.scores).save(str(scratch / TOKENIZER), pretty=False)
        write_pieces(list(zip(parsed.pieces, parsed.scores, strict=True)), scratch / PIECES)
        (scratch / "config.json").write_text(json.dumps(_e5_config(sizes), indent=1))
        card = EncoderCard(
            encoder_id=E5_ID,
            source_sha256=digest,
            prefix=E5_PREFIX,
            hidden=sizes.hidden,
            layers=sizes.layers,
            heads=sizes.heads,
            positions=sizes.positions,
            eps=1e-12,
        )
        _finish(scratch, card, texts, say)
    return out


def convert_transformers(
    name: str, out: Path, texts: Texts, say: Say = print, *, prefix: str = ""
) -> Path:
    """Convert a BERT-like model by folder or hub id into `out`; needs its fast tokenizer.

    Raises `EncoderFileError` for another architecture.
    """
    from transformers import AutoModel, AutoTokenizer

    say(f"converting {name} into {out}")
    model = AutoModel.from_pretrained(name, dtype="float32")
    config = model.config
    if config.model_type not in {"bert", "roberta", "xlm-roberta"}:
        raise EncoderFileError(f"{name}: expected a BERT or RoBERTa, got {config.model_type}")
    state = {key: tensor.numpy() for key, tensor in model.state_dict().items()}
    offset = 0 if config.model_type == "bert" else config.pad_token_id + 1
    wanted = [
        k for k in state if k.startswith(("embeddings.", "encoder.")) and state[k].dtype == _F32
    ]
    with _replacing(out) as scratch:
        write_safetensors(
            scratch / WEIGHTS,
            (Planned(key, state[key].shape, _kept_as(key), [state[key]]) for key in wanted),
        )
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True)
        tokenizer.backend_tokenizer.save(str(scratch / TOKENIZER), pretty=False)
        config.save_pretrained(scratch)
        digest = _sha256(scratch / WEIGHTS)
        card = EncoderCard(
            encoder_id=Path(name).name,
            source_sha256=digest,
            prefix=prefix,
            hidden=config.hidden_size,
            layers=config.num_hidden_layers,
            heads=config.num_attention_heads,
            positions=config.max_position_embeddings - offset,
            eps=config.layer_norm_eps,
            position_offset=offset,
        )
        _finish(scratch, card, texts, say)
    return out


def convert_smaller(source: Path, out: Path, say: Say = print) -> Path:
    """Write the variant for Chinese and English of the converted packaged encoder `source`."""
    say(f"keeping the pieces of Chinese and English in {out}")
    with _replacing(out) as scratch:
        prune(source, scratch)
    return out


def renew(folder: Path, texts: Texts, say: Say = print) -> None:
    """Give a folder that an earlier version converted what this one serves by; its weights stay.

    Raises `EncoderFileError` for one that holds no encoder, or one of a later version.
    """
    card = read_card(folder, earlier=True)
    if card.format != FORMAT:
        _finish(folder, replace(card, format=FORMAT), texts, say)
    if card.encoder_id == E5_ID and not (folder / PIECES).is_file():
        add_pieces(folder)


def _finish(scratch: Path, card: EncoderCard, texts: Texts, say: Say) -> None:
    said = texts()
    say(f"int8 graph for ONNX Runtime, its ranges by {len(said)} texts")
    weights = MappedWeights(scratch / WEIGHTS)
    batches = _batches(scratch, card, weights, said)
    ranges = measure(weights, card.shape, batches, start=0, stop=card.layers)
    graph = build_graph(
        weights,
        card.shape,
        start=0,
        stop=card.layers,
        outputs=range(card.layers + 1),
        ranges=ranges,
    )
    write_graph(graph, scratch / INT8_GRAPH)
    write_card(scratch, card)


def _batches(
    folder: Path, card: EncoderCard, weights: MappedWeights, texts: Sequence[str]
) -> Iterator[tuple[FloatArray, NDArray[np.int32]]]:
    """The texts as the graph takes them, like lengths together."""
    tokenizer = PieceTokenizer(folder, prefix=card.prefix, max_tokens=card.positions)
    embeddings = Embeddings(weights, card)
    encodings = sorted(tokenizer.encode(texts), key=len)
    for at in range(0, len(encodings), BATCH):
        batch = pad(encodings[at : at + BATCH], tokenizer.pad_id)
        yield embeddings(batch), batch.mask


def _kept_as(name: str) -> np.dtype[np.generic]:
    return _F16 if name == WORD_EMBEDDINGS else _F32


def _e5_tensors(parsed: E5File) -> Iterator[Planned]:
    sizes = parsed.sizes
    shape = (sizes.vocabulary, sizes.hidden)
    yield Planned(WORD_EMBEDDINGS, shape, _F16, parsed.rows("emb.word", sizes.hidden))
    plain: dict[str, FloatArray] = {
        "embeddings.position_embeddings.weight": parsed.tensor("emb.pos").reshape(
            sizes.positions, sizes.hidden
        ),
        "embeddings.token_type_embeddings.weight": _two_types(parsed.tensor("emb.type"), sizes),
        "embeddings.LayerNorm.weight": parsed.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": parsed.tensor("emb.ln.b"),
    }
    for index in range(sizes.layers):
        for short, long in _PARTS.items():
            bias = parsed.tensor(f"l{index}.{short}.b")
            weight = parsed.tensor(f"l{index}.{short}.w")
            is_matrix = not short.endswith("ln")
            at = f"encoder.layer.{index}.{long}"
            plain[f"{at}.weight"] = weight.reshape(len(bias), -1) if is_matrix else weight
            plain[f"{at}.bias"] = bias
    for name, values in plain.items():
        yield Planned(name, values.shape, _F32, [values])


def _two_types(stored: FloatArray, sizes: E5Sizes) -> FloatArray:
    types = np.zeros((sizes.types, sizes.hidden), dtype=np.float32)
    rows = stored.reshape(-1, sizes.hidden)
    types[: len(rows)] = rows
    return types


def _e5_config(sizes: E5Sizes) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": sizes.hidden,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "intermediate_size": sizes.feed_forward,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": sizes.positions,
        "type_vocab_size": sizes.types,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 1,
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _is_current(out: Path, digest: str) -> bool:
    try:
        return read_card(out).source_sha256 == digest
    except (EncoderFileError, ValueError, TypeError):
        return False


class _replacing:  # noqa: N801  reads as a verb: with _replacing(out) as scratch
    """A scratch folder beside `out` that takes its place if the block ends well."""

    def __init__(self, out: Path) -> None:
        self._out = out

    def __enter__(self) -> Path:
        self._out.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix=f".{self._out.name}-", dir=self._out.parent))
        return self._scratch

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            return
        if self._out.exists():
            shutil.rmtree(self._out)
        self._scratch.chmod(0o755)
        self._scratch.rename(self._out)
