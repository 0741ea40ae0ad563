"""A wish for a human is heard wherever it stands in a message, and only if it is one."""

from __future__ import annotations

import pytest

from dialogue.replies.cues import Cues


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "买了个锅就粘，你们机器人老是答非所问，给我接人工吧",
        "能不能转人工啊",
        "It has been two weeks and nobody answers. Let me talk to a human",
        "I don't want to talk to a bot, get me a human",
    ],
)
def test_a_wish_anywhere(text: str) -> None:
    assert Cues.load().asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "不用转人工，告诉我几点发货",
        "人工客服几点上班",
        "你是真人客服吗",
        "are you a live agent?",
        "I don't want to talk to a human",
        "can a human drink water from the purifier",
        "人工智能音箱有货吗",
    ],
)
def test_no_wish(text: str) -> None:
    assert not Cues.load().asks_for_human(text)


@pytest.mark.parametrize(
    ("text", "is_declined"),
    [
        ("不用转人工", True),
        ("no need to talk to a human", True),
        ("别 转人工", True),
        ("我不要人工客服", True),
        ("dont transfer me to a human", True),
        ("要不转人工吧", False),
        ("机器人就不要了，要人工", False),
        ("转人工", False),
        ("几点发货", False),
        ("I don't want to talk to a bot, get me a human", False),
    ],
)
def test_a_human_is_declined(text: str, is_declined: bool) -> None:
    assert Cues.load().declines_human(text) == is_declined
