"""Words to phonemes and pieces, with misaki's real dictionaries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.voice.phonemes.frontend import Frontend, build_frontend
from app.voice.pieces import PIECE_WEIGHT, cut, weight
from app.voice.speakable.text import speakable


@pytest.fixture(scope="module")
def frontend() -> Frontend:
    return build_frontend()


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("你好。", "ni↓xau↓."),
        ("谢谢！", "ɕje↘ɕje↘!"),
        ("退还、重新", "tʰwei↘xwa↗n, ꭧʰʊ↗ŋɕi→n"),
        ("V I P", "vˌiˌIpˈi"),
        ("用 V I P 卡", "jʊ↘ŋ wei→ai↘pʰi↘ kʰa↓"),
        ("iPhone", "ˈIfˌOn"),
        ("the order", "ði ˈɔɹdəɹ"),
        ("to pay, to order", "tə pˈA, tʊ ˈɔɹdəɹ"),
        ("refunded", "ɹəfˈʌndᵻd"),
        ("unboxing", "ˌʌnbˈɑksɪŋ"),
        ("SKU", "ˌɛskˌAjˈu"),
        ("", ""),
        ("，。", ""),
    ],
)
def test_known_sounds(frontend: Frontend, text: str, phonemes: str) -> None:
    assert frontend.phonemes(text) == phonemes


def test_every_phoneme_is_one_the_model_knows(frontend: Frontend) -> None:
    path = next(Path("var").glob("voices/kokoro/vocab.json"), None)
    assert path is not None, "expected the neural voice in var/voices: run `lingxi setup`"
    known = set(json.loads(path.read_text())["vocab"])
    said = frontend.phonemes(
        "您好，二十四小时客服为您服务：绿色女士略旅游、日子、四十、儿童、去玩、熊、永远。"
        "The quick brown fox jumped over a lazy dog's measured pleasure; church judge thing!"
        "（好）“嗯”——哦…"
    )
    assert set(said) - known == set()


@given(st.text(max_size=40))
def test_any_words_have_phonemes_or_silence(frontend: Frontend, text: str) -> None:
    said = frontend.phonemes(speakable(text, "zh"))
    assert not any(char.isdecimal() for char in said)


def test_the_first_piece_is_a_short_clause() -> None:
    text = "您好，非常抱歉给您带来不便，我们已经为您重新安排了配送，预计明天送达。请留意电话。"
    pieces = cut(text)
    assert weight(pieces[0].text) < weight(pieces[1].text)
    assert "".join(piece.text for piece in pieces) == text
    assert pieces[-1].pause_s == 0.0
    assert all(piece.pause_s > 0 for piece in pieces[:-1])


@given(st.text(alphabet="您好，。！ab c\n；", max_size=400))
def test_pieces_keep_every_word_and_stay_short(text: str) -> None:
    pieces = cut(text)
    assert "".join("".join(p.text for p in pieces).split()) == "".join(text.split())
    assert all(0 < weight(piece.text) <= PIECE_WEIGHT + 1 for piece in pieces)
