"""The real weights: what comes out is speech of the right length, and the queue is bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from voice_fakes import names

from app.config import Settings
from app.voice.audio import Samples, mp3_duration_s
from app.voice.convert import CHOSEN_VOICES
from app.voice.neural import MAX_WAITING, Kokoro, NeuralEngine
from app.voice.say import say
from app.voice.types import UnknownVoice, Utterance, VoiceOverloaded, VoiceUnavailable

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def neural(weights: Path) -> NeuralEngine:
    return NeuralEngine.load(weights, {"zh": "zf_xiaoxiao", "en": "af_heart"}, threads=2)


async def sound(neural: NeuralEngine, text: str, speed: float = 1.0) -> bytes:
    utterance = Utterance(text, "zh", neural.voice_for("zh", None), speed)
    return b"".join([chunk async for chunk in neural.speak(utterance)])


async def test_a_sentence_takes_about_as_long_as_a_person_takes(neural: NeuralEngine) -> None:
    said = "您的订单已经发货。"
    normal = mp3_duration_s(await sound(neural, said))
    assert 1.2 < normal < 3.0  # 8 syllables
    assert mp3_duration_s(await sound(neural, said, speed=1.6)) < 0.8 * normal


async def test_nothing_to_say_is_a_short_silence(neural: NeuralEngine) -> None:
    for text in ("", "，", "𠮷"):
        assert 0.1 < mp3_duration_s(await sound(neural, text)) < 0.5


async def test_more_than_fits_is_refused_at_once(neural: NeuralEngine) -> None:
    waiting = [asyncio.ensure_future(sound(neural, "好")) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(VoiceOverloaded) as refused:
        await sound(neural, "好")
    assert refused.value.retry_after_s
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await sound(neural, "好")  # who leaves makes room


def test_longer_phonemes_than_the_model_takes_are_said_in_parts(weights: Path) -> None:
    class Listed(Kokoro):
        def _run(self, ids: list[int], voice: str, speed: float) -> Samples:
            return np.array([len(ids)], np.float32)

    parts = list(Listed(weights, threads=1).synthesise("a" * 511, "af_heart", 1.0))
    assert [int(part[0]) for part in parts] == [510, 1]


async def test_all_voices_speak(neural: NeuralEngine, weights: Path) -> None:
    assert {f"{voice}.bin" for voice in CHOSEN_VOICES} <= set(names(weights))
    for voice in ("zm_yunxi", "am_michael"):
        utterance = Utterance("好的。", "zh", neural.voice_for("zh", voice), 1.0)
        data = b"".join([chunk async for chunk in neural.speak(utterance)])
        assert 0.3 < mp3_duration_s(data) < 2.0


def test_unknown_voices_and_absent_weights_are_named(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownVoice):
        NeuralEngine.load(weights, {"zh": "zf_xiaoni"}, threads=1)
    with pytest.raises(VoiceUnavailable, match="lingxi setup"):
        Kokoro(tmp_path, threads=1)


async def test_say_writes_a_file(weights: Path, tmp_path: Path) -> None:
    home, out = home_with(weights, tmp_path), tmp_path / "a.mp3"
    clip = await say("Hello!", out, Settings(home=home), tell=lambda line: None)
    assert mp3_duration_s(out.read_bytes()) == clip.duration_s > 0.3
    with pytest.raises(VoiceUnavailable):
        await say("Hello!", out, Settings(home=home, voice="none"))


def home_with(weights: Path, folder: Path) -> Path:
    (folder / "voices").mkdir()
    (folder / "voices" / "kokoro").symlink_to(weights.resolve())
    return folder
