"""What Lingxi does beyond Rasa, step by step, with a knowledge and actions of a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.actions.types import ActionFailedError, ActionResult
from dialogue.assistant import Assistant
from dialogue.events import SlotSet
from dialogue.generate.types import Generated, GenerationRequest, Generator, Refused
from dialogue.knowledge.types import (
    Audience,
    Entry,
    EntryKind,
    Hit,
    SearchResult,
    Thresholds,
    verdict_of,
)
from dialogue.project import load_project
from dialogue.tracker import as_mapping
from dialogue.types import Citation, OnPartial, TurnRequest, TurnResult
from nlu.types import Entity, IntentScore, Language, Polarity, Sentiment, Understanding, Vector

DESK = Path(__file__).parent / "bots" / "desk"
LIMITS = Thresholds(answer=0.6, suggest=0.2)


class Shelf:
    """A knowledge whose scores are written down: ``{query: {entry id: score}}``."""

    def __init__(self, scores: Mapping[str, Mapping[str, float]]) -> None:
        self._scores = scores
        self.asked: list[str] = []

    async def search(
        self,
        query: str,
        *,
        language: Language,
        vector: Vector | None = None,
        context: Sequence[str] = (),
        limit: int = 5,
        audience: Audience = "everyone",
    ) -> SearchResult:
        self.asked.append(query)
        scores = sorted(self._scores.get(query, {}).items(), key=lambda item: -item[1])
        hits = tuple(Hit(entry(name), name, score, score, score) for name, score in scores)
        return SearchResult(query, verdict_of(hits, LIMITS), hits, LIMITS)

    async def related(
        self,
        entry_id: str,
        *,
        limit: int = 3,
        told: Sequence[str] = (),
        audience: Audience = "everyone",
    ) -> tuple[Entry, ...]:
        near = ("hours", "howto", "parking")
        return tuple(entry(name) for name in near if name not in (entry_id, *told))[:limit]


def entry(name: str) -> Entry:
    kind: EntryKind = "passage" if name.endswith(".pdf") else "faq"
    return Entry(name, (name,), {"en": f"About {name}."}, kind=kind)


class Hands:
    """Actions: one that works and one that raises."""

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        if name == "action_track":
            return ActionResult((SlotSet("people", tracker["slots"]["people"]),), ({"text": "T"},))
        raise ActionFailedError(name, "raised", "ZeroDivisionError: secret of the house")

    async def close(self) -> None:
        return None


class Mute:
    """A generator that never finds support for what it would say."""

    ready = True
    asked = 0

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Refused:
        self.asked += 1
        return Refused("ungrounded")

    async def close(self) -> None:
        return None


class Writer(Mute):
    """A generator that says what it is told to."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated:
        best = request.passages[0]
        return Generated(self.text, (Citation(best.id, best.title, best.url),), (), "writer")


class Reader:
    """A judge to whom only what it is told answers; it fails when told nothing."""

    def __init__(self, **chances: float) -> None:
        self.chances = chances
        self.asked = 0

    async def judge(self, request: GenerationRequest) -> tuple[float, ...] | None:
        self.asked += 1
        return tuple(self.chances[p.id] for p in request.passages) if self.chances else None


SHELF = Shelf(
    {
        "when do you open?": {"hours": 0.9},
        "how do I book?": {"howto": 0.8},
        "how much is parking?": {"parking": 0.9},
        "parking": {"parking": 0.4, "bikes": 0.3},
        "something odd": {"parking": 0.1},
        "when is the camp?": {"camp.pdf": 0.7},
        "how much is the camp?": {"camp.pdf": 0.7},
    }
)


class Talk:
    def __init__(self, generator: Generator | None = None, judge: Reader | None = None) -> None:
        self.assistant = Assistant.build(
            load_project(DESK), actions=Hands(), knowledge=SHELF, generator=generator, judge=judge
        )
        self.history: list[Any] = []
        self.now = 1000.0

    async def say(
        self,
        text: str,
        intent: str = "nlu_fallback",
        confidence: float = 0.95,
        mood: tuple[Polarity, float] = ("neutral", 0.0),
        also: tuple[str, float] | None = None,
        **entities: str,
    ) -> TurnResult:
        found = tuple(
            Entity(n, text.find(v), text.find(v) + len(v), v, v, 1.0, "gold")
            for n, v in entities.items()
        )
        top = IntentScore(intent, confidence)
        ranking = (top, IntentScore(*also)) if also else (top,)
        self.now += 1
        read = Understanding(text, "en", top, ranking, found, sentiment=Sentiment(*mood))
        request = TurnRequest("c", read, tuple(self.history), self.now)
        result = await self.assistant.turn(request)
        self.history += result.events
        return result

    @property
    def loop(self) -> str | None:
        return self.assistant.tracker(self.history).loop_name

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.assistant.tracker(self.history).slots


@pytest.fixture
def talk() -> Talk:
    return Talk()


def titles(result: TurnResult) -> list[str]:
    return [button.title for reply in result.replies for button in reply.buttons]


def faqs(result: TurnResult) -> list[str]:
    return [reply.faq_id for reply in result.replies if reply.faq_id]


async def test_a_good_hit_is_told_word_for_word(talk: Talk) -> None:
    result = await talk.say("when do you open?")
    assert faqs(result) == ["hours"]
    assert result.replies[0].text == "About hours."
    assert result.trace.route == "faq"


async def test_a_question_that_a_rule_answers_too_is_searched_for_once(talk: Talk) -> None:
    before = len(SHELF.asked)
    result = await talk.say("when do you open?", "hours")
    assert faqs(result) == ["hours"]
    assert SHELF.asked[before:] == ["when do you open?"]


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
