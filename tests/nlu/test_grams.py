"""The n-gram head: what training fits is what serves, and unknown characters say nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlu.grams import GramHead, gram_keys
from nlu.train.grams import Grams, fit_grams

TEXTS = [
    "请把灯打开",
    "打开客厅的灯",
    "把灯关掉",
    "关灯",
    "turn the light on",
    "turn off the light",
]
LABELS = np.array([0, 0, 1, 1, 0, 1])


def test_the_served_head_says_what_the_fitted_one_says() -> None:
    grams = Grams.of(TEXTS)
    fit = fit_grams(grams.rows, LABELS, 2, seed=0)
    head = fit.head(grams.table, 2.0)
    served = GramHead.of(head.arrays("intent"), "intent")
    assert served is not None
    asked = [*TEXTS, "关掉卧室的灯", "light on please"]
    np.testing.assert_allclose(
        served.logits(asked), 2 * fit.logits(grams.more(asked)), atol=0.01, rtol=0.01
    )
    assert served.logits(asked).argmax(axis=1).tolist() == [*LABELS.tolist(), 1, 0]


def test_a_class_without_examples_is_never_said() -> None:
    grams = Grams.of(TEXTS)
    fit = fit_grams(grams.rows, LABELS * 2, 3, seed=0)  # class 1 has none
    assert 1 not in fit.logits(grams.more(["ψ", "完全不同", *TEXTS])).argmax(axis=1)


@given(st.text(max_size=40))
def test_keys_are_sorted_and_each_once(text: str) -> None:
    keys = gram_keys(text).tolist()
    assert keys == sorted(set(keys))
