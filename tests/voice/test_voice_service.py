"""Rendering: once, cached, shared, bounded, honest about failure."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from voice_fakes import ToneEngine, hum, names

from app.voice.audio import Mp3Encoder, mp3_duration_s, silence, trim
from app.voice.cache import ClipCache
from app.voice.service import VoiceService
from app.voice.types import UnknownVoice, VoiceTooLong, VoiceUnavailable


def service(
    engine: ToneEngine, folder: Path, max_bytes: int = 10**6, secret: str = "s"
) -> VoiceService:
    return VoiceService(engine, ClipCache(folder, max_bytes), secret)


async def test_asked_ten_times_at_once_it_is_rendered_once(
    engine: ToneEngine, tmp_path: Path
) -> None:
    voice = service(engine, tmp_path)
    clips = await asyncio.gather(*[voice.render("**你好**") for _ in range(10)])
    assert len({clip.key for clip in clips}) == 1
    assert [said.text for said in engine.said] == ["你好。"]
    assert clips[0].duration_s == pytest.approx(1.0, abs=0.1)
    again = await voice.render("你好")  # the same words, written otherwise
    assert again == clips[0]
    assert len(engine.said) == 1
    assert await service(engine, tmp_path).find(again.key) == again  # outlives the process


async def test_voice_speed_words_and_secret_make_another_clip(
    engine: ToneEngine, tmp_path: Path
) -> None:
    voice = service(engine, tmp_path)
    keys = {
        (await voice.render("你好")).key,
        (await voice.render("你好", voice="high")).key,
        (await voice.render("你好", speed=1.5)).key,
        (await voice.render("您好")).key,
        (await service(engine, tmp_path, secret="other").render("你好")).key,
    }
    assert len(keys) == 5


async def test_a_failure_is_told_and_not_remembered(engine: ToneEngine, tmp_path: Path) -> None:
    engine.fails_after, engine.failure = 1, VoiceUnavailable("no network")
    voice = service(engine, tmp_path)
    with pytest.raises(VoiceUnavailable):
        await voice.render("你好")
    assert names(tmp_path) == []
    engine.fails_after = None
    assert (await voice.render("你好")).duration_s > 0.5


async def test_a_crash_of_the_engine_becomes_a_named_error(
    engine: ToneEngine, tmp_path: Path
) -> None:
    engine.fails_after, engine.failure = 0, RuntimeError("broken model")  # type: ignore[assignment]
    with pytest.raises(VoiceUnavailable) as caught:
        await service(engine, tmp_path).render("你好")
    assert "broken model" not in str(caught.value)


async def test_the_first_sound_is_there_before_the_last(engine: ToneEngine, tmp_path: Path) -> None:
    engine.gate.clear()
    voice = service(engine, tmp_path)
    key = await voice.start("你好")
    making = voice.making(key)
    assert making is not None
    stream = making.stream()
    heard = await anext(stream)
    assert heard
    assert await voice.find(key) is None
    engine.gate.set()
    heard += b"".join([chunk async for chunk in stream])
    clip = await making.result()
    assert clip.path.read_bytes() == heard
    assert await voice.start("你好") == key
    assert len(engine.said) == 1


async def test_closing_stops_renderings_and_tells_who_waits(
    engine: ToneEngine, tmp_path: Path
) -> None:
    engine.gate.clear()
    voice = service(engine, tmp_path)
    waiting = asyncio.ensure_future(voice.render("你好"))
    await engine.began.wait()
    await voice.close()
    with pytest.raises(VoiceUnavailable):
        await waiting
    assert engine.closed


async def test_what_cannot_be_said_is_refused_by_name(engine: ToneEngine, tmp_path: Path) -> None:
    voice = service(engine, tmp_path)
    with pytest.raises(VoiceTooLong):
        await voice.render("好" * 100_000)
    with pytest.raises(VoiceTooLong):
        await voice.render("9999999 " * 450)
    with pytest.raises(UnknownVoice):
        await voice.render("你好", voice="../../etc/passwd")
    assert engine.said == []


async def test_lone_surrogates_and_emoji_are_no_obstacle(
    engine: ToneEngine, tmp_path: Path
) -> None:
    await service(engine, tmp_path).render("\ud800好的\udfff👍🏽\x00")
    assert engine.said[0].text == "好的。"


def key(n: int) -> str:
    return f"{n:064x}"


def test_the_cache_forgets_the_least_recently_heard(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, max_bytes=300)
    for n in range(3):
        cache.store(key(n), b"x" * 100)
    assert cache.find(key(0)) is not None  # heard again: now 1 is the oldest
    cache.store(key(3), b"x" * 100)
    assert [cache.find(key(n)) is not None for n in range(4)] == [True, False, True, True]
    assert cache.total_bytes == 300
    reopened = ClipCache(tmp_path, max_bytes=300)
    assert reopened.total_bytes == 300


def test_a_clip_larger_than_the_cache_is_still_heard(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, max_bytes=10)
    cache.store(key(1), b"x" * 5)
    assert cache.store(key(2), b"x" * 100).is_file()
    assert cache.find(key(1)) is None


@pytest.mark.parametrize("name", ["../secret", "", "a" * 63, "A" * 64, key(1) + "\n"])
def test_only_keys_are_looked_up(tmp_path: Path, name: str) -> None:
    assert ClipCache(tmp_path, 10).find(name) is None


def test_durations_are_read_from_the_frames() -> None:
    encoder = Mp3Encoder()
    data = encoder.encode(hum(2.0)) + encoder.finish()
    assert mp3_duration_s(data) == pytest.approx(2.0, abs=0.1)
    tagged = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"\xff" * 10 + data
    assert mp3_duration_s(tagged) == mp3_duration_s(data)
    assert mp3_duration_s(b"") == mp3_duration_s(b"\xff" * 40) == 0.0


def test_silence_around_speech_is_trimmed() -> None:
    import numpy as np

    spoken = np.concatenate([silence(0.4), hum(1.0), silence(0.6)])
    assert len(trim(spoken)) / 24_000 == pytest.approx(1.1, abs=0.03)
    assert trim(silence(1.0)).size == 0
