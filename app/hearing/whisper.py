"""Speech to text by Whisper base through CTranslate2: offline, Mandarin and English.

Whisper invents words where nobody speaks, and repeats itself over noise; its own measures of
doubt tell (Radford et al. 2022, section 4.5).
"""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
from faster_whisper import WhisperModel
from opencc import OpenCC

from app.errors import Refused
from app.hearing.types import SAMPLE_RATE, Heard, Sound
from nlu.types import Language

MAX_S = 60
OTHER_LANGUAGE_FROM = 0.8
"""A customer who speaks the panel's other language is sure enough to be heard so."""
NO_SPEECH_FROM = 0.6
UNSURE_BELOW = -1.0
REPEATS_FROM = 2.4
PROMPTS: dict[Language, str] = {
    "zh": "您好，我想咨询一下订单、退货和发票的问题。",
    "en": "Hello, I have a question about my order, a return and an invoice.",
}
"""Shows Whisper the script, the punctuation and what is spoken of."""


class Whisper:
    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._model: WhisperModel | None = None
        self._simplify = OpenCC("t2s")

    def decode(self, recording: bytes) -> Sound:
        """Any container that a browser records; no more than `MAX_S` of it is unpacked.

        Raises `Refused` (``sound_damaged``).
        """
        pieces: list[Sound] = []
        taken = 0
        try:
            with av.open(io.BytesIO(recording), metadata_errors="ignore") as container:
                resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
                for frame in container.decode(audio=0):
                    for out in resampler.resample(frame):
                        pieces.append(out.to_ndarray().reshape(-1))
                        taken += pieces[-1].size
                    if taken > MAX_S * SAMPLE_RATE:
                        break
        except (av.FFmpegError, IndexError, ValueError) as error:
            raise Refused("sound_damaged") from error
        if not pieces:
            raise Refused("sound_damaged")
        return np.concatenate(pieces)[: MAX_S * SAMPLE_RATE].astype(np.float32)

    def hear(self, sound: Sound, expected: Language) -> Heard:
        if self._model is None:  # with the first recording, half a second
            self._model = WhisperModel(
                str(self._folder), compute_type="int8", cpu_threads=self._threads
            )
        language = self._language(self._model, sound, expected)
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            beam_size=1,
            initial_prompt=PROMPTS[language],
            condition_on_previous_text=False,
            vad_filter=True,
            without_timestamps=True,
        )
        said = [
            segment.text.strip()
            for segment in segments
            if segment.compression_ratio < REPEATS_FROM
            and not (segment.no_speech_prob > NO_SPEECH_FROM and segment.avg_logprob < UNSURE_BELOW)
        ]
        text = ("" if language == "zh" else " ").join(said)
        if language == "zh":
            text = self._simplify.convert(text)
        return Heard(text="" if text == PROMPTS[language] else text, language=language)

    @staticmethod
    def _language(model: WhisperModel, sound: Sound, expected: Language) -> Language:
        other: Language = "en" if expected == "zh" else "zh"
        _, _, odds = model.detect_language(sound)
        return other if dict(odds).get(other, 0.0) >= OTHER_LANGUAGE_FROM else expected
