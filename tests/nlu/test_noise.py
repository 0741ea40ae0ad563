"""The noise pack: seeded, and each kind does to a text what it says."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.evaluate.noise import KINDS, noisy

TEXT = "我要退款，订单号A1002，快递还没收到，请帮我取消"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_noise(kind: str) -> None:
    assert noisy(TEXT, kind, 7) == noisy(TEXT, kind, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_changes_a_chinese_text(kind: str) -> None:
    assert noisy(TEXT, kind, 7) != TEXT


def test_kinds_do_what_they_say() -> None:
    assert noisy(TEXT, "traditional", 1) == "我要退款，訂單號A1002，快遞還沒收到，請幫我取消"
    assert noisy("A10 退", "full_width", 1) == "Ａ１０\u3000退"
    assert noisy("订单", "mixed", 1) == "order"
    assert len(noisy(TEXT, "homophones", 1)) == len(TEXT)


@given(st.text(max_size=40), st.sampled_from(sorted(KINDS)), st.integers())
def test_no_text_breaks_it(text: str, kind: str, seed: int) -> None:
    assert isinstance(KINDS[kind](text, random.Random(seed)), str)
