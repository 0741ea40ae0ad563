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


def test_near_misses_by_vector() -> None:
    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1, 0] if "退" in text else [0, 1] for text in texts], np.float32)

    data = DataSet((example("想退", "a"), example("要退", "b"), example("你好", "c")))
    near = [finding for finding in lint(data, embed) if finding.kind == "near_miss"]
    assert len(near) == 1
    assert "'想退' (a)" in near[0].words


def test_few_examples() -> None:
    assert "expected 8 or more examples, got 1" in str(lint(DataSet((example("hi", "greet"),)))[0])
