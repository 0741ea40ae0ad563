"""`lingxi doctor` on installations that are sound, half made, and broken."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from pathlib import Path

import pytest

from app.auth.service import add_agent
from app.cli import main
from app.config import Settings
from app.db import Database, upgrade
from app.doctor import examine
from app.findings import Finding


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
    with sqlite3.connect(tmp_path / "lingxi.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert by_subject(await examine(settings))["database"].verdict == "warning"


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


async def test_what_is_in_the_database_is_looked_at(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0)
    upgrade(settings.sqlalchemy_url)
    found = by_subject(await examine(settings))
    assert (found["admins"].verdict, found["audit log"].verdict) == ("warning", "ok")
    assert "lingxi agent add" in found["admins"].remedy
    database = Database(settings.sqlalchemy_url)
    await add_agent(database, "a@example.com", "A", "a long password", "admin")
    await add_agent(database, "b@example.com", "B", "a long password", "agent")
    await database.close()
    with sqlite3.connect(tmp_path / "lingxi.db") as connection:
        connection.execute("UPDATE audit_log SET actor = 'somebody else' WHERE position = 1")
    found = by_subject(await examine(settings))
    assert found["admins"].verdict == "ok"
    assert (found["audit log"].verdict, "entry 1" in found["audit log"].words) == ("problem", True)


async def test_a_provider_that_does_not_answer_and_a_file_open_to_all(tmp_path: Path) -> None:
    (tmp_path / "lingxi.db").write_bytes(b"")
    (tmp_path / "lingxi.db").chmod(0o644)
    settings = Settings(
        home=tmp_path,
        port=0,
        environment="production",
        secret="x" * 32,
        oidc_issuer="https://127.0.0.1:1",
        oidc_client_id="x",
        oidc_domains=["example.com"],
    )
    found = by_subject(await examine(settings))
    assert found["sign-in provider"].verdict == "warning"
    assert "chmod" in found["file modes"].remedy


def test_the_audit_log_is_verified_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LINGXI_HOME", str(tmp_path))
    url = Settings(home=tmp_path).sqlalchemy_url
    upgrade(url)

    async def fill() -> None:
        database = Database(url)
        for name in ("a", "b"):
            await add_agent(database, f"{name}@example.com", name, "a long password", "agent")
        await database.close()

    asyncio.run(fill())

    def verify(*more: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["audit", "verify", *more])
        return int(ended.value.code or 0)

    assert verify() == 0
    end = capsys.readouterr().out.split("end: ")[1].strip()
    assert end.startswith("2:")
    assert verify("--known", end) == 0
    assert verify("--known", "nonsense") == 2
    with sqlite3.connect(tmp_path / "lingxi.db") as connection:
        connection.execute("DELETE FROM audit_log WHERE position = 2")
    assert verify() == 0, "an end that is cut off shows only beside one that was kept"
    assert verify("--known", end) == 1
    with sqlite3.connect(tmp_path / "lingxi.db") as connection:
        connection.execute("UPDATE audit_log SET action = 'nothing' WHERE position = 1")
    assert verify() == 1
