"""What heads learn from beside the training texts: their copies with slips, and no others'."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.text.normalise import normalise
from nlu.train.noised import COPIES, noised_texts
from nlu.train.pair import Copies, Inputs
from nlu.train.words import known_words

TEXTS = [
    "我要查一下订单的物流",
    "where is my parcel",
    "这件衣服可以退货吗",
    "7",
    "i want my money back",
]


@pytest.fixture(scope="module")
def words():
    return known_words([normalise(text).text for text in TEXTS])


def test_copies_are_changed_seeded_and_know_their_source(words) -> None:
    copies, source = noised_texts(TEXTS, words, 3)
    again, _ = noised_texts(TEXTS, words, 3)
    others, _ = noised_texts(TEXTS, words, 4)
    assert copies == again != others
    assert all(copy != TEXTS[at] for copy, at in zip(copies, source, strict=True))
    assert np.bincount(source).max() <= COPIES
    assert {0, 1, 2} <= set(source.tolist())


def test_a_head_never_learns_from_a_copy_of_what_judges_it() -> None:
    labels = np.array([0, 1, 2])
    inputs = Inputs(np.eye(3, dtype=np.float32))
    copies = Copies(Inputs(10 * np.eye(3, dtype=np.float32)), np.arange(3))
    learnt, gold = copies.beside(inputs, labels, np.array([0, 2]))
    assert learnt.features.tolist() == [[1, 0, 0], [0, 0, 1], [10, 0, 0], [0, 0, 10]]
    assert gold.tolist() == [0, 2, 0, 2]
