"""A small bot with a form, talked to through `Assistant.turn` and judged by its test stories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.assistant import Assistant
from dialogue.events import event_from_json, event_to_json
from dialogue.policy.ensemble import Policies
from dialogue.project import ProjectError, load_project
from dialogue.testing.stories import run_tests
from dialogue.types import TurnRequest, TurnResult
from nlu.types import Entity, IntentScore, Language, Understanding

CAFE = Path(__file__).parent / "bots" / "cafe"


class Talk:
    """One conversation with gold understanding."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.history: list[Any] = []
        self.now = 1000.0

    async def say(self, text: str, intent: str, **entities: str) -> TurnResult:
        score = IntentScore(intent, 1.0)
        found = tuple(Entity(n, 0, len(v), v, v, 1.0, "gold") for n, v in entities.items())
        self.now += 1
        understood = Understanding(text, "en", score, (score,), found)
        request = TurnRequest("c1", understood, tuple(self.history), self.now)
        result = await self.assistant.turn(request)
        self.history += result.events
        return result


@pytest.fixture(scope="module")
def cafe() -> Assistant:
    return Assistant.build(load_project(CAFE))


def texts(result: TurnResult) -> list[str]:
    return [reply.text for reply in result.replies]


async def test_form_is_interrupted_and_resumed(cafe: Assistant) -> None:
    talk = Talk(cafe)
    assert texts(await talk.say("a table please", "book")) == ["How many people?"]
    between = await talk.say("when are you open?", "opening")
    assert texts(between) == ["Open from 8 to 6", "How many people?"]
    assert texts(await talk.say("four", "inform", people="4")) == ["Under which name?"]
    assert texts(await talk.say("Li", "inform")) == ["Booked for 4, Li"]
    assert cafe.tracker(talk.history).loop_name is None


@pytest.mark.parametrize("page", ["zh", "en"])
async def test_what_shows_no_language_is_answered_in_the_one_spoken_before(
    cafe: Assistant, page: Language
) -> None:
    number = Understanding("4", "zh", IntentScore("inform", 1.0))  # as a parser takes digits
    first = await cafe.turn(TurnRequest("c1", number, (), 1000.0, language=page))
    assert first.language == page
    talk = Talk(cafe)
    await talk.say("a table please", "book")
    later = await cafe.turn(TurnRequest("c1", number, tuple(talk.history), 1002.0, language=page))
    assert later.language == "en"


async def test_payload_and_known_slot_is_not_asked_again(cafe: Assistant) -> None:
    talk = Talk(cafe)
    assert texts(await talk.say('/book{"people": "2"}', "x")) == ["Under which name?"]


async def test_every_test_story_passes() -> None:
    project = load_project(CAFE)
    report = await run_tests(project, Policies.build(project))
    assert [result.divergences for result in report.failed] == []
    assert report.as_json()["actions"] == 8


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(
        st.sampled_from(["greet", "book", "inform", "opening", "deny", "nlu_fallback"]), max_size=8
    )
)
async def test_replaying_stored_events_gives_the_same_state(steps: list[str]) -> None:
    assistant = Assistant.build(load_project(CAFE))
    talk = Talk(assistant)
    for intent in steps:
        entities = {"people": "3"} if intent == "inform" else {}
        result = await talk.say("hello", intent, **entities)
        assert result.events[-1]["name"] == "action_listen"
    stored = [event_to_json(event_from_json(event)) for event in talk.history]
    assert assistant.tracker_json(stored) == assistant.tracker_json(talk.history)


def test_a_broken_project_names_every_mistake(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text("slots:\n  a:\n    type: txt\n")
    (tmp_path / "data" / "rules.yml").write_text("rules:\n- rule: x\n  steps:\n  - acton: y\n")
    with pytest.raises(ProjectError) as caught:
        load_project(tmp_path)
    lines = {(p.file.name if p.file else "", p.line) for p in caught.value.errors}
    assert lines == {("domain.yml", 3), ("rules.yml", 4)}
    assert any(p.suggestion == "did you mean 'action'?" for p in caught.value.errors)
