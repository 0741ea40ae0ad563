"""`lingxi agent add` as a script calls it; whoever was added can sign in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.auth.service import AuthService
from app.db import Database

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse 电池"


def add(home: Path, *args: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", "agent", "add", *args],
        input=password + "\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"LINGXI_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200"},
        check=False,
    )


async def test_who_was_added_can_sign_in(tmp_path: Path) -> None:
    done = add(tmp_path, "Li@Example.com", "--name", "小丽", "--role", "supervisor")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    database, auth = Database(f"sqlite+aiosqlite:///{tmp_path / 'lingxi.db'}"), AuthService()
    known = await database.read(lambda s: auth.password_hash(s, "li@example.com"))
    assert auth.verify(known, PASSWORD)
    agent, _token = await database.write(lambda s: auth.log_in(s, "li@example.com"))
    assert (agent.name, agent.role) == ("小丽", "supervisor")
    await database.close()

    again = add(tmp_path, "li@example.com", "--name", "Li")
    assert again.returncode == 1
    assert "is an agent already" in again.stderr


@pytest.mark.parametrize(
    ("args", "password", "words"),
    [
        (("nobody", "--name", "N"), PASSWORD, "expected an e-mail address, got 'nobody'"),
        (("a@b.c", "--name", " "), PASSWORD, "expected a name"),
        (("a@b.c", "--name", "N"), "short", "expected a password of 10 to 200 characters, got 5"),
        (("a@b.c", "--name", "N", "--role", "king"), PASSWORD, "Invalid value for '--role'"),
    ],
)
def test_mistakes_are_told_in_a_line(
    tmp_path: Path, args: tuple[str, ...], password: str, words: str
) -> None:
    done = add(tmp_path, *args, password=password)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
