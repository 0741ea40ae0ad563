"""The command line as a newcomer meets it: help, settings, mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from app.cli import COMMANDS
from app.cli.settings import settings_table

ROOT = Path(__file__).parents[2]


def python(script: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *args],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "120", "NO_COLOR": "1"} | environment,
        check=False,
    )


def lingxi(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return python("from app.cli import main; main()", *args, **environment)


def test_help_lists_every_command_without_loading_a_trainer() -> None:
    script = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "assert 'torch' not in sys.modules, 'help loads torch'"
    )
    done = python(script)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f" {name} " in done.stdout


def test_every_command_has_help() -> None:
    script = (
        "from app.cli import COMMANDS, main\n"
        "for name in COMMANDS:\n"
        "    try:\n        main([name, '--help'])\n"
        "    except SystemExit as end:\n        assert end.code == 0, name\n"
    )
    done = python(script)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f" {name} [" in done.stdout, name


def test_unknown_command_is_refused_in_a_line() -> None:
    done = lingxi("srve")
    assert done.returncode == 2
    assert "No such command" in done.stderr
    assert "Traceback" not in done.stderr


def test_production_refuses_the_default_secret() -> None:
    done = lingxi("serve", LINGXI_ENVIRONMENT="production")
    assert done.returncode == 2
    assert "expected a secret of 32 characters" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_says_what_was_expected_and_what_came() -> None:
    done = lingxi("serve", LINGXI_PORT="eighty")
    assert done.returncode == 2
    assert "LINGXI_PORT" in done.stderr
    assert "valid integer" in done.stderr
    assert "'eighty'" in done.stderr


def test_a_missing_bot_is_refused() -> None:
    done = lingxi("serve", "--bot", "bots/none")
    assert done.returncode == 2
    assert "bots/none" in done.stderr


def test_the_settings_page_is_current() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert page == settings_table() + "\n", "run: lingxi settings > docs/settings.md"
