"""`lingxi doctor` on installations that are sound, half made, and broken."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

from app.config import Settings
from app.db import upgrade
from app.doctor import Finding, examine


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


async def test_an_empty_folder_is_told_what_to_run(tmp_path: Path) -> None:
    found = by_subject(await examine(Settings(home=tmp_path / "home", port=0)))
    for subject in ("encoder", "bot", "voice"):
        assert found[subject].verdict == "problem"
        assert "lingxi setup" in found[subject].remedy
    assert found["database"].verdict == "problem"
    assert "lingxi db upgrade" in found["database"].remedy


async def test_an_old_revision_is_seen(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0)
    upgrade(settings.sqlalchemy_url)
    assert by_subject(await examine(settings))["database"].verdict == "ok"
    with sqlite3.connect(tmp_path / "lingxi.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    found = by_subject(await examine(settings))["database"]
    assert (found.verdict, found.words[-8:]) == ("problem", "got 0000")


async def test_a_taken_port_and_a_missing_redis(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(home=tmp_path, port=port, redis_url="redis://127.0.0.1:1")
        found = by_subject(await examine(settings))
    assert found["port"].verdict == "warning"
    assert found["redis"].verdict == "problem"


async def test_development_open_to_all_is_warned_of(tmp_path: Path) -> None:
    found = by_subject(await examine(Settings(home=tmp_path, port=0, host="0.0.0.0")))
    assert found["secrets"].verdict == "warning"


async def test_passwords_are_not_shown(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://lingxi:hunter22@127.0.0.1:1/lingxi"
    findings = await examine(Settings(home=tmp_path, port=0, database_url=url))
    assert by_subject(findings)["database"].verdict == "problem"
    assert "hunter22" not in str(findings)
