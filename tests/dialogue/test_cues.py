"""Wording that means the same to every bot: a wish for a language, a message only begun."""

from __future__ import annotations

import pytest

from dialogue.replies.cues import Cues
from nlu.types import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("can we continue in English?", "en"),
        ("英文可以吗", "en"),
        ("我看不懂中文", "en"),
        ("不要中文，要英文", "en"),
        ("do you speak Chinese", "zh"),
        ("能说中文吗", "zh"),
        ("I don't understand English", "zh"),
        ("有英文说明书吗", None),
        ("can I get the manual in Chinese", None),
        ("where is my order", None),
    ],
)
def test_a_language_is_wished_for(text: str, language: Language | None) -> None:
    assert Cues.load().wished_language(text) == language


@pytest.mark.parametrize(
    "text", ["I want to", "我想问一下", "那个", "i have a question", "how do I"]
)
def test_a_message_only_begun(text: str) -> None:
    assert Cues.load().is_fragment(text)


@pytest.mark.parametrize(
    "text", ["可以", "好的", "why", "help", "12", "我要退款", "I want a refund"]
)
def test_a_message_short_but_whole(text: str) -> None:
    assert not Cues.load().is_fragment(text)
