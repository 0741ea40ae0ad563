"""Two-stage fallback as Rasa's users know it, and actions that refuse to run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from test_trips import Talk

from dialogue.actions.in_process import InProcessActions
from dialogue.assistant import Assistant
from dialogue.project import load_project

DOMAIN = """
    version: "3.1"
    intents: [greet, goodbye, out_of_scope, sell, shout]
    entities: [item]
    slots:
      item: {type: text, mappings: [{type: from_entity, entity: item}]}
      tried: {type: bool, mappings: [{type: custom}]}
    forms:
      sell_form: {required_slots: [item]}
    actions: [action_moody]
    responses:
      utter_greet: [{text: hello}]
      utter_bye: [{text: bye}]
      utter_calm: [{text: calm down}]
      utter_ask_item: [{text: which item?}]
      utter_default: [{text: I give up}]
      utter_ask_rephrase: [{text: say it differently}]
    """
RULES = """
    version: "3.1"
    rules:
    - rule: two stages
      steps: [{intent: nlu_fallback}, {action: action_two_stage_fallback}, {active_loop: action_two_stage_fallback}]
    - rule: greet
      steps: [{intent: greet}, {action: utter_greet}]
    - rule: bye
      steps: [{intent: goodbye}, {action: utter_bye}]
    - rule: sell
      steps: [{intent: sell}, {action: sell_form}, {active_loop: sell_form}]
    - rule: a form that refuses leaves the turn to this
      condition: [{active_loop: sell_form}]
      steps: [{intent: shout}, {action: utter_calm}, {action: sell_form}, {active_loop: sell_form}]
    stories:
    - story: moody
      steps: [{intent: shout}, {action: action_moody}, {action: utter_calm}]
    """
ACTIONS = """
    from rasa_sdk import Action
    from rasa_sdk.interfaces import ActionExecutionRejection

    class Moody(Action):
        def name(self):
            return "action_moody"
        def run(self, dispatcher, tracker, domain):
            raise ActionExecutionRejection(self.name(), "not in the mood")
    """


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    (tmp_path / "data").mkdir()
    (tmp_path / "actions").mkdir()
    (tmp_path / "domain.yml").write_text(dedent(DOMAIN))
    (tmp_path / "data" / "rules.yml").write_text(dedent(RULES))
    (tmp_path / "actions" / "__init__.py").write_text("")
    (tmp_path / "actions" / "actions.py").write_text(dedent(ACTIONS))
    (tmp_path / "config.yml").write_text(
        "policies: [{name: MemoizationPolicy}, {name: RulePolicy}]"
    )
    project = load_project(tmp_path)
    return Talk(Assistant.build(project, actions=InProcessActions.of_bot(tmp_path)))


async def test_what_is_confirmed_counts_as_said(talk: Talk) -> None:
    asked = await talk.say("mumble", "nlu_fallback", ranking=("sell",))
    assert "mean" in asked[0]
    assert await talk.say("/greet", "greet") == ["hello"]
    assert talk.loop is None


async def test_denied_then_said_differently(talk: Talk) -> None:
    await talk.say("mumble", "nlu_fallback", ranking=("sell",))
    assert await talk.say("no", "out_of_scope") == ["say it differently"]
    assert await talk.say("goodbye", "goodbye") == ["bye"]
    assert talk.loop is None


async def test_denied_twice_is_given_up(talk: Talk) -> None:
    await talk.say("mumble", "nlu_fallback", ranking=("sell",))
    await talk.say("no", "out_of_scope")
    again = await talk.say("mumble", "nlu_fallback", ranking=("sell",))
    assert "mean" in again[0]
    assert await talk.say("no", "out_of_scope") == ["I give up"]
    assert talk.loop is None


async def test_unclear_twice_in_a_row_is_given_up(talk: Talk) -> None:
    await talk.say("mumble", "nlu_fallback", ranking=("sell",))
    assert await talk.say("mumble mumble", "nlu_fallback") == ["I give up"]


async def test_a_rule_interrupts_a_form_that_comes_back(talk: Talk) -> None:
    assert await talk.say("sell", "sell") == ["which item?"]
    assert await talk.say("AAA", "shout") == ["calm down", "which item?"]
    assert talk.loop == "sell_form"


async def test_an_action_that_refuses_ends_no_conversation(talk: Talk) -> None:
    assert await talk.say("AAA", "shout")
    events = [event.get("event") for event in talk.history]
    assert "action_execution_rejected" in events, talk.history
    assert await talk.say("hi", "greet") == ["hello"]
