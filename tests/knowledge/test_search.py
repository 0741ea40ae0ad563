"""Searching: scripts, typos, languages, fragments, swaps, and what happens without vectors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dialogue.knowledge.cache import VectorCache
from dialogue.knowledge.live import LiveKnowledge
from dialogue.knowledge.rewrite import follow_up, rewrite
from dialogue.knowledge.text import plain, units
from dialogue.knowledge.types import Entry
from nlu.types import Overloaded
from tests.knowledge.faq import ENTRIES, HashingEmbedder


async def live(embedder: HashingEmbedder | None = None) -> LiveKnowledge:
    knowledge = LiveKnowledge(embedder or HashingEmbedder())
    await knowledge.replace(ENTRIES)
    return knowledge


@pytest.mark.parametrize(
    ("query", "entry"),
    [
        ("退款多久到账", "refund-time"),
        ("退款多久到賬？", "refund-time"),  # traditional characters
        ("ｗｈｅｎ will I get my REFUND", "refund-time"),  # full width, case
        ("退货运费谁处", "return-fee"),  # homophone: 处 for 出
        ("fapiao 怎么开", "invoice"),  # typed pinyin
        ("几天能到", "delivery-time"),
        ("how long does delivery take", "delivery-time"),
    ],
)
async def test_finds_the_entry(query: str, entry: str) -> None:
    found = await (await live()).search(query, language="zh")
    assert found.best is not None
    assert found.best.entry.id == entry


async def test_a_stored_phrasing_is_answered_and_nonsense_is_not() -> None:
    knowledge = await live()
    assert (await knowledge.search("怎么开发票", language="zh")).verdict == "answer"
    for mark in ("？", "?!", "。"):
        marked = await knowledge.search(f"怎么开发票{mark}", language="zh")
        assert marked.best is not None
        assert marked.best.features["same"] == 1
    nonsense = await knowledge.search("zxqv wjkp", language="en")
    assert nonsense.verdict == "nothing"


async def test_scores_are_probabilities_in_order() -> None:
    found = await (await live()).search("运费", language="zh", limit=4)
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert sum(scores) <= 1 + 1e-5


async def test_an_answer_comes_in_the_language_asked_for_else_the_other() -> None:
    invoice, fee = ENTRIES[3], ENTRIES[1]
    assert invoice.answer("en") == "Open the order and tap Invoice."
    assert fee.answer("en") == fee.answers["zh"]


async def test_a_fragment_is_completed_from_the_conversation() -> None:
    found = await (await live()).search(
        "那运费呢？", language="zh", context=["你好", "我想退货，怎么操作？"]
    )
    assert found.rewritten
    assert found.best is not None
    assert found.best.entry.id == "return-fee"


@pytest.mark.parametrize(
    ("query", "whole"),
    [
        ("要几天", "退货 怎么 操作 要几天"),
        ("how many days?", "退货 怎么 操作 how many days?"),
        ("好的谢谢", None),
        ("never mind", None),
        ("你们公司在北京上海广州深圳有没有仓库", None),
    ],
)
def test_a_short_question_may_lean_on_what_was_asked_before(query: str, whole: str | None) -> None:
    earlier = "我想退货，怎么操作？"
    assert follow_up(query, ["你好", earlier]) == (whole and (earlier, whole))
    assert follow_up(query, []) is None


@pytest.mark.parametrize("query", ["怎么开发票", "How do I get an invoice?", "退货运费谁出"])
def test_a_whole_question_is_left_alone(query: str) -> None:
    assert rewrite(query, ["我想退货"]) is None


async def test_only_the_candidates_asked_for_are_ranked() -> None:
    found = await (await live()).search(
        "退款多久到账", language="zh", among=["invoice", "delivery-time"]
    )
    assert {hit.entry.id for hit in found.hits} == {"invoice", "delivery-time"}


async def test_without_vectors_words_still_find() -> None:
    class Busy(HashingEmbedder):
        full = False

        async def embed(
            self, texts: Sequence[str], *, passages: bool = False
        ) -> NDArray[np.float32]:
            if self.full:
                raise Overloaded(1, 0.1)
            return await super().embed(texts, passages=passages)

    embedder = Busy()
    knowledge = await live(embedder)
    embedder.full = True
    found = await knowledge.search("怎么开发票", language="zh")
    assert found.best is not None
    assert found.best.entry.id == "invoice"


async def test_searches_see_the_old_index_while_the_new_one_is_built() -> None:
    embedder = HashingEmbedder()
    knowledge = await live(embedder)
    vector = (await embedder.embed(["怎么开发票"]))[0]
    embedder.gate = asyncio.Event()
    new = Entry("only", ("全新的问题",), {"zh": "全新的回答"})
    building = asyncio.create_task(knowledge.replace([new]))
    await asyncio.sleep(0.01)
    before = await knowledge.search("怎么开发票", language="zh", vector=vector)
    assert before.best is not None
    assert before.best.entry.id == "invoice"
    embedder.gate.set()
    await building
    after = await knowledge.search("怎么开发票", language="zh", vector=vector)
    assert [hit.entry.id for hit in after.hits] == ["only"]


async def test_an_empty_store_says_nothing() -> None:
    knowledge = LiveKnowledge(HashingEmbedder())
    assert (await knowledge.search("你好", language="zh")).verdict == "nothing"
    await knowledge.replace([])
    assert (await knowledge.search("你好", language="zh")).verdict == "nothing"


async def test_related_entries_are_others_of_the_same_trade_first() -> None:
    related = await (await live()).related("refund-time", limit=2)
    assert "refund-time" not in {entry.id for entry in related}
    assert related[0].id == "return-fee"


async def test_a_second_start_embeds_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "vectors.npz"
    first, second = HashingEmbedder(), HashingEmbedder()
    await LiveKnowledge(first, cache=VectorCache(path, "m", 64)).replace(ENTRIES)
    await LiveKnowledge(second, cache=VectorCache(path, "m", 64)).replace(ENTRIES)
    assert first.asked
    assert second.asked == []
    other = HashingEmbedder()
    await LiveKnowledge(other, cache=VectorCache(path, "another model", 64)).replace(ENTRIES)
    assert other.asked


@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    cut = units(plain(text))
    assert all(cut.words)
    assert all(cut.grams)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    async def go() -> None:
        found = await (await live()).search(text, language="zh")
        assert all(0 <= hit.score <= 1 for hit in found.hits)

    asyncio.run(go())
