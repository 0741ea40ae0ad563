"""What an action's events do to a conversation: each of Rasa's, returned by an action that is told to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from dialogue.actions.types import ActionResult
from dialogue.assistant import Assistant
from dialogue.events import event_from_json
from dialogue.project import load_project
from dialogue.types import TurnRequest
from nlu.types import Entity, IntentScore, Understanding

DOMAIN = """
version: "3.1"
intents: [do, hi, inform, more, off]
entities: [word]
slots:
  tags:
    type: list
    mappings:
    - type: from_text
      intent: more
    - type: from_intent
      intent: off
      value: null
  place:
    type: text
    initial_value: here
    mappings:
    - type: from_entity
      entity: word
  name:
    type: text
    influence_conversation: false
    mappings:
    - type: from_text
      intent: hi
      conditions:
      - active_loop: ask_form
        requested_slot: name
forms:
  ask_form:
    ignored_intents: [hi]
    required_slots: [name]
responses:
  utter_hi: [{text: "hi {place}"}]
  utter_tags: [{text: "{tags}"}]
  utter_ask_name: [{text: "name?"}]
  utter_named: [{text: "I am {name}"}]
  utter_spoken: [{text: "said {extra} {{x}}"}]
actions: [action_do]
session_config:
  session_expiration_time: 0
"""
DATA = """
version: "3.1"
rules:
- rule: do
  steps:
  - intent: do
  - action: action_do
- rule: hi
  steps:
  - intent: hi
  - action: utter_hi
- rule: more
  steps:
  - intent: more
  - action: utter_tags
- rule: "off"
  steps:
  - intent: "off"
  - action: utter_hi
- rule: done
  condition:
  - active_loop: ask_form
  steps:
  - action: ask_form
  - active_loop: null
  - slot_was_set:
    - requested_slot: null
  - action: utter_named
"""


class Told:
    """An action server whose one action does what the message says."""

    async def run(
        self, name: str, tracker: Mapping[str, Any], domain: Mapping[str, Any]
    ) -> ActionResult:
        told = json.loads(tracker["latest_message"]["text"])
        events = tuple(event_from_json(event) for event in told.get("events", ()))
        return ActionResult(events, tuple(told.get("responses", ())))

    async def close(self) -> None:
        return None


class Talk:
    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.history: list[Any] = []
        self.now = 1000.0

    async def say(self, text: str, intent: str, **entities: str) -> list[str]:
        score = IntentScore(intent, 1.0)
        found = tuple(Entity(n, 0, 1, v, v, 1.0, "gold") for n, v in entities.items())
        self.now += 10_000  # an hour and more: this bot's sessions never expire
        understood = Understanding(text, "en", score, (score,), found)
        request = TurnRequest("c", understood, tuple(self.history), self.now)
        result = await self.assistant.turn(request)
        self.history += result.events
        return [reply.text for reply in result.replies]

    async def do(self, *events: dict[str, Any], **more: Any) -> list[str]:
        return await self.say(json.dumps({"events": events, **more}), "do")

    @property
    def tracker(self) -> Any:
        return self.assistant.tracker(self.history)


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text(dedent(DOMAIN))
    (tmp_path / "data" / "rules.yml").write_text(dedent(DATA))
    (tmp_path / "data" / "nlu.yml").write_text("")
    return Talk(Assistant.build(load_project(tmp_path), actions=Told()))


async def test_slots_are_reset_to_what_they_began_with(talk: Talk) -> None:
    assert await talk.say("there", "hi", word="there") == ["hi there"]
    assert await talk.say("hi", "hi") == ["hi there"]
    await talk.do({"event": "reset_slots"})
    assert await talk.say("hi", "hi") == ["hi here"]


async def test_a_paused_conversation_is_silent_until_it_is_restarted(talk: Talk) -> None:
    await talk.do({"event": "pause"})
    assert await talk.say("hi", "hi") == []
    await talk.say("/restart", "restart")
    assert await talk.say("hi", "hi") == ["hi here"]


async def test_an_action_opens_and_ends_a_form_and_names_what_follows(talk: Talk) -> None:
    assert await talk.do({"event": "active_loop", "name": "ask_form"}) == ["name?"]
    assert talk.tracker.requested_slot == "name"
    assert await talk.say("Bo", "hi") == ["I am Bo"], "named in the mapping, though ignored"
    assert talk.tracker.loop_name is None
    await talk.do({"event": "slot", "name": "name", "value": None})
    assert await talk.do({"event": "followup", "name": "ask_form"}) == ["name?"]


async def test_lists_are_filled_with_lists_and_emptied_by_an_intent(talk: Talk) -> None:
    assert await talk.say("red", "more") == ["['red']"]
    await talk.say("stop it", "off")
    assert talk.tracker.slots["tags"] is None


async def test_a_message_taken_back_is_as_if_it_had_not_been(talk: Talk) -> None:
    await talk.say("hi", "hi")
    await talk.do({"event": "rewind"})
    assert talk.tracker.latest_message.text == "hi"
    assert await talk.say("hi", "hi") == ["hi here"]


async def test_what_an_action_says_is_rendered_with_its_own_values(talk: Talk) -> None:
    responses = [{"response": "utter_spoken", "extra": "this"}, {"text": "and {that}"}]
    assert await talk.do(responses=responses) == ["said this {x}", "and {that}"]
    unknown = {"event": "slot", "name": "nobody", "value": 1}
    assert await talk.do(unknown, {"event": "of another world"}) == []
    assert await talk.say("hi", "hi") == ["hi here"]
