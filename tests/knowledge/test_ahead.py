"""Words that are still being typed."""

from __future__ import annotations

import pytest

from dialogue.knowledge.ahead import Ahead
from dialogue.knowledge.types import Entry
from nlu.types import Language

SHOP = [
    ("How long does a refund take?", "退款多久到账"),
    ("Where does my refund go?", "退款退到哪里"),
    ("How do I return an item?", "怎么申请退货"),
    ("What does shipping cost?", "运费多少"),
    ("Can I cancel my order?", "订单能取消吗"),
    ("Can I change my address?", "地址能改吗"),
]


@pytest.fixture(scope="module")
def ahead() -> Ahead:
    return Ahead([Entry(str(n), asked, {"en": "A."}) for n, asked in enumerate(SHOP)])


@pytest.mark.parametrize(
    ("typed", "language", "meant"),
    [
        ("refu", "en", "refund"),
        ("refnd", "en", "refund"),
        ("shipp", "en", "shipping"),
        ("cancle order", "en", "cancel order"),
        ("tuik", "en", "退款"),
        ("tuikuan", "zh", "退款"),
        ("dizhi", "zh", "地址"),
        ("運", "zh", "运费"),
        ("怎么tuih", "zh", "怎么退货"),
        ("ＳＨＩＰＰ", "en", "shipping"),
    ],
)
def test_a_word_that_is_begun_is_read_as_what_it_may_become(
    ahead: Ahead, typed: str, language: Language, meant: str
) -> None:
    assert ahead.read(typed, language).queries[0] == meant


@pytest.mark.parametrize(
    "typed", ["refund", "how do I return it", "退款", "xyzzy", "", "?!", "the"]
)
def test_what_is_written_out_or_unknown_stays_as_it_is(ahead: Ahead, typed: str) -> None:
    assert ahead.read(typed, "en").queries == ()
