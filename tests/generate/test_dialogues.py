"""What the local model learns from, and what it is judged by, says only what it may say."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialogue.generate.grounding import check, sentences

ROOT = Path(__file__).parents[2]
DATA = ROOT / "dialogue/generate/tune/data"
SHOP = ROOT / "bots/shop"
_CITATION = re.compile(r"\s*\[(\d)\]")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)


@lru_cache(maxsize=1)
def scenes() -> list[dict[str, Any]]:
    return [scene for path in sorted(DATA.glob("*.yml")) for scene in _yaml(path)]


@lru_cache(maxsize=1)
def turns() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(scene, turn) for scene in scenes() for turn in scene["turns"]]


@lru_cache(maxsize=1)
def suite() -> list[dict[str, Any]]:
    lines = (SHOP / "eval/grounded.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@lru_cache(maxsize=1)
def shop_entries() -> list[dict[str, Any]]:
    return [entry for path in sorted(SHOP.glob("faq/*.yml")) for entry in _yaml(path)]


def test_there_are_enough_of_every_kind() -> None:
    kinds = Counter(turn["kind"] for _, turn in turns())
    languages = Counter(scene["language"] for scene in scenes())
    assert len(scenes()) >= 300
    assert sum(kinds.values()) >= 2_500
    assert 0.55 <= kinds["answer"] / kinds.total() <= 0.68
    assert 0.22 <= kinds["unknown"] / kinds.total() <= 0.32
    assert min(kinds[kind] for kind in ("clarify", "human", "polite")) >= 50
    assert min(languages.values()) / languages.total() >= 0.4
    assert set(languages) == {"zh", "en"}


def test_scenes_are_whole_and_told_apart() -> None:
    ids = [scene["id"] for scene in scenes()]
    assert len(ids) == len(set(ids))
    for scene in scenes():
        assert scene["id"].startswith(scene["language"] + "-")
        assert 1 <= len(scene["passages"]) <= 4, scene["id"]
        asked = [(turn["ask"], str(turn.get("after"))) for turn in scene["turns"]]
        assert len(asked) == len(set(asked)), scene["id"]


def test_turns_are_what_their_kind_says() -> None:
    for scene, turn in turns():
        where = f"{scene['id']}: {turn['ask']}"
        assert turn["kind"] in {"answer", "unknown", "clarify", "human", "polite"}, where
        assert ("reply" in turn) == (turn["kind"] != "unknown"), where
        assert all(by in {"customer", "bot"} and said for by, said in turn.get("after", [])), where
        cited = _CITATION.findall(turn.get("reply", ""))
        assert bool(cited) == (turn["kind"] == "answer"), where
        assert all(1 <= int(n) <= len(scene["passages"]) for n in cited), where


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_answer_is_carried_by_what_it_cites(language: str) -> None:
    wrong = []
    for scene, turn in turns():
        if scene["language"] != language or turn["kind"] != "answer":
            continue
        cited = [int(n) for n in _CITATION.findall(turn["reply"])]
        texts = [scene["passages"][n - 1]["text"] for n in cited]
        for sentence in sentences(_CITATION.sub("", turn["reply"])):
            verdict = check(sentence, texts)
            if not verdict.supported:
                wrong.append(f"{scene['id']}: {sentence} ({verdict.reason})")
    assert wrong == []


def test_the_shops_own_answers_are_not_learnt() -> None:
    known = {
        sentence
        for entry in shop_entries()
        for answer in entry["answer"].values()
        for sentence in sentences(answer)
    }
    learnt = {s for scene in scenes() for p in scene["passages"] for s in sentences(p["text"])}
    assert learnt & known == set()


def test_the_suite_asks_of_entries_that_exist() -> None:
    kinds = Counter((case["kind"], case["language"]) for case in suite())
    assert len(suite()) >= 320
    assert len({case["id"] for case in suite()}) == len(suite())
    assert set(kinds) == {
        (kind, language)
        for kind in ("answerable", "unanswerable", "contradicting", "injected")
        for language in ("zh", "en")
    }
    known = {entry["id"] for entry in shop_entries()}
    for case in suite():
        assert set(case["entries"]) <= known, case["id"]
        if case["kind"] != "injected":
            assert bool(case["entries"]) == (case["kind"] != "unanswerable"), case["id"]


def test_the_suite_asks_in_other_words_than_the_shops() -> None:
    stored = {q for entry in shop_entries() for qs in entry["questions"].values() for q in qs}
    assert {case["question"] for case in suite()} & stored == set()
