"""``lingxi validate`` as its users call it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from app.cli.bot import train_if_stale
from app.config import Settings


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


def test_a_folder_without_a_domain_is_no_bot(tmp_path: Path) -> None:
    assert validated(tmp_path).exit_code == 1


@pytest.mark.slow
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
