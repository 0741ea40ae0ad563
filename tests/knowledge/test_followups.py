"""Questions that lean on the one before: what they are about, and what must not be said again."""

from __future__ import annotations

import pytest

from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.rewrite import asked_before, names_nothing, subject_of
from dialogue.knowledge.types import Entry, SearchResult, Thresholds
from tests.knowledge.faq import HashingEmbedder

PAY, AFTER = "payment", "after sales"
SHOP = (
    Entry("later", ("花呗能分期吗", "花呗分期"), {"zh": "分三期免息，白条不分期。"}, category=PAY),
    Entry("card", ("可以刷信用卡吗", "信用卡付款"), {"zh": "都可以刷。"}, category=PAY),
    Entry("desk", ("能送货上门吗", "送到家吗"), {"zh": "送到家门口。"}, category="delivery"),
    Entry("time", ("多久能收到", "几天能收到"), {"zh": "三天到。"}, category="delivery"),
    Entry("repair", ("怎么送修", "送修流程"), {"zh": "寄给我们。"}, category=AFTER),
    Entry("repaired", ("修好要多久", "修完多久能收到"), {"zh": "七天修好。"}, category=AFTER),
)


async def asked(query: str, before: str) -> SearchResult:
    knowledge = LiveKnowledge(HashingEmbedder(), thresholds=Thresholds(answer=0.6, suggest=0.2))
    await knowledge.replace(SHOP)
    return await knowledge.search(query, language="zh", context=[before])


def ids(found: SearchResult) -> list[str]:
    return [hit.entry.id for hit in found.suggestions]


async def test_another_subject_is_not_told_the_same_again() -> None:
    assert ids(await asked("那信用卡呢", "花呗能分期吗"))[0] == "card"


async def test_what_the_answer_speaks_of_may_be_told_again_and_else_it_is_said_so() -> None:
    spoken_of = await asked("那白条呢", "花呗能分期吗")
    assert (ids(spoken_of)[0], spoken_of.again) == ("later", False)
    unknown = await asked("那押金呢", "花呗能分期吗")
    assert (ids(unknown)[0], unknown.again) == ("later", True)


async def test_a_bare_when_is_first_about_what_was_spoken_of() -> None:
    assert (await asked("多久能收到", "能送货上门吗")).best.entry.id == "time"  # type: ignore[union-attr]
    found = await asked("多久能收到", "怎么送修")
    assert found.best is not None
    assert found.best.entry.id == "repaired"
    assert "time" in ids(found) or found.verdict == "answer"


@pytest.mark.parametrize(
    ("query", "bare"),
    [
        ("多久能收到", True),
        ("大概要几天呢？", True),
        ("when will I get it?", True),
        ("how long does it take", True),
        ("发票多久能收到", False),
        ("how long is the warranty", False),
        ("when do you open", False),
    ],
)
def test_only_a_question_that_names_nothing_is_bare(query: str, bare: bool) -> None:
    assert names_nothing(query) is bare


def test_a_follow_up_has_a_subject_and_something_that_was_asked_before() -> None:
    assert subject_of("那信用卡呢？") == "信用卡"
    assert subject_of("what about credit cards?") == "credit cards"
    assert asked_before("那信用卡呢", ["花呗能分期吗", "那微信呢"]) == "花呗能分期吗"
    assert asked_before("那信用卡呢", []) is None
