"""``lingxi faq evaluate`` as an owner calls it, with the real encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.faq import app

ENTRIES = (
    {"id": 1, "questions": ["信用卡遺失怎麼辦"], "answer": "請立即致電客服掛失。"},
    {"id": "2", "questions": ["如何申請網路銀行"], "answer": "請至分行臨櫃辦理。"},
    {"id": 3, "questions": ["定存可以提前解約嗎"], "answer": "可以，利息按八折計算。"},
)


def run(folder: Path, entries: object, queries: object) -> tuple[int, str, str]:
    paths = []
    for name, rows in (("entries", entries), ("queries", queries)):
        path = folder / f"{name}.jsonl"
        text = (
            rows
            if isinstance(rows, str)
            else "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)  # type: ignore[attr-defined]
        )
        path.write_text(text, encoding="utf-8")
        paths += [f"--{name}", str(path)]
    done = CliRunner().invoke(app, ["evaluate", *paths, "--json"])
    return done.exit_code, done.stdout, done.stderr


def test_traditional_entries_are_found_by_simplified_queries(tmp_path: Path) -> None:
    code, out, err = run(
        tmp_path,
        ENTRIES,
        [
            {"query": "我的信用卡丢了", "entry": "1"},
            {"query": "怎么开通网上银行", "entry": 2},
            {"query": "定期存款能不能提早取", "entry": 3, "candidates": [2, 3]},
            {"query": "今天天气真好", "entry": None},
        ],
    )
    assert code == 0, err
    assert json.loads(out) == {
        "p_at_1": 1.0,
        "mrr": 1.0,
        "recall_at_5": 1.0,
        "refused": 1.0,
        "queries": 4,
    }


def test_a_right_entry_outside_the_candidates_counts_nothing(tmp_path: Path) -> None:
    queries = [{"query": "信用卡遺失怎麼辦", "entry": 1, "candidates": [2]}]
    code, out, err = run(tmp_path, ENTRIES, queries)
    assert code == 0, err
    scores = json.loads(out)
    assert (scores["p_at_1"], scores["mrr"], scores["refused"]) == (0.0, 0.0, None)


@pytest.mark.parametrize(
    ("entries", "queries", "told"),
    [
        ("[]", "", "entries.jsonl:1: expected a JSON object, got []"),
        ('{"id": 1}', "", 'entries.jsonl:1: expected "questions" to be a list of texts, got null'),
        (ENTRIES, '\n{"query": "a", "entry": 9}', 'queries.jsonl:2: expected "entry"'),
        (ENTRIES, '{"query": "a"}', 'queries.jsonl:1: expected "entry" (an id'),
    ],
)
def test_a_bad_file_is_told_by_line(
    tmp_path: Path, entries: object, queries: object, told: str
) -> None:
    code, out, err = run(tmp_path, entries, queries)
    assert code == 2
    assert out == ""
    assert told in err.replace("\n", "")
