"""The offline neural voice: Kokoro-82M on ONNX Runtime, one worker thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from app.voice.audio import Mp3Encoder, Samples, silence, trim
from app.voice.pieces import Piece, cut
from app.voice.types import UnknownVoice, Utterance, VoiceOverloaded, VoiceUnavailable
from nlu.types import Language

if TYPE_CHECKING:
    from app.voice.phonemes.frontend import Frontend

MAX_IDS = 510
"""Of one piece: rows of a voice's style table."""
STYLE_WIDTH = 256
EMPTY_S = 0.2
"""What there is to hear where there is nothing to say."""
MAX_WAITING = 12
"""Utterances being made or waiting; at 2 s each the last one waits half a minute."""


class Kokoro:
    """The model and its voices: phonemes in, samples out. Blocking; not for the event loop."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Load ``vocab.json`` and ``<voice>.bin``; ``model.onnx`` when it is first used.

        Raises `VoiceUnavailable` if one of them is absent.
        """
        self._model = folder / "model.onnx"
        self._threads = threads
        if not self._model.is_file():
            raise VoiceUnavailable(f"expected the neural voice in {folder}; run `lingxi setup`")
        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self._ids: dict[str, int] = {str(k): int(v) for k, v in vocabulary.items()}
        self._styles = {path.stem: _load_style(path) for path in folder.glob("*.bin")}

    @property
    def voices(self) -> frozenset[str]:
        return frozenset(self._styles)

    @cached_property
    def session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(
            str(self._model), options, providers=["CPUExecutionProvider"]
        )

    def synthesise(self, phonemes: str, voice: str, speed: float) -> Iterator[Samples]:
        """Samples of one piece, 24 kHz, untrimmed; in several parts if it has over 510 ids."""
        ids = [self._ids[phoneme] for phoneme in phonemes if phoneme in self._ids]
        for start in range(0, len(ids), MAX_IDS):
            yield self._run(ids[start : start + MAX_IDS], voice, speed)

    def _run(self, ids: list[int], voice: str, speed: float) -> Samples:
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),  # (1, ids + 2)
            "style": self._styles[voice][len(ids) - 1],  # (1, 256)
            "speed": np.array([speed], np.float32),
        }
        samples: Samples = np.asarray(self.session.run(None, inputs)[0], np.float32)
        return samples.reshape(-1)


def _load_style(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    table = np.fromfile(path, np.float32)
    if table.size != MAX_IDS * STYLE_WIDTH:
        raise VoiceUnavailable(
            f"{path.name}: expected {MAX_IDS} x {STYLE_WIDTH} numbers, got {table.size}"
        )
    return table.reshape(MAX_IDS, 1, STYLE_WIDTH)


class NeuralEngine:
    """`Engine` over `Kokoro`. Of several utterances the pieces take turns on the one thread.

    That thread first loads the model and the dictionaries (3 s), so no start waits for them.
    """

    name = "kokoro-1.0-int8"

    def __init__(self, kokoro: Kokoro, defaults: dict[Language, str]) -> None:
        for voice in defaults.values():
            _check_voice(voice, kokoro)
        self._kokoro = kokoro
        self._defaults = defaults
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")
        self._loaded = self._thread.submit(_load, kokoro)
        self._waiting = 0

    @classmethod
    def load(cls, folder: Path, defaults: dict[Language, str], threads: int) -> NeuralEngine:
        """Blocking: call it in a thread. Raises `VoiceUnavailable` and `UnknownVoice`."""
        return cls(Kokoro(folder, threads), defaults)

    def voice_for(self, language: Language, voice: str | None) -> str:
        if voice is not None:
            _check_voice(voice, self._kokoro)
        return voice or self._defaults[language]

    async def speak(self, utterance: Utterance) -> AsyncIterator[bytes]:
        if self._waiting >= MAX_WAITING:
            raise VoiceOverloaded(MAX_WAITING)
        self._waiting += 1
        loop = asyncio.get_running_loop()
        encoder = Mp3Encoder()
        try:
            heard = False
            for piece in cut(utterance.text):
                sound = await loop.run_in_executor(
                    self._thread, self._make, piece, utterance, encoder
                )
                heard = heard or bool(sound)
                if sound:
                    yield sound
            if not heard:
                yield encoder.encode(silence(EMPTY_S))
            yield encoder.finish()
        finally:
            self._waiting -= 1

    def _make(self, piece: Piece, utterance: Utterance, encoder: Mp3Encoder) -> bytes:
        phonemes = self._loaded.result().phonemes(piece.text)
        made = self._kokoro.synthesise(phonemes, utterance.voice, utterance.speed)
        said = [trim(part) for part in made]
        return encoder.encode(np.concatenate([*said, silence(piece.pause_s)])) if said else b""

    async def close(self) -> None:
        await asyncio.to_thread(self._thread.shutdown, True, cancel_futures=True)


def _load(kokoro: Kokoro) -> Frontend:
    from app.voice.phonemes.frontend import build_frontend  # its dictionaries take a second

    kokoro.session  # noqa: B018
    return build_frontend()


def _check_voice(voice: str, kokoro: Kokoro) -> None:
    if voice not in kokoro.voices:
        raise UnknownVoice(kokoro.voices, voice)
