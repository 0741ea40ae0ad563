"""Wording that means the same to every bot: a wish for a language, a message only begun."""

from __future__ import annotations

import pytest

from dialogue.folding import fold, without_apostrophes
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


@pytest.mark.parametrize("apostrophe", ["'", "’", "´", ""])
def test_an_apostrophe_as_a_phone_sets_it_or_none(apostrophe: str) -> None:
    cues = Cues.load()
    assert cues.declines_human(f"I don{apostrophe}t want a human")
    assert cues.first_says(f"don{apostrophe}t cancel it") is False
    assert cues.wished_language(f"I don{apostrophe}t understand English") == "zh"
    assert cues.asks_how(f"what{apostrophe}s the process for a refund")


def test_no_apostrophe_is_taken_from_a_word_that_is_another_without_it() -> None:
    assert without_apostrophes(fold("We’ll see, I’d wait")) == "we'll see, i'd wait"
