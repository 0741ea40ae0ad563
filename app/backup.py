"""Copies of everything a deployment cannot make again, taken while it runs.

A backup is one ZIP file: ``manifest.json`` with each file's SHA-256, a consistent snapshot of the
database, the SQLite files of actions beside it, the trained models, and the files that customers and agents
sent. Converted weights and the
speech cache are left out: ``lingxi setup`` makes them again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from sqlalchemy.engine import URL, make_url

from app.config import Settings
from app.db import is_sqlite

FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("models", "files")
PASSING = shutil.ignore_patterns("*.lock", ".incoming-*")
POSTGRES_DUMP = "database.dump"
MADE_AGAIN = "--exclude-table=faq_vectors_*"
"""The knowledge's vectors, which whatever starts next makes or finds."""
PAGES_A_STEP = 2000
"""About 8 MB a step: between steps the running server may write."""


class Manifest(TypedDict):
    format: int
    made_at: str
    database: str
    bot: str
    files: dict[str, str]
    """Names and their SHA-256."""


class BackupError(RuntimeError):
    """The backup or restore was not done; the message says what was expected and what came."""


def backup(settings: Settings, out: Path) -> list[str]:
    """Write the backup file `out` and return the names in it; the server may run meanwhile.

    `out` appears whole or not at all. Raises `BackupError`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-") as scratch_name:
        scratch = Path(scratch_name)
        content = scratch / "content"
        content.mkdir()
        _snapshot_database(settings, content)
        for file in _beside(settings):
            _snapshot_sqlite(file, content / file.name)
        for folder in FOLDERS:
            if (settings.home / folder).is_dir():
                shutil.copytree(settings.home / folder, content / folder, ignore=PASSING)
        names = sorted(str(p.relative_to(content)) for p in content.rglob("*") if p.is_file())
        archive = scratch / "backup.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(MANIFEST, json.dumps(_manifest(settings, content, names), indent=1))
            for name in names:
                bundle.write(content / name, name)
        archive.replace(out)
    return names


def restore(settings: Settings, source: Path, *, overwrite: bool = False) -> list[str]:
    """Put a backup's files in place and return their names. Stop the server first.

    Everything is checked before anything is changed. Raises `BackupError` for a damaged file,
    another kind of database, or data in the way that `overwrite` does not allow to replace.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.home, prefix=".restore-") as scratch_name:
        content = Path(scratch_name)
        manifest = _unpacked(source, content)
        kind = "sqlite" if is_sqlite(settings.sqlalchemy_url) else "postgresql"
        if manifest["database"] != kind:
            raise BackupError(f"{source}: expected a backup of {kind}, got {manifest['database']}")
        database = _sqlite_file(settings) if kind == "sqlite" else None
        if database is not None and database.exists() and not overwrite:
            raise BackupError(f"{database}: expected no database there, got one; say --overwrite")
        if kind == "postgresql":
            _restore_postgresql(settings, content / POSTGRES_DUMP, overwrite)
        for name in manifest["files"]:
            if name.endswith(".db"):
                target = database if name == "lingxi.db" and database else settings.home / name
                _snapshot_sqlite(content / name, target)
        for folder in FOLDERS:
            if (content / folder).is_dir():
                shutil.rmtree(settings.home / folder, ignore_errors=True)
                (content / folder).rename(settings.home / folder)
        return sorted(manifest["files"])


def _snapshot_database(settings: Settings, content: Path) -> None:
    url = make_url(settings.sqlalchemy_url)
    if not is_sqlite(settings.sqlalchemy_url):
        dump = str(content / POSTGRES_DUMP)
        _postgresql("pg_dump", url, "--format=custom", MADE_AGAIN, "--file", dump)
        return
    file = _sqlite_file(settings)
    if not file.is_file():
        raise BackupError(f"{file}: expected a database, got none; run `lingxi setup`")
    _snapshot_sqlite(file, content / "lingxi.db")


def _sqlite_file(settings: Settings) -> Path:
    return Path(make_url(settings.sqlalchemy_url).database or "")


def _beside(settings: Settings) -> Iterator[Path]:
    """SQLite files of the bot's actions, such as the shop's orders."""
    own = _sqlite_file(settings) if is_sqlite(settings.sqlalchemy_url) else None
    for file in sorted(settings.home.glob("*.db")):
        if own is None or file.resolve() != own.resolve():
            yield file


def _snapshot_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: consistent, whoever writes meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as one,
            closing(sqlite3.connect(target, timeout=30)) as two,
        ):
            one.backup(two, pages=PAGES_A_STEP)
            verdict = two.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupError(f"{source}: expected to copy a SQLite database, got: {error}") from error
    if verdict != "ok":
        raise BackupError(f"{source}: expected a sound database, got: {verdict}")


def _manifest(settings: Settings, content: Path, names: list[str]) -> Manifest:
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": "sqlite" if is_sqlite(settings.sqlalchemy_url) else "postgresql",
        "bot": settings.bot.name,
        "files": {name: _sha256(content / name) for name in names},
    }


def _unpacked(source: Path, content: Path) -> Manifest:
    """Extract and check every file against the manifest."""
    try:
        with zipfile.ZipFile(source) as bundle:
            manifest: Manifest = json.loads(bundle.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                got = manifest.get("format")
                raise BackupError(f"{source}: expected a backup of format {FORMAT}, got {got}")
            for name in manifest["files"]:
                bundle.extract(name, content)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BackupError(f"{source}: expected a backup file, got: {error}") from error
    for name, digest in manifest["files"].items():
        if _sha256(content / name) != digest:
            raise BackupError(f"{source}: expected {name} as it was backed up, got other bytes")
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _restore_postgresql(settings: Settings, dump: Path, overwrite: bool) -> None:
    options = ["--clean", "--if-exists"] if overwrite else []
    url = make_url(settings.sqlalchemy_url)
    everything = _postgresql("pg_restore", url, "--list", str(dump)).splitlines()
    # Not pgvector, which may be missing here, or in use by what is not in the backup: the start
    # installs it where it can.
    chosen = dump.with_suffix(".list")
    chosen.write_text("\n".join(line for line in everything if "EXTENSION" not in line))
    _postgresql(
        "pg_restore",
        url,
        *("--single-transaction", "--exit-on-error", "--no-owner", f"--use-list={chosen}"),
        *options,
        str(dump),
    )


def _postgresql(program: str, url: URL, *options: str) -> str:
    """Run PostgreSQL's own tool; the password goes by its environment, never by its arguments."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(f"expected {program} on the path (PostgreSQL's client), found none")
    address = url.set(drivername="postgresql", password=None).render_as_string(False)
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(  # noqa: S603  a fixed program with our own arguments
        [found, f"--dbname={address}", *options],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{program}: {done.stderr.strip().splitlines()[-1:] or 'failed'}")
    return done.stdout
