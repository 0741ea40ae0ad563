"""Projects as they are found in the wild: each loads, or says what is wrong; none ends in a traceback."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from dialogue.assistant import Assistant
from dialogue.events import EntityValue
from dialogue.policy.ensemble import Policies
from dialogue.project import Project, ProjectError, load_project
from dialogue.testing.stories import TestReport, run_tests
from dialogue.types import StoredEvent, TurnRequest
from nlu.types import IntentScore, Understanding

DOMAIN = """
version: "3.1"
intents: [greet, bye]
responses:
  utter_greet:
  - text: Hello
  utter_bye:
  - text: Bye
"""
STORIES = """
stories:
- story: hello and goodbye
  steps:
  - intent: greet
  - action: utter_greet
  - intent: bye
  - action: utter_bye
"""
TESTS = """
stories:
- story: told again
  steps:
  - user: |
      hi
    intent: greet
  - action: utter_greet
  - user: |
      see you
    intent: bye
  - action: utter_bye
"""
PLAIN = {
    "domain.yml": DOMAIN,
    "data/stories.yml": STORIES,
    "tests/test_stories.yml": TESTS,
}


def project(root: Path, files: dict[str, str]) -> Project:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(dedent(text).lstrip("\n").encode())
    return load_project(root)


async def judged(bot: Project) -> TestReport:
    return await run_tests(bot, Policies.build(bot))


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"data/faq/stories.yml": STORIES, "data/stories.yml": ""}, id="data/faq"),
        pytest.param({"data/models/x.yml": STORIES, "data/stories.yml": ""}, id="data/models"),
        pytest.param({"domain_old.yml": "intents: [other]\n"}, id="an old domain beside"),
        pytest.param({"backup/domain.yml": "intents: [other]\n"}, id="a backup"),
        pytest.param({"domain.yml": "\ufeff" + DOMAIN.replace("\n", "\r\n")}, id="BOM and CRLF"),
        pytest.param({"domain.yml": "%YAML 1.1\n---" + DOMAIN}, id="a YAML directive"),
        pytest.param({"domain.yml": DOMAIN + "  utter_more: []\n"}, id="an empty response"),
        pytest.param({"config.yml": "pipeline: supervised_embeddings\npolicies:\n"}, id="config"),
        pytest.param({"actions.py": "import no_such_library\n"}, id="a library that is absent"),
        pytest.param({"actions/a.py": "def (:\n"}, id="actions that are no Python"),
    ],
)
async def test_oddities_change_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    bot = project(tmp_path, {**PLAIN, **files})
    assert set(bot.domain.intents) >= {"greet", "bye"}
    assert "other" not in bot.domain.intents
    report = await judged(bot)
    assert len(report.results) == 1
    assert not report.failed


async def test_a_domain_in_pieces(tmp_path: Path) -> None:
    parts = {
        "domain/intents.yml": "intents:\n- greet: {use_entities: []}\n- bye: {use_entities: true}\n",
        "domain/more/responses.yml": "responses:\n  utter_greet: [hi]\n  utter_bye:\n  - custom: {a: 1}\n",
        "domain/session.yml": "session_config:\n  session_expiration_time: 30\n",
    }
    files = {name: text for name, text in PLAIN.items() if name != "domain.yml"}
    bot = project(tmp_path, {**files, **parts})
    assert bot.domain.session_minutes == 30
    assert not (await judged(bot)).failed


async def test_retrieval_intents_may_be_named_in_full_or_not(tmp_path: Path) -> None:
    files = {
        "domain.yml": "intents: [faq]\nactions: [utter_faq]\n",
        "data/responses.yml": "responses:\n  utter_faq/name:\n  - text: Bo\n  utter_faq/age:\n  - text: 3\n",
        "data/rules.yml": "rules:\n- rule: faq\n  steps:\n  - intent: faq\n  - action: utter_faq\n",
        "tests/test_faq.yml": """
            stories:
            - story: in full
              steps:
              - user: who are you
                intent: faq/name
              - action: utter_faq/name
            - story: the base alone
              steps:
              - user: who are you
                intent: faq
              - action: utter_faq
            - story: another answer
              steps:
              - user: who are you
                intent: faq/name
              - action: utter_faq/age
        """,
    }
    report = await judged(project(tmp_path, files))
    assert [result.name for result in report.failed] == ["another answer"]


async def test_words_of_an_end_to_end_story_count_in_a_live_talk(tmp_path: Path) -> None:
    told = """
        stories:
        - story: by words
          steps:
          - intent: greet
          - action: utter_greet
          - user: I must run
          - action: utter_bye
    """
    assistant = Assistant.build(project(tmp_path, {**PLAIN, "data/e.yml": told}))
    history: list[StoredEvent] = []
    for text, intent, answer in (("hi", "greet", "Hello"), ("I must run", "nlu_fallback", "Bye")):
        score = IntentScore(intent, 0.9)
        request = TurnRequest("c", Understanding(text, "en", score, (score,)), tuple(history), 1.0)
        result = await assistant.turn(request)
        history += result.events
        assert [reply.text for reply in result.replies] == [answer]


async def test_a_form_whose_server_is_down_does_not_keep_the_customer(tmp_path: Path) -> None:
    domain = """
        intents: [greet, book, inform, bye]
        slots: {seats: {type: any}}
        forms: {table: {required_slots: [seats]}}
        actions: [validate_table, action_session_start]
        responses:
          utter_ask_seats: [{text: How many?}]
          utter_bye: [{text: Bye}]
    """
    rules = """
        rules:
        - rule: book
          steps: [{intent: book}, {action: table}, {active_loop: table}]
        - rule: bye
          steps: [{intent: bye}, {action: utter_bye}]
    """
    assistant = Assistant.build(project(tmp_path, {"domain.yml": domain, "data/r.yml": rules}))
    history: list[StoredEvent] = []

    async def say(intent: str) -> list[str]:
        score = IntentScore(intent, 1.0)
        request = TurnRequest("c", Understanding("x", "en", score, (score,)), tuple(history), 1.0)
        result = await assistant.turn(request)
        history.extend(result.events)
        return [reply.text for reply in result.replies]

    (apology,) = await say("book")
    assert "Sorry" in apology
    assert await say("inform") == [apology]
    assert await say("bye") == ["Bye"]
    assert assistant.tracker(history).loop_name == "table"


async def test_end_to_end_stories(tmp_path: Path) -> None:
    told = """
        stories:
        - story: by words
          steps:
          - user: good morning
          - bot: good morning to you
          - user: /bye
          - action: utter_bye
    """
    report = await judged(
        project(tmp_path, {**PLAIN, "data/e.yml": told, "tests/test_e.yml": told})
    )
    assert len(report.results) == 2
    assert not report.failed


def test_the_2_8_format(tmp_path: Path) -> None:
    domain = """
        version: "2.0"
        intents: [greet, inform]
        entities: [cuisine, num]
        slots:
          cuisine: {type: rasa.shared.core.slots.UnfeaturizedSlot, auto_fill: false}
          num: {type: unfeaturized}
          own: {type: addons.MySlot}
        forms:
          order_form:
            cuisine:
            - type: from_entity
              entity: cuisine
            num:
            - type: from_entity
              entity: num
              intent: inform
        templates:
          utter_ask_cuisine: [text: which?]
        actions:
        - action_x: {send_domain: true}
    """
    bot = project(tmp_path, {"domain.yml": domain})
    assert bot.domain.forms["order_form"].required_slots == ("cuisine", "num")
    assert bot.domain.slots["num"].mappings[0].intents == ("inform",)
    assert "action_x" in bot.domain.actions
    assert any("addons.MySlot" in str(warning) for warning in bot.warnings)


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    domain = "intents: greet\nresponses:\n- utter_greet\nslots: [a]\nforms: x\nentities: 3\n"
    rules = "rules:\n- rule: r\n  steps:\n  - foo: bar\n  - bare\n  - action:\n- rule: none\n"
    files = {"domain.yml": domain, "data/rules.yml": rules, "data/tab.yml": "stories:\n\t- x\n"}
    with pytest.raises(ProjectError) as wrong:
        project(tmp_path, files)
    places = {f"{error.file.name}:{error.line}" for error in wrong.value.errors if error.file}
    assert places >= {"domain.yml:1", "domain.yml:2", "domain.yml:4", "domain.yml:5"}
    assert places >= {"rules.yml:4", "rules.yml:5", "rules.yml:6", "rules.yml:7", "tab.yml:2"}


def test_actions_that_nothing_runs_are_named(tmp_path: Path) -> None:
    domain = DOMAIN + "actions: [action_there, action_gone, action_answer_faq]\n"
    code = "NAME = 'action_there'\n"
    bot = project(tmp_path, {**PLAIN, "domain.yml": domain, "actions/actions.py": code})
    (warning,) = bot.warnings
    assert "action_gone" in str(warning)
    assert "action_there" not in str(warning)


def test_absent_libraries_are_named_before_anything_runs(tmp_path: Path) -> None:
    code = "import json\nimport actions.words\nfrom no_such_library import x\n"
    bot = project(tmp_path, {**PLAIN, "actions/actions.py": code, "actions/words.py": ""})
    (warning,) = bot.warnings
    assert (warning.line, "no_such_library" in str(warning)) == (3, True)


async def test_other_projects_are_imported(tmp_path: Path) -> None:
    more = {
        "config.yml": "importers: [{name: MultiProjectImporter}]\nimports: [more, gone]\n",
        "more/config.yml": "imports: [../more, deep]\nimporters: [{name: MultiProjectImporter}]\n",
        "more/domain.yml": "intents: [book]\nresponses: {utter_booked: [{text: booked}]}\n",
        "more/deep/rules.yml": "rules: [{rule: b, steps: [{intent: book}, {action: utter_booked}]}]\n",
    }
    with pytest.raises(ProjectError, match=r"config.yml:2: expected a project to import in .*gone"):
        project(tmp_path, {**PLAIN, **more})
    more["config.yml"] = more["config.yml"].replace(", gone", "")
    bot = project(tmp_path, more)
    assert {"greet", "book"} <= set(bot.domain.intents)
    assert [rule.name for rule in bot.rules] == ["b"]
    assert bot.warnings == ()


async def test_what_counts_of_a_message_is_what_the_domain_says(tmp_path: Path) -> None:
    domain = """
        intents: [greet, bye, {tell: {ignore_entities: []}}]
        entities:
        - city: {roles: [from]}
        - secret: {influence_conversation: false}
    """
    counted = project(tmp_path, {"domain.yml": domain}).domain.featurised_entities
    found = (
        EntityValue("city", "x", role="from"),
        EntityValue("city", "y", role="to"),
        EntityValue("secret", "z"),
        EntityValue("unknown", "z"),
    )
    assert counted("greet", found) == ("city", "city#from")
    assert counted("tell", found) == ("city", "city#from")
    known = project(tmp_path, {"domain.yml": "actions: [action_query_knowledge_base]\n"})
    assert "knowledge_base_last_object" in known.domain.slots  # as Rasa gives it for that action
    assert counted("of no domain", found) == ("city", "city#from", "secret", "unknown")


def test_what_of_rasa_is_not_run_is_named(tmp_path: Path) -> None:
    files = {
        **PLAIN,
        "config.yml": "recipe: graph.v1\npolicies:\n- name: RulePolicy\n"
        "  core_fallback_action_name: action_lost\n",
        "endpoints.yml": "action_endpoint:\n  url: ${NO_SUCH_ADDRESS_OF_ACTIONS}/webhook\n",
        "data/nlu.json": '{"rasa_nlu_data": {"common_examples": []}}',
        "data/flows.yml": "flows:\n  pay: {steps: []}\n",
        "data/r.yml": "rules:\n- rule: u\n  steps:\n  - action: action_unlikely_intent\n"
        "  - action: utter_bye\n- rule: g\n  steps: [{intent: /greet}, {action: utter_greet}]\n",
    }
    bot = project(tmp_path, files)
    told = "\n".join(str(warning) for warning in bot.warnings)
    assert bot.action_endpoint is None
    for words in (
        "graph.v1",
        "action_lost",
        "NO_SUCH_ADDRESS",
        "flows.yml",
        "nlu.json",
        "UnexpecTED",
    ):
        assert words in told
    assert "'/greet'" not in told
