"""A few slips in much data are mended and told; the same slip in a small set is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.data import DataError, load_data
from nlu.data.examples import check_trainable, mended

CLEAN = [{"text": f"text {i}", "intent": "ab"[i % 2], "entities": []} for i in range(150)]
CROSS = {"text": "cross", "sentiment": "furious"}
SLIPS = [
    {
        "text": "abcdef",
        "intent": "a",
        "entities": [{"type": "x", "start": 0, "end": 6}, {"type": "y", "start": 2, "end": 4}],
    },
    {"text": "alone", "intent": "single"},
]


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_few_slips_among_many_examples_are_told(tmp_path: Path) -> None:
    data = load_data(written(tmp_path / "train.jsonl", [*CLEAN, *SLIPS]))
    told = [str(slip) for slip in check_trainable(data)]
    assert len(told) == 2
    assert "train.jsonl:151: expected entities side by side" in told[0]
    assert "intent single: expected 2 or more examples, got 1" in told[1]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_small_set_is_refused(tmp_path: Path, slip: dict[str, object]) -> None:
    data = load_data(written(tmp_path / "train.jsonl", [*CLEAN[:20], slip]))
    with pytest.raises(DataError, match=r"train\.jsonl:21"):
        check_trainable(data)


def test_of_overlapping_entities_the_longest_is_kept(tmp_path: Path) -> None:
    data = mended(load_data(written(tmp_path / "train.jsonl", SLIPS[:1])))
    assert [(s.entity, s.start, s.end) for s in data.examples[0].entities or ()] == [("x", 0, 6)]


def test_an_unknown_label_in_a_small_dev_set_is_refused(tmp_path: Path) -> None:
    train = load_data(written(tmp_path / "train.jsonl", CLEAN))
    dev = load_data(written(tmp_path / "dev.jsonl", [{"text": "hm", "intent": "other"}]))
    with pytest.raises(DataError, match="expected an intent that train has, got 'other'"):
        check_trainable(train, dev)


def test_one_dev_example_with_several_slips_counts_once(tmp_path: Path) -> None:
    train = load_data(written(tmp_path / "train.jsonl", CLEAN))
    slip = {
        "text": "abcdef",
        "entities": [{"type": kind, "start": 0, "end": 6} for kind in "xyz"],
    }
    dev = load_data(written(tmp_path / "dev.jsonl", [*CLEAN[:50], slip]))
    assert all("dev.jsonl:51" in str(told) for told in check_trainable(train, dev))


def test_a_real_bot_has_some_intents_of_one_example(tmp_path: Path) -> None:
    many = [{"text": f"text {i}", "intent": f"intent {i // 5}"} for i in range(200)]
    rare = [{"text": f"rare {i}", "intent": f"rare {i}"} for i in range(10)]
    data = load_data(written(tmp_path / "train.jsonl", [*many, *rare]))
    assert len(check_trainable(data)) == 10


def test_sentiments_go_by_the_names_that_owners_give_them(tmp_path: Path) -> None:
    given = ["pos", "NEG", "差评", "好评", "中性", "positive"]
    rows = [{"text": f"text {i}", "sentiment": name} for i, name in enumerate(given)]
    found = [one.sentiment for one in load_data(written(tmp_path / "a.jsonl", rows)).examples]
    assert found == ["positive", "negative", "negative", "positive", "neutral", "positive"]
    with pytest.raises(DataError, match="negative, neutral, positive, got 'furious'"):
        check_trainable(load_data(written(tmp_path / "b.jsonl", [*rows, CROSS])))
