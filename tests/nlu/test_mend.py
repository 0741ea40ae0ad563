"""Slips are mended towards what training texts know; places and other words stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.mend import Mender, Words
from nlu.text.normalise import normalise
from nlu.train.words import known_words

MENDER = Mender(
    known_words(
        ["where is my money", "i want a refund, please", "我要退款", "退货地址在哪里", "查一下快递"]
    )
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("where is my moeny", "where is my money"),
        ("i want a re fund plaese", "i want a refund please"),
        ("我要tuikuan", "我要退款"),
        ("我要推宽", "我要退款"),
        ("退或地址在哪里", "退货地址在哪里"),
        ("我要退 款", "我要退款"),
        ("我退要款", "我要退款"),
        ("查快递📦📦", "查快递 "),
    ],
)
def test_slips_are_mended(written: str, read: str) -> None:
    assert MENDER.mend(normalise(written)).text == read


@pytest.mark.parametrize(
    "written",
    [
        "mail me@moeny.com",  # an address
        "order MNOEY1 or RFND",  # a number, and an abbreviation
        "the warning is starting",  # words, though the training texts lack them
        "我要退货 查一下地址",  # a blank between phrases
        "😡📦",  # nothing else was said
        "an iPhone for Mrs Wnat",  # names
        "我的 name 是",  # English among Chinese, though it sounds like 那么
        "有 iPhone 吗",
        "我是说",
        "移机怎么收费",  # a word that sounds like 一级
        "要四个",  # 四 is no 是
        "",
    ],
)
def test_what_is_no_slip_stays(written: str) -> None:
    assert MENDER.mend(normalise(written)).text == written


@given(st.text(st.one_of(st.sampled_from("我要退款推宽 moneyrfud📦tuikan"), st.characters())))
def test_every_character_knows_its_place(text: str) -> None:
    plain = normalise(text)
    for mender in (MENDER, Mender(Words())):
        read = mender.mend(plain)
        assert len(read.text) == len(read.starts) == len(read.ends)
        assert list(read.starts) == sorted(read.starts)
        for char, start, end in zip(read.text, read.starts, read.ends, strict=True):
            behind = plain.text[start:end]
            assert behind
            assert char == behind or len(behind) > 1 or char == " "


def test_where_much_rightly_written_sounds_like_a_known_word_nothing_is_mended_by_sound() -> None:
    asked, named = [f"我要退款{i}" for i in range(120)], [f"腿款河道{i}" for i in range(120)]
    assert known_words(asked * 2).sounds
    mixed = known_words([text for pair in zip(asked, named, strict=True) for text in pair])
    assert not mixed.sounds
    assert "tuikuan" in mixed.spelt
    assert Mender(mixed).mend(normalise("我要推款")).text == "我要推款"
