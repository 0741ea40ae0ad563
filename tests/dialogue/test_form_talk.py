"""Customers do not fill forms in: they cancel, correct, ask back and go elsewhere."""

from __future__ import annotations

import pytest
from desk_bot import Talk, faqs
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.tracker import as_mapping


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_cancel_ends_the_form(talk: Talk) -> None:
    await talk.say("a table", "book")
    await talk.say("T7", "inform", code="T7")
    await talk.say("never mind", "stop")
    assert talk.loop is None


async def test_a_correction_changes_the_earlier_answer(talk: Talk) -> None:
    await talk.say("a table", "book")
    await talk.say("T7", "inform", code="T7")
    await talk.say("4", "inform", people="4")
    await talk.say("no, it was T8", "inform", code="T8")
    assert talk.slots["code"] == "T8"
    assert talk.slots["day"] is None
    assert talk.slots["requested_slot"] == "day"


async def test_a_bare_value_of_another_question_is_not_taken_as_this_answer(talk: Talk) -> None:
    await talk.say("a table", "book")
    await talk.say("T7", "inform", code="T7")
    await talk.say("4", "inform", people="4")
    await talk.say("T9", "inform", code="T9")
    assert talk.slots["code"] == "T9"
    assert talk.slots["day"] is None


async def test_a_question_in_the_form_is_answered_and_the_form_goes_on(talk: Talk) -> None:
    await talk.say("a table", "book")
    result = await talk.say("when do you open?")
    assert faqs(result) == ["hours"]
    assert result.replies[-1].text == "Which table?"
    assert talk.loop == "booking_form"


async def test_another_task_interrupts_and_the_form_keeps_what_it_knew(talk: Talk) -> None:
    await talk.say("a table", "book")
    await talk.say("T7", "inform", code="T7")
    result = await talk.say("where is my booking T5 now", "track", code="T5")
    assert "action_track" in [d["action"] for d in result.trace.decisions]
    assert result.replies[-1].text == "How many people?"
    assert talk.loop == "booking_form"
    assert talk.slots["code"] == "T7"


async def test_free_text_is_the_answer_where_the_intent_is_a_guess(talk: Talk) -> None:
    await talk.say("a table", "book")
    await talk.say("T7", "inform", code="T7")
    await talk.say("4", "inform", people="4")
    result = await talk.say("the day after my birthday", "track", 0.4)
    assert result.replies[-1].text == "T7, 4, the day after my birthday"


MESSAGES = st.sampled_from(
    [
        ("a table", "book", {}),
        ("T7", "inform", {"code": "T7"}),
        ("4", "inform", {"people": "4"}),
        ("where is T5 by the way", "track", {"code": "T5"}),
        ("where is it", "track", {}),
        ("when do you open?", "nlu_fallback", {}),
        ("never mind", "stop", {}),
        ("hi", "greet", {}),
        ("no, it was T8", "inform", {"code": "T8"}),
        ("crash", "crash", {}),
        ("on Monday", "inform", {}),
    ]
)


@given(st.lists(MESSAGES, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None, print_blob=True)
async def test_no_turn_is_silent_and_the_events_replay_to_the_same_state(
    said: list[tuple[str, str, dict[str, str]]],
) -> None:
    talk = Talk()
    for text, intent, entities in said:
        result = await talk.say(text, intent, **entities)
        assert result.replies
        tracker = talk.assistant.tracker(talk.history)
        assert tracker.listening
        assert {k: v for k, v in as_mapping(tracker.slots).items() if v is not None} == {
            k: v for k, v in result.trace.slots.items() if v is not None
        }
        if tracker.loop_name:
            form = talk.assistant.project.domain.forms[tracker.loop_name]
            asked = tracker.requested_slot
            assert asked in form.required_slots
            assert tracker.slots[asked] is None
