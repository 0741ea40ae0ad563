"""What the documents tell people to type works, and what they link to is there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
RUN_HERE = ("validate", "test", "backup", "doctor")
"""Commands of the documents that are run as they stand; the others would serve or train."""


def commands() -> list[str]:
    """Each ``lingxi ...`` and ``make ...`` line of the documents' shell blocks."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = line.split("#")[0].strip()
                if "lingxi " in words or words.startswith("make "):
                    found.append(words)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_files_named_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:app|nlu|dialogue|web|bots|docs|benchmarks)/[\w./-]*)`", text):
        assert (ROOT / name).exists(), f"README names {name}"


def test_make_targets_and_subcommands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for words in commands():
        if words.startswith("make "):
            assert re.search(rf"^{words.split()[1]}:", makefile, re.MULTILINE), words
        else:
            after = words.split("lingxi ", 1)[1].split()
            assert after[0] in COMMANDS or after[0].startswith("-"), words


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [w for w in commands() if re.search(rf"lingxi ({'|'.join(RUN_HERE)})\b", w)]
)
def test_commands_run(words: str, tmp_path: Path) -> None:
    args = [str(tmp_path / Path(a).name) if a.endswith(".zip") else a for a in shlex.split(words)]
    lingxi = [sys.executable, "-c", "from app.cli import main; main()"]
    done = subprocess.run(
        [*lingxi, *args[1:]], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


NAMED = sorted(
    set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "SECURITY.md").read_text("utf-8")))
)


def test_the_tests_that_security_names_exist() -> None:
    assert len(NAMED) > 30
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []
