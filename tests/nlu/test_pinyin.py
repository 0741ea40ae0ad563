"""Messages that are typed in pinyin, without an input method, are read as what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text.language import detect_language
from nlu.text.mend import Mender
from nlu.text.normalise import normalise
from nlu.text.pinyin import read_pinyin
from nlu.train.words import known_words

SAID = [
    "我要退货",
    "退款多久到账",
    "快递到哪里了",
    "查订单",
    "有人吗",
    "东西坏了怎么办",
    "退款到账了吗",
]
MENDER = Mender(known_words([*SAID, "where is my order", "i have to pay again"]))


def read(text: str) -> str:
    return MENDER.mend(normalise(text)).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wo yao tui huo", "我要退货"),
        ("wo yao tuihuo", "我要退货"),
        ("woyaotuihuo", "我要退货"),
        ("Tui kuan duo jiu dao zhang?", "退款多久到账?"),
        ("dong xi huai le zen me ban", "东西坏了怎么办"),  # "ban" and "me" are English words too
        ("cha dingdan A10023, kuaidi dao na li le", "查订单 A10023, 快递到哪里了"),
    ],
)
def test_pinyin_alone_is_read_in_characters(typed: str, meant: str) -> None:
    assert read(typed) == meant
    assert detect_language(typed) == "zh"


@pytest.mark.parametrize(
    "typed",
    [
        "can you hang on",
        "are you a human",
        "i have to pay again",
        "how long do i have to wait",
        "see ya",
        "Wang Xiaoming",  # a name
        "kuang",  # one syllable may be anything
        "tui huo please",  # English among it
        "zhuang fiang kuong",  # no such syllables
        "",
    ],
)
def test_what_is_english_or_a_name_stays(typed: str) -> None:
    assert read(typed) == typed


def test_each_character_is_at_its_syllables() -> None:
    found = MENDER.mend(normalise("wo yao tui huo"))
    assert found.text == "我要退货"
    assert found.original_span(0, 1)[0] == 0
    assert found.original_span(2, 4) == (7, 14)


@given(st.lists(st.text("abeghnoiuxyzw", min_size=1, max_size=8), max_size=6))
def test_what_is_read_covers_all_letters_in_order(words: list[str]) -> None:
    spelt = {"wo": ("我", -1.0), "yao": ("要", -1.0), "wohao": ("我好", -1.5), "a": ("啊", -2.0)}
    found = read_pinyin(words, spelt)
    if found:
        borders = [0, *(end for _, end, _ in found)]
        assert [start for start, _, _ in found] == borders[:-1]
        assert borders[-1] == sum(map(len, words))
