"""Text to pieces, with offsets that point at exact characters of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

_SURROGATES = re.compile("[\ud800-\udfff]")
BOS, PAD, EOS, UNK = "<s>", "<pad>", "</s>", "<unk>"


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


class PieceTokenizer:
    """Encodes texts with the encoder's prefix; thread-safe."""

    def __init__(self, folder: Path, *, prefix: str, max_tokens: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._max_tokens = max_tokens
        framed = self._tokenizer.encode("a")
        specials = framed.special_tokens_mask
        first = specials.index(0)
        start = framed.ids[:first]
        self._tail = framed.ids[len(specials) - specials[::-1].index(0) :]
        self._head = start + self._pieces(prefix)
        self._passage_head = start + self._pieces(PASSAGE_PREFIXES.get(prefix, prefix))
        pad = self._tokenizer.token_to_id(PAD)
        self.pad_id = pad if pad is not None else (self._tokenizer.token_to_id("[PAD]") or 0)

    def _pieces(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids if text else []
        return ids

    def encode(self, texts: Sequence[str], *, passages: bool = False) -> list[Encoding]:
        """Texts beyond the encoder's length are cut; a lone surrogate counts as one `\\ufffd`."""
        clean = [_SURROGATES.sub("\ufffd", text) for text in texts]
        found = self._tokenizer.encode_batch(clean, add_special_tokens=False)
        head = self._passage_head if passages else self._head
        return [self._framed(head, item.ids, item.offsets) for item in found]

    def _framed(self, head: list[int], ids: list[int], offsets: list[tuple[int, int]]) -> Encoding:
        room = self._max_tokens - len(head) - len(self._tail)
        ids, offsets = ids[:room], offsets[:room]
        framed = np.array([*head, *ids, *self._tail], dtype=np.int32)
        spans = np.zeros((len(framed), 2), dtype=np.int32)
        if offsets:
            spans[len(head) : len(head) + len(ids)] = offsets
        return Encoding(framed, spans)
