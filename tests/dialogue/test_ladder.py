"""What Lingxi does beyond Rasa, step by step: told, offered, asked back, generated, handed over."""

from __future__ import annotations

import pytest
from desk_bot import SHELF, Mute, Reader, Talk, Writer, faqs, titles


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_a_good_hit_is_told_word_for_word(talk: Talk) -> None:
    result = await talk.say("when do you open?")
    assert faqs(result) == ["hours"]
    assert result.replies[0].text == "About hours."
    assert result.trace.route == "faq"


async def test_an_answer_given_again_says_that_there_is_nothing_more_specific(talk: Talk) -> None:
    await talk.say("when do you open?")
    (reply,) = (await talk.say("and on Sunday?")).replies
    assert reply.faq_id == "hours"
    assert reply.text.splitlines() == [
        "I have nothing more specific on that. What I said was:",
        "About hours.",
    ]


async def test_a_question_that_a_rule_answers_too_is_searched_for_once(talk: Talk) -> None:
    before = len(SHELF.asked)
    result = await talk.say("when do you open?", "hours")
    assert faqs(result) == ["hours"]
    assert SHELF.asked[before:] == ["when do you open?"]


@pytest.mark.parametrize("text", ["1", "...", "👍", "2026-11-27"])
async def test_what_has_no_letter_is_not_searched_for(talk: Talk, text: str) -> None:
    before = len(SHELF.asked)
    await talk.say(text)
    assert SHELF.asked[before:] == []


async def test_near_hits_are_offered_and_one_is_taken_by_its_place(talk: Talk) -> None:
    offered = await talk.say("parking")
    assert titles(offered)[:2] == ["parking", "bikes"]
    assert faqs(await talk.say("the first one")) == ["parking"]


async def test_what_the_model_says_does_not_answer_is_offered_and_not_told() -> None:
    doubting = await Talk(judge=Reader(hours=0.001)).say("when do you open?")
    assert not faqs(doubting)
    agreeing = Talk(judge=Reader(hours=0.9))
    assert faqs(await agreeing.say("when do you open?")) == ["hours"]
    assert faqs(await Talk(judge=Reader()).say("when do you open?")) == ["hours"]


async def test_an_answer_without_a_price_is_none_to_how_much(talk: Talk) -> None:
    offered = await talk.say("how much is parking?")
    assert not faqs(offered)
    assert "parking" in titles(offered)


async def test_a_document_is_answered_from_by_the_model_and_offered_without() -> None:
    told = await Talk(Writer("In July.")).say("when is the camp?")
    assert [(r.text, r.source) for r in told.replies] == [("In July.", "generated")]
    assert [c.entry_id for c in told.replies[0].citations] == ["camp.pdf"]
    beside = await Talk(Writer("In July.")).say("how much is the camp?")
    for offered in (beside, await Talk(Mute()).say("when is the camp?")):
        assert titles(offered)[0] == "camp.pdf"


async def test_what_the_model_is_sure_of_is_told_though_the_search_was_not() -> None:
    talk = Talk(judge=Reader(parking=0.01, bikes=0.999))
    assert faqs(await talk.say("parking")) == ["bikes"]


async def test_related_questions_follow_an_answer_and_none_twice(talk: Talk) -> None:
    assert titles(await talk.say("when do you open?")) == ["howto", "parking"]
    await talk.say("how do I book?")
    assert titles(await talk.say("when do you open?")) == ["parking"]


async def test_two_near_intents_are_offered_once(talk: Talk) -> None:
    result = await talk.say("my table", "book", 0.5, also=("track", 0.45))
    assert result.trace.route == "clarify"
    assert titles(result)[:2] == ["Book a table", "Find a booking"]
    assert talk.loop is None
    again = await talk.say("my table", "book", 0.5, also=("track", 0.45))
    assert again.trace.route != "clarify"


async def test_a_vague_deed_is_confirmed_and_a_sure_one_done(talk: Talk) -> None:
    await talk.say("hm table", "book", 0.45)
    assert talk.loop is None
    await talk.say("a table please", "book", 0.9)
    assert talk.loop == "booking_form"


async def test_a_how_question_is_answered_with_an_offer(talk: Talk) -> None:
    result = await talk.say("how do I book?", "book", 0.95)
    assert faqs(result) == ["howto"]
    assert titles(result) == ["Book a table"]
    assert talk.loop is None
    await talk.say("Book a table", "greet", 0.3)
    assert talk.loop == "booking_form"


async def test_yes_takes_the_one_task_that_was_offered(talk: Talk) -> None:
    await talk.say("how do I book?", "book", 0.95)
    await talk.say("yes please", "greet", 0.3)
    assert talk.loop == "booking_form"


async def test_a_message_only_begun_is_asked_about(talk: Talk) -> None:
    result = await talk.say("I want to", "book", 0.9)
    assert (result.trace.route, talk.loop) == ("clarify", None)
    assert titles(result) == ["Book a table", "Find a booking"]


async def test_refused_generation_never_shows_and_two_misses_hand_over() -> None:
    mute = Mute()
    talk = Talk(mute)
    first = await talk.say("something odd")
    assert first.handoff is None
    assert mute.asked == 1
    second = await talk.say("something odd")
    assert second.handoff is not None
    assert second.handoff.reason == "misses"


async def test_an_answer_between_two_misses_starts_the_count_anew(talk: Talk) -> None:
    await talk.say("blub")
    await talk.say("when do you open?")
    assert (await talk.say("blub")).handoff is None


async def test_anger_hands_over_but_gibberish_does_not(talk: Talk) -> None:
    assert (await talk.say("xyz", mood=("negative", 0.9))).handoff is None
    furious = await talk.say("you thieves", "angry", mood=("negative", 0.99))
    assert furious.handoff is not None
    assert furious.handoff.reason == "anger"


async def test_a_human_is_given_at_once_and_only_if_surely_wanted(talk: Talk) -> None:
    assert (await talk.say("a bow on it", "talk_to_human", 0.7)).handoff is None
    sure = await talk.say("let me talk to somebody", "talk_to_human", 0.97)
    assert sure.handoff is not None
    assert sure.handoff.reason == "requested"


async def test_an_action_that_raises_costs_an_apology_and_tells_no_secrets(talk: Talk) -> None:
    result = await talk.say("crash", "crash")
    assert len(result.replies) == 1
    assert "secret" not in result.replies[0].text
    assert any("secret" in note for note in result.trace.notes)
    assert (await talk.say("hi", "greet")).replies[0].text == "Hello"


async def test_an_empty_message_is_answered_and_is_no_miss(talk: Talk) -> None:
    for _ in range(3):
        result = await talk.say("  ", "stop", 0.3)
        assert result.replies
        assert result.handoff is None
