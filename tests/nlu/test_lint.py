"""What the data lint finds, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.data import DataSet, EntitySpan, Example
from nlu.evaluate.lint import lint


def example(text: str, intent: str, line: int = 1, **spans: str) -> Example:
    found = [
        EntitySpan(name, text.index(words), text.index(words) + len(words))
        for name, words in spans.items()
    ]
    return Example(text, intent, entities=tuple(found), file="nlu.yml", line=line)


def kinds(*examples: Example) -> list[str]:
    return [finding.kind for finding in lint(DataSet(examples)) if finding.kind != "few"]


def test_the_same_text_in_two_intents_is_a_conflict_whatever_its_script_and_width() -> None:
    assert kinds(example("我要退货", "refund"), example("我要退貨", "exchange")) == ["conflict"]
    assert kinds(example("A1 退货", "refund"), example("Ａ１ 退货", "refund")) == ["duplicate"]


def test_the_finding_names_both_places() -> None:
    found = lint(DataSet((example("hi", "greet", 3), example("HI", "bye", 9))))[0]
    assert str(found).startswith("nlu.yml:9: conflict: 'HI' is bye here and greet at nlu.yml:3")


def test_entities_marked_unevenly() -> None:
    assert kinds(
        example("耳机坏了", "broken", product="耳机"), example("耳机呢", "track", thing="耳机")
    ) == ["entity_types"]
    assert kinds(example("耳机坏了", "broken", product="耳机"), example("我的耳机呢", "track")) == [
        "entity_missed"
    ]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Around one of two directions, a text's second word says how far towards the other."""
    rows = []
    for number, text in enumerate(texts):
        side, towards = text.split()
        angle = np.deg2rad(float(towards) + number % 3)
        rows.append(
            [np.cos(angle), np.sin(angle)] if side == "退" else [np.sin(angle), np.cos(angle)]
        )
    return np.array(rows, np.float32)


def doubts(*more: Example) -> list[str]:
    known = [example(f"{side} {at}", side) for side in ("退", "换") for at in range(12)]
    found = lint(DataSet((*known, *more)), embed)
    return [str(one) for one in found if one.kind in ("doubtful_label", "near_miss")]


def test_a_label_that_the_other_examples_speak_against() -> None:
    assert doubts() == []
    (told,) = doubts(example("退 3.5", "换", 7))
    assert told.startswith(
        "nlu.yml:7: doubtful_label: '退 3.5' is 换, the other examples make it 退"
    )


def test_a_near_miss_is_taken_for_one_of_another_intent() -> None:
    (told,) = doubts(example("退 30", "换", 7), example("退 20", "退", 8))
    assert told.startswith(
        "nlu.yml:7: near_miss: '退 30' (换) is taken for '退 20' (退, nlu.yml:8)"
    )


def test_few_examples() -> None:
    assert "expected 8 or more examples, got 1" in str(lint(DataSet((example("hi", "greet"),)))[0])
