"""Text to pieces, with offsets that point at exact characters of the text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sentencepiece import SentencePieceProcessor
from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined]
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

_SURROGATES = re.compile("[\ud800-\udfff]")
BOS, PAD, EOS, UNK = "<s>", "<pad>", "</s>", "<unk>"
TOKENIZER = "tokenizer.json"
PIECES = "pieces.model"


@dataclass(frozen=True, slots=True)
class Encoding:
    """One text as pieces.

    `ids` (tokens,) with specials and prefix; `spans` (tokens, 2) are characters of the text,
    [0, 0] for specials and prefix.
    """

    ids: NDArray[np.int32]
    spans: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)

    def shortened(self, most: int) -> Encoding:
        """Its first `most` pieces, the last one kept: it ends the text."""
        if len(self) <= most:
            return self
        keep = np.r_[: most - 1, -1]
        return Encoding(self.ids[keep], self.spans[keep])


def write_pieces(pieces: Sequence[tuple[str, float]], path: Path) -> None:
    """Write XLM-R's pieces and scores as a SentencePiece model, under a temporary name first."""
    model = ModelProto()
    kinds = {UNK: ModelProto.SentencePiece.UNKNOWN}
    kinds |= dict.fromkeys((BOS, PAD, EOS, "<mask>"), ModelProto.SentencePiece.CONTROL)
    for piece, score in pieces:
        kind = kinds.get(piece, ModelProto.SentencePiece.NORMAL)
        model.pieces.add(piece=piece, score=score, type=kind)
    names = [piece for piece, _ in pieces[:10]]
    trainer, normalizer = model.trainer_spec, model.normalizer_spec
    trainer.model_type = trainer.UNIGRAM
    trainer.bos_id, trainer.eos_id = names.index(BOS), names.index(EOS)
    trainer.pad_id, trainer.unk_id = names.index(PAD), names.index(UNK)
    normalizer.name = "identity"
    normalizer.add_dummy_prefix = normalizer.remove_extra_whitespaces = True
    scratch = path.with_name(path.name + ".part")
    scratch.write_bytes(model.SerializeToString())
    scratch.replace(path)


def add_pieces(folder: Path) -> None:
    """Give a folder that an earlier version converted from the packaged weights its pieces."""
    written = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
    write_pieces([(piece, score) for piece, score in written["model"]["vocab"]], folder / PIECES)


def build_unigram(pieces: Sequence[str], scores: Sequence[float]) -> Tokenizer:
    """The XLM-R tokenizer: Unigram over NFKC text with collapsed spaces, ``▁`` for a space."""
    vocabulary = list(zip(pieces, scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=pieces.index(UNK), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(left=True, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = pieces.index(BOS), pieces.index(EOS)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}", special_tokens=[(BOS, bos), (EOS, eos)]
    )
    return tokenizer


PASSAGE_PREFIXES = {"query: ": "passage: "}
"""What texts that are searched begin with, by what questions begin with: E5 was trained so."""


class Cutter(Protocol):
    """Cuts plain texts into pieces; thread-safe."""

    head: list[int]
    """Ids before every text, and `tail` after it."""
    tail: list[int]
    pad_id: int

    def ids(self, text: str) -> list[int]: ...

    def cut(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """Of each text the ids, and each piece's span in characters."""
        ...


class SentencePieces:
    """SentencePiece itself: the same pieces in a fifth of the memory, four times as fast.

    Measured on 250,002 pieces: 55 MB instead of 282, 17 us a short text instead of 75.
    """

    def __init__(self, path: Path) -> None:
        self._processor = SentencePieceProcessor(model_file=str(path))
        self.head, self.tail = [self._processor.bos_id()], [self._processor.eos_id()]
        self.pad_id = self._processor.pad_id()

    def ids(self, text: str) -> list[int]:
        return self._cut(text)[0]

    def cut(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        return [self._cut(text) for text in texts]

    def _cut(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        found = self._processor.encode(text, return_type="offset_mapping")
        ids, spans = found["ids"], found["offsets"]
        if spans and spans[0] == (0, 0):  # a lone ``▁`` before the first character
            spans[0] = (0, 1)
        return ids, spans


def _of_text_alone(tokenizer: dict[str, Any]) -> dict[str, Any]:
    """A tokenizer that reads a customer's ``</s>`` as the letters it is, not as the end."""
    added = tokenizer["added_tokens"]
    control = {BOS, PAD, EOS, UNK} | {token["content"] for token in added if token["special"]}

    def renamed(piece: str) -> str:  # plain texts have no NUL: nothing matches it
        return f"\0{piece}" if piece in control else piece

    model = tokenizer["model"]
    vocabulary = model["vocab"]
    if isinstance(vocabulary, dict):  # WordPiece and BPE: a number for each; Unigram: a score
        model["vocab"] = {renamed(piece): id_ for piece, id_ in vocabulary.items()}
    else:
        model["vocab"] = [[renamed(piece), score] for piece, score in vocabulary]
    if model.get("unk_token"):
        model["unk_token"] = renamed(model["unk_token"])
    added = [token | {"content": renamed(token["content"])} for token in added]
    return tokenizer | {"added_tokens": added, "post_processor": None}


class HubPieces:
    """Whatever tokenizer an encoder from a hub brings."""

    def __init__(self, path: Path) -> None:
        written = path.read_text(encoding="utf-8")
        whole = Tokenizer.from_str(written)
        whole.no_padding()
        framed = whole.encode("a")
        specials = framed.special_tokens_mask
        self.head = framed.ids[: specials.index(0)]
        self.tail = framed.ids[len(specials) - specials[::-1].index(0) :]
        pad = whole.token_to_id(PAD)
        self.pad_id = pad if pad is not None else (whole.token_to_id("[PAD]") or 0)
        self._tokenizer = Tokenizer.from_str(json.dumps(_of_text_alone(json.loads(written))))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def cut(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        found = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [(item.ids, item.offsets) for item in found]


class PieceTokenizer:
    """Encodes texts in their plain form (`nlu.text.normalise`), with the encoder's prefix."""

    def __init__(self, folder: Path, *, prefix: str, max_tokens: int) -> None:
        own, hub = folder / PIECES, folder / TOKENIZER
        self._cutter: Cutter = SentencePieces(own) if own.is_file() else HubPieces(hub)
        self._max_tokens = max_tokens
        self._tail = self._cutter.tail
        self._head = self._headed(prefix)
        self._passage_head = self._headed(PASSAGE_PREFIXES.get(prefix, prefix))
        self.pad_id = self._cutter.pad_id

    def _headed(self, prefix: str) -> list[int]:
        return self._cutter.head + (self._cutter.ids(prefix) if prefix else [])

    def encode(self, texts: Sequence[str], *, passages: bool = False) -> list[Encoding]:
        """Texts beyond the encoder's length are cut; a lone surrogate counts as one `\\ufffd`."""
        clean = [_SURROGATES.sub("\ufffd", text) for text in texts]
        head = self._passage_head if passages else self._head
        return [self._framed(head, ids, spans) for ids, spans in self._cutter.cut(clean)]

    def count(self, text: str) -> int:
        """Pieces of all of a text, however long it is."""
        return len(self._cutter.ids(_SURROGATES.sub("\ufffd", text)))

    def _framed(self, head: list[int], ids: list[int], offsets: list[tuple[int, int]]) -> Encoding:
        room = self._max_tokens - len(head) - len(self._tail)
        ids, offsets = ids[:room], offsets[:room]
        framed = np.array([*head, *ids, *self._tail], dtype=np.int32)
        spans = np.zeros((len(framed), 2), dtype=np.int32)
        if offsets:
            spans[len(head) : len(head) + len(ids)] = offsets
        return Encoding(framed, spans)
