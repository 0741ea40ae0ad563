"""What Rasa's format allows and few bots use, in one bot that is talked to with gold understanding."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import pytest_asyncio

from dialogue.actions.in_process import InProcessActions
from dialogue.actions.types import ActionFailedError
from dialogue.assistant import Assistant
from dialogue.domain import Domain
from dialogue.policy.contradictions import contradictions
from dialogue.project import load_project
from dialogue.reminders import pending_reminders
from dialogue.tracker import Tracker
from dialogue.types import TurnRequest
from nlu.types import Entity, IntentScore, Understanding

TRIPS = Path(__file__).parent / "bots" / "trips"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def trips() -> AsyncIterator[Assistant]:
    project = load_project(TRIPS)
    assert [*project.warnings, *contradictions(project)] == []
    assistant = Assistant.build(project, actions=InProcessActions.of_bot(TRIPS))
    yield assistant
    await assistant.close()


class Talk:
    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.history: list[Any] = []
        self.now = 1000.0

    async def say(
        self,
        text: str,
        intent: str,
        channel: str = "web",
        ranking: Sequence[str] = (),
        **entities: str,
    ) -> list[str]:
        """What is answered. An entity is ``city__from`` with a role, ``size__2`` with a group."""
        score = IntentScore(intent, 1.0)
        others = [IntentScore(name, 0.1) for name in ranking]
        found = tuple(_entity(name, value) for name, value in entities.items())
        self.now += 1
        understood = Understanding(text, "en", score, (score, *others), found)
        request = TurnRequest("c", understood, tuple(self.history), self.now, channel=channel)
        result = await self.assistant.turn(request)
        self.history += result.events
        return [reply.text for reply in result.replies]

    def slot(self, name: str) -> Any:
        return self.assistant.tracker(self.history).slots[name]

    @property
    def loop(self) -> str | None:
        return self.assistant.tracker(self.history).loop_name


def _entity(name: str, value: str) -> Entity:
    entity, _, label = name.partition("__")
    role, group = (None, label) if label.isdigit() else (label or None, None)
    return Entity(entity, 0, 1, value, value, 1.0, "gold", role=role, group=group)


@pytest.fixture
def talk(trips: Assistant) -> Talk:
    return Talk(trips)


async def test_ignored_intents_conditions_and_a_trigger(talk: Talk) -> None:
    assert await talk.say("book", "book") == ["seats?"]
    assert await talk.say("chat", "chitchat", number="3") == ["chat", "seats?"]
    assert talk.slot("seats") is None
    assert await talk.say("weather?", "ask_weather") == ["sunny", "seats?"]
    assert await talk.say("three", "inform", number="3") == ["note?"]
    assert await talk.say("no", "deny") == ["done 3 none None by booking"]
    assert (talk.loop, talk.slot("outside")) == (None, None)


async def test_a_form_asks_for_more_when_its_code_says_so(talk: Talk) -> None:
    await talk.say("book", "book")
    assert await talk.say("seven", "inform", number="7") == ["note?"]
    assert await talk.say("by the window", "inform") == ["extra?"]
    assert await talk.say("a cake", "inform") == ["done 7 by the window a cake by booking"]


async def test_a_form_that_fails_as_it_opens_is_not_taken_for_filled(talk: Talk) -> None:
    (apology,) = await talk.say("book for many", "book", number="many")
    assert "done" not in apology
    assert talk.loop == "book_form"
    assert await talk.say("three", "inform", number="3") == ["note?"]


async def test_alternatives_roles_and_checkpoints_that_loop(talk: Talk) -> None:
    said = await talk.say("rome to oslo", "route", city__from="rome", city__to="oslo")
    assert said == ["ROME-oslo"]
    assert await talk.say("yes", "affirm") == ["menu"]
    assert await talk.say("yes", "affirm") == ["vip hello"]
    assert await talk.say("hours?", "faq/hours") == ["vip hours"]
    assert await talk.say("where?", "faq/place") == ["here"]


async def test_groups_lists_and_ignored_entities(talk: Talk) -> None:
    await talk.say("sizes", "chitchat", size__1="L", size__2="S")
    assert (talk.slot("size1"), talk.slot("size2")) == ("L", "S")
    assert await talk.say("red", "pick", color="red", city="oslo") == ["['red']"]
    assert talk.slot("dest") is None


@pytest.mark.parametrize(("mood", "answer"), [("good", "good"), ("BAD", "bad"), ("odd", "other")])
async def test_categories_decide_and_the_rest_is_other(talk: Talk, mood: str, answer: str) -> None:
    await talk.say(f"mood {mood}", "chitchat")
    assert await talk.say("and now?", "skip", city__from="oslo") == [answer]
    assert talk.slot("counted") == 2  # a custom mapping's action runs once for each message


async def test_the_start_channels_and_own_default_actions(talk: Talk) -> None:
    assert await talk.say("hi", "greet") == ["first"]
    assert await talk.say("hi", "greet") == ["hello"]
    assert await talk.say("hi", "greet", channel="rest") == ["hello rest"]
    assert await talk.say("are you a bot", "bot_challenge") == ["iam", "menu"]
    assert await talk.say("hm", "affirm") == ["own words"]
    assert await talk.say("/restart", "affirm") == ["restarted"]
    assert await talk.say("hi", "greet") == ["first"]


async def test_an_old_session_ends_its_form_and_keeps_its_slots(talk: Talk) -> None:
    await talk.say("book", "book")
    await talk.say("three", "inform", number="3")
    talk.now += 601
    await talk.say("hi", "greet")
    assert (talk.loop, talk.slot("seats")) == (None, "3")


async def test_one_of_two_reminders_is_cancelled(talk: Talk) -> None:
    await talk.say("later", "later")
    assert len(pending_reminders(talk.history)) == 2
    await talk.say("forget it", "forget")
    assert [reminder.name for reminder in pending_reminders(talk.history)] == ["ask_weather"]


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_an_action_that_exits_ends_nothing_else(kind: str, tmp_path: Path) -> None:
    code = f"""
        from rasa_sdk import Action

        class Leaves(Action):
            def name(self):
                return "action_leaves"

            {kind} run(self, dispatcher, tracker, domain):
                raise SystemExit(3)
    """
    (tmp_path / "actions.py").write_text(dedent(code))
    actions = InProcessActions.of_bot(tmp_path)
    for _ in range(2):
        with pytest.raises(ActionFailedError, match="exit"):
            await actions.run("action_leaves", Tracker(Domain()).as_json(), {})
    await actions.close()
