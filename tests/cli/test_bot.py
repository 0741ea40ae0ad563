"""``lingxi validate`` as its users call it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase
from textwrap import dedent

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from app.cli.bot import teachable, train_if_stale
from app.config import Settings
from dialogue.project.load import load_project
from nlu.data.examples import check_trainable
from nlu.data.load import load_files


def bot(folder: Path, rules: str) -> Path:
    (folder / "data").mkdir()
    (folder / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet]\nresponses:\n  utter_greet:\n  - text: Hello\n'
    )
    (folder / "data" / "rules.yml").write_text(f'version: "3.1"\nrules:\n- rule: one\n{rules}')
    return folder


def validated(folder: Path) -> Result:
    return CliRunner().invoke(app, ["validate", str(folder)])


def test_a_sound_bot_passes(tmp_path: Path) -> None:
    steps = "  steps:\n  - intent: greet\n  - action: utter_greet\n"
    done = validated(bot(tmp_path, steps))
    assert done.exit_code == 0, done.stderr


def test_names_that_nothing_defines_fail_with_their_place(tmp_path: Path) -> None:
    steps = "  steps:\n  - intent: gret\n  - action: utter_bye\n"
    done = validated(bot(tmp_path, steps))
    assert done.exit_code == 1
    assert "rules.yml:5" in done.stderr
    assert "did you mean 'greet'" in done.stderr
    assert "utter_bye" in done.stderr


def test_knowledge_that_cannot_be_read_fails(tmp_path: Path) -> None:
    """The server would not start with it."""
    steps = "  steps:\n  - intent: greet\n  - action: utter_greet\n"
    folder = bot(tmp_path, steps)
    (folder / "faq").mkdir()
    (folder / "faq" / "tea.yml").write_text("- id: tea\n  questions: [Is there tea?]\n")
    for command in (["validate"], ["serve", "--bot"]):
        done = CliRunner().invoke(app, [*command, str(folder)])
        assert done.exit_code == 1
        assert "tea.yml, row 1" in done.stderr


BROKEN = {
    "domain.yml": """
        intents: [greet, inform]
        entities: [city]
        slots:
          town: {type: txt, mappings: [{type: from_entity, entity: citty}]}
        responses:
          utter_greet: [{txt: Hello}]
          utter_hi: [{text: Hi}]
    """,
    "config.yml": "policies:\n- nme: RulePolicy\n- name: RulePolicy\n  core_fallback_threshold: high\n",
    "endpoints.yml": "action_endpoint: http://localhost\n",
    "data/nlu.yml": """
        nlu:
        - intent: greet
          examples: |
            - hello
        - intent:
          examples: |
            - hi
        - intent: infrom
          examples: |
            - to [Bern](city)
    """,
    "data/rules.yml": """
        rules:
        - rule: hello
          steps:
          - intent: greet
          - action: utter_greet
        - rule: hi
          steps:
          - intent: greet
          - action: utter_hi
    """,
    "data/stories.yml": "stories:\n- story: one\n  steps:\n  - intnet: greet\n  - action: utter_gret\n",
    "data/more.yml": "stories:\n\t- story: tab\n",
    "data/bytes.yml": b"stories:\n- \xff\xfe",
    "data/bomb.yml": "a: &a [x,x]\n"
    + "".join(f"{b}: &{b} [*{a},*{a}]\n" for a, b in pairwise(ascii_lowercase))
    + "nlu: *z\nstories: *z\n",
}
PLACES = [
    "domain.yml:4: the slot 'town' has the unknown type 'txt' (did you mean 'text'?)",
    "domain.yml:4: the entity 'citty' is not in the domain (did you mean 'city'?)",
    "domain.yml:6: a variation of the response 'utter_greet' says nothing (did you mean 'text'?)",
    "config.yml:2: expected the policy's `name:` (did you mean 'name'?)",
    "config.yml:4: expected a number for `core_fallback_threshold`, got 'high'",
    "endpoints.yml:1: expected `url:` under `action_endpoint:`, got 'http://localhost'",
    "data/nlu.yml:5: expected a name after `intent:`, got nothing",
    "data/nlu.yml:10: the intent 'infrom' is not in the domain (did you mean 'inform'?)",
    "data/rules.yml:6: the rule 'hi' expects 'utter_hi' after 'greet', the rule 'hello' says",
    "data/stories.yml:4: unknown step 'intnet' (did you mean 'intent'?)",
    "data/stories.yml:5: the action 'utter_gret' is not in the domain (did you mean 'utter_greet'?)",
    "data/more.yml:2: not valid YAML",
    "data/bytes.yml: expected UTF-8, got the byte 0xff",
    "data/bomb.yml:",
]


@pytest.mark.parametrize("command", ["validate", "train", "test", "serve --bot", "chat --bot"])
def test_everything_wrong_is_told_at_once(command: str, tmp_path: Path) -> None:
    for name, text in BROKEN.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else dedent(text).lstrip().encode())
    done = CliRunner().invoke(app, [*command.split(), str(tmp_path)])
    assert done.exit_code == 1
    assert [place for place in PLACES if place not in done.stderr] == []
    assert "Traceback" not in done.output


def test_a_rule_that_begins_with_an_action_leaves_the_stories_alone(tmp_path: Path) -> None:
    """What it is about is the message after the action, as under Rasa."""
    later = "  steps:\n  - action: utter_greet\n  - intent: greet\n  - action: action_restart\n"
    folder = bot(tmp_path, later)
    told = "stories:\n- story: s\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
    policies = "policies:\n- name: RulePolicy\n- name: AugmentedMemoizationPolicy\n"
    (folder / "config.yml").write_text(policies)
    for name in ("data/stories.yml", "test_it.yml"):
        (folder / name).write_text(f"{told}  - action: action_back\n")
    assert validated(folder).exit_code == 0
    done = CliRunner().invoke(app, ["test", str(folder)])
    assert done.exit_code == 0, done.stdout


def test_a_rule_that_leaves_out_what_others_give_is_named(tmp_path: Path) -> None:
    full = "  - active_loop: f\n  - slot_was_set:\n    - done: true\n"
    steps = "  steps:\n  - intent: greet\n  - action: f\n"
    folder = bot(tmp_path, f"{steps}{full}- rule: two\n{steps.replace('greet', 'bye')}")
    with (folder / "domain.yml").open("a") as domain:
        domain.write("forms: [f]\nslots: {done: {type: bool}}\nentities: []\n")
    done = validated(folder)
    assert done.exit_code == 1
    expected = "the rule 'two' lacks `slot_was_set` of 'done' and `active_loop: f`"
    assert expected in done.stderr


def test_a_folder_without_a_domain_is_no_bot(tmp_path: Path) -> None:
    assert validated(tmp_path).exit_code == 1


@pytest.mark.slow
def test_a_bot_without_examples_can_be_trained_for_its_buttons(tmp_path: Path) -> None:
    project = load_project(bot(tmp_path, "  steps:\n  - intent: greet\n  - action: utter_greet\n"))
    check_trainable(teachable(load_files(project.training_files), project))


def test_training_again_only_what_changed(tmp_path: Path) -> None:
    root = tmp_path / "bot"
    root.mkdir()
    bot(root, "  steps:\n  - intent: greet\n  - action: utter_greet\n")
    examples = "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hi\n    - hello\n"
    (root / "data" / "nlu.yml").write_text(
        examples + "- intent: bye\n  examples: |\n    - bye\n    - see you\n"
    )
    encoders = Settings().home / "encoders"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "encoders").symlink_to(encoders.resolve())
    settings = Settings(home=tmp_path / "home", bot=root)

    def trained() -> list[str]:
        told: list[str] = []
        train_if_stale(root, settings, lambda words, share=None: told.append(words))
        return [name for name in ("understanding", "policy") if name in " ".join(told)]

    assert trained() == ["understanding", "policy"]
    assert trained() == []
    with (root / "domain.yml").open("a") as domain:
        domain.write("entities: [city]\n")
    assert trained() == ["policy"]
    (root / "data" / "nlu.yml").unlink()
    assert trained() == ["understanding"]  # of buttons alone
