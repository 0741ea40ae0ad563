"""Offsets, tags, data and the queue: the mechanics under every understanding."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.data import DataError, load_data
from nlu.data.examples import check_trainable
from nlu.data.rasa import parse_marks
from nlu.engine.batcher import Batcher, EngineClosedError
from nlu.extract.tables import RegexExtractor
from nlu.heads import tag_spans, viterbi
from nlu.text.language import detect_language
from nlu.text.normalise import normalise
from nlu.types import Language, Overloaded


@given(st.text())
def test_every_plain_character_points_into_the_original(text: str) -> None:
    plain = normalise(text)
    assert len(plain.starts) == len(plain.ends) == len(plain.text)
    for at in range(len(plain.text)):
        start, end = plain.original_span(at, at + 1)
        assert 0 <= start < end <= len(text)
    assert list(plain.starts) == sorted(plain.starts)


def test_normalise_worked_example() -> None:
    plain = normalise("ＡＢ　退貨")
    assert plain.text == "AB 退货"
    assert plain.original_span(3, 5) == (3, 5)
    assert normalise("I don’t, I don´t").text == "I don't, I don't"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("帮我查 order A1002", "zh"),
        ("what does 退款 mean on my invoice please", "en"),
        ("wuliu dao nali le", "zh"),
        ("wo yao tui kuan", "zh"),
        ("ni hao", "zh"),
        ("can you come here, i wanna go", "en"),
        ("Wang Xiaoming", "en"),  # a name, told in English too
        ("kuaidi", "en"),
        ("ia" * 2000 + "b ok", "en"),  # which has more cuts than there is time to try
        ("ia" * 1999 + " ni hao", "zh"),
    ],
)
def test_the_language_of_a_text_is_told(text: str, language: Language) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("before", ["zh", "en"])
def test_a_number_tells_no_language(before: Language) -> None:
    assert detect_language("10023 ？", before) == before


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 3))
def test_decoded_tags_are_always_valid(seed: int, units: int, kinds: int) -> None:
    rng = np.random.default_rng(seed)
    tags = 2 * kinds + 1
    emissions = rng.normal(size=(units, tags)).astype(np.float32) * 5
    path = viterbi(emissions, np.zeros((tags + 1, tags), dtype=np.float32))
    for before, tag in zip([0, *path], path, strict=False):
        if tag and tag % 2 == 0:
            assert before in (tag - 1, tag)
    assert sum(last - first for _, first, last in tag_spans(path)) == sum(t > 0 for t in path)


def test_marks_give_exact_spans() -> None:
    text, spans = parse_marks('去[北京]{"entity": "city", "role": "to"}的[票](item)')
    assert text == "去北京的票"
    assert [(s.entity, s.role, text[s.start : s.end]) for s in spans] == [
        ("city", "to", "北京"),
        ("item", None, "票"),
    ]


def test_bad_data_is_told_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"text": "hi", "intent": "greet"}\n{"intent": "greet"}\nnot json\n')
    with pytest.raises(DataError) as caught:
        load_data(path)
    assert [problem.line for problem in caught.value.problems] == [2, 3]
    path.write_bytes(b'{"text": "hi"}\n\xff\n')
    with pytest.raises(DataError, match=r"data\.jsonl:2: expected UTF-8, got byte 0xff"):
        load_data(path)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("text,intent\nhello, you,greet\n", r"csv:2: expected 2 cells, got 3"),
        ('text,intent\n"hello,greet\n', r"csv:2: expected CSV, got unexpected end of data"),
        ("text,label\nhello,greet\nbye,leave\n", r"csv: expected an `intent`.* got texts alone"),
    ],
)
def test_a_table_that_would_lose_words_or_labels_is_refused(
    tmp_path: Path, table: str, told: str
) -> None:
    path = tmp_path / "data.csv"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        check_trainable(load_data(path))


async def test_a_full_queue_refuses_and_a_failed_batch_tells_each_waiter() -> None:
    def run(works: Sequence[int], waited_ms: Sequence[float]) -> list[int]:
        if 13 in works:
            raise ValueError("unlucky")
        return [work * 2 for work in works]

    batcher: Batcher[int, int] = Batcher(run, queue_tokens=10, workers=1)
    await batcher.start()
    assert await batcher.submit(4, 1) == 8
    answers = await asyncio.gather(
        batcher.submit(13, 5), batcher.submit(13, 5), batcher.submit(1, 5), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [ValueError, ValueError, Overloaded]
    assert batcher.metrics().refused == 1
    await batcher.close()
    with pytest.raises(EngineClosedError):
        await batcher.submit(1, 1)


def test_an_owners_pattern_cannot_hold_a_message_for_ever() -> None:
    extractor = RegexExtractor({"bomb": [r"(a+)+\$"], "order": [r"\bA\d{5}\b"]})
    found = extractor.extract("a" * 1_900 + " A10023", "en")
    assert [(entity.entity, entity.text) for entity in found] == [("order", "A10023")]
