"""Backups taken while somebody writes: whole, checked, and back in place."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import in_own_loop

from app.auth.service import add_agent
from app.backup import BackupError, backup, restore
from app.config import Settings
from app.db import Database, sqlite_engine, upgrade
from app.models import Agent


def at(home: Path, url: str) -> Settings:
    return Settings(home=home, database_url=url)


def add_rows(url: str, count: int, stop: threading.Event | None = None) -> int:
    engine, made = sqlite_engine(url, writes=True), 0
    while made < count and not (stop and stop.is_set()):
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO meta_test (id) VALUES (:id)"), {"id": made})
        made += 1
    engine.dispose()
    return made


@pytest.fixture
def written(tmp_path: Path) -> Settings:
    home = tmp_path / "one"
    url = f"sqlite+aiosqlite:///{home / 'lingxi.db'}"
    upgrade(url)
    engine = sqlite_engine(url, writes=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE meta_test (id INTEGER PRIMARY KEY)"))
    engine.dispose()
    (home / "models" / "shop" / "nlu").mkdir(parents=True)
    (home / "models" / "shop" / "nlu" / "model.json").write_text("{}")
    (home / "files" / "ab").mkdir(parents=True)
    (home / "files" / "ab" / "abcd").write_text("a picture")
    return at(home, url)


def test_a_backup_under_writes_is_a_prefix_of_what_was_written(
    written: Settings, tmp_path: Path
) -> None:
    stop = threading.Event()
    writer = threading.Thread(target=add_rows, args=(written.sqlalchemy_url, 10_000, stop))
    writer.start()
    out = tmp_path / "backup.zip"
    names = backup(written, out)
    stop.set()
    writer.join()
    assert {"lingxi.db", "models/shop/nlu/model.json", "files/ab/abcd"} <= set(names)

    other = at(tmp_path / "two", f"sqlite+aiosqlite:///{tmp_path / 'two' / 'lingxi.db'}")
    restore(other, out)
    with sqlite_engine(other.sqlalchemy_url, writes=True).begin() as connection:
        ids = list(connection.execute(sa.text("SELECT id FROM meta_test ORDER BY id")).scalars())
    assert ids == list(range(len(ids)))
    assert (other.home / "models" / "shop" / "nlu" / "model.json").read_text() == "{}"


def test_restore_replaces_nothing_unasked(written: Settings, tmp_path: Path) -> None:
    out = tmp_path / "backup.zip"
    backup(written, out)
    with pytest.raises(BackupError, match="expected no database there"):
        restore(written, out)
    add_rows(written.sqlalchemy_url, 3)
    restore(written, out, overwrite=True)
    with sqlite_engine(written.sqlalchemy_url, writes=True).begin() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM meta_test")).scalar() == 0


def test_a_damaged_backup_is_refused_before_anything_changes(
    written: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "backup.zip"
    backup(written, out)
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(out) as good, zipfile.ZipFile(broken, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"other" if name.endswith("model.json") else good.read(name))
    two = at(tmp_path / "two", f"sqlite+aiosqlite:///{tmp_path / 'two' / 'lingxi.db'}")
    with pytest.raises(BackupError, match="other bytes"):
        restore(two, broken)
    assert not (two.home / "lingxi.db").exists()


@pytest.mark.parametrize("content", [b"", b"no zip at all"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(content)
    with pytest.raises(BackupError, match="expected a backup file"):
        restore(at(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'lingxi.db'}"), file)


def test_either_database_comes_back_with_its_rows(
    make_database: Callable[[Path], str], tmp_path: Path
) -> None:
    one = at(tmp_path / "one", make_database(tmp_path / "one"))
    two = at(tmp_path / "two", make_database(tmp_path / "two"))
    upgrade(one.sqlalchemy_url)
    in_own_loop(lambda: seeded(one.sqlalchemy_url))
    backup(one, tmp_path / "backup.zip")
    restore(two, tmp_path / "backup.zip")
    found: list[str] = []
    in_own_loop(lambda: agents_of(two.sqlalchemy_url, found))
    assert found == ["zhang@example.com"]


async def seeded(url: str) -> None:
    database = Database(url)
    await add_agent(database, "zhang@example.com", "张", "long enough 9")
    await database.close()


async def agents_of(url: str, found: list[str]) -> None:
    database = Database(url)
    found += await database.read(lambda s: list(s.scalars(sa.select(Agent.email))))
    await database.close()
