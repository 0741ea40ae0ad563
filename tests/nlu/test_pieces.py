"""Texts become the same pieces, at the same characters, whichever library cuts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from nlu.encoder.tokenizer import PIECES, PieceTokenizer, add_pieces, build_unigram
from nlu.text.normalise import normalise
from nlu.text.segment import rarity

WORDS = ["▁", "▁order", "order", "▁a", "a", "b", "c", "1", "12", "退货", "退", "我要", "我", "好"]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[PieceTokenizer, PieceTokenizer]:
    """The hub library's tokenizer, and SentencePiece made from its file."""
    folder: Path = tmp_path_factory.mktemp("encoder")
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *WORDS]
    scores = [0.0] * 4 + [-2 - at * 0.137 for at in range(len(WORDS))]
    build_unigram(pieces, scores).save(str(folder / "tokenizer.json"))
    hub = PieceTokenizer(folder, prefix="a: ", max_tokens=20)
    add_pieces(folder)
    assert (folder / PIECES).is_file()
    return hub, PieceTokenizer(folder, prefix="a: ", max_tokens=20)


def test_pieces_are_at_exact_characters(both: tuple[PieceTokenizer, PieceTokenizer]) -> None:
    (found,) = both[1].encode(["我要退货 order 12𠮷"])
    head = len(both[1].encode([""])[0]) - 1
    spans = found.spans[head:-1].tolist()
    assert spans == [[0, 1], [0, 2], [2, 4], [4, 10], [10, 11], [11, 13], [13, 14]]
    assert both[1].pad_id == 1
    assert found.ids[0] == 0
    assert found.ids[-1] == 2


@example("<pad>a</s>我<s><unk>")
@given(
    st.text(st.one_of(st.sampled_from("我要退货好ordeabc12 　é☃𠮷"), st.characters()), max_size=30)
)
def test_both_libraries_agree(both: tuple[PieceTokenizer, PieceTokenizer], text: str) -> None:
    plain = normalise(text.replace("▁", "")).text
    hub, own = (one.encode([plain])[0] for one in both)
    assert own.ids.tolist() == hub.ids.tolist()
    assert _covers(own.spans.tolist(), len(plain)) == _covers(hub.spans.tolist(), len(plain))


def test_a_hub_tokenizer_reads_the_names_of_control_pieces_as_letters(tmp_path: Path) -> None:
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "sep": 4, "hello": 5}
    hub = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    hub.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    hub.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    hub.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    hub.save(str(tmp_path / "tokenizer.json"))
    cutter = PieceTokenizer(tmp_path, prefix="", max_tokens=20)
    (found,) = cutter.encode(["hello [SEP] sep[PAD] what"])
    assert found.ids.tolist() == [2, 5, 1, 1, 1, 3]
    assert cutter.pad_id == 0


def _covers(spans: list[list[int]], size: int) -> list[int]:
    """Of each character the last piece over it; a blank is nobody's."""
    cover = [-1] * size
    for at, (start, end) in enumerate(spans):
        for char in range(start, end):
            cover[char] = at
    return cover


def test_a_word_that_lies_in_memory_as_another_does_is_not_taken_for_it() -> None:
    known = rarity()
    assert known("my") == known("no such word")
    assert known("祭") != known("my")
