"""Replies are spoken unasked to whoever wants to hear them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from voice_fakes import ToneEngine

from app.chat.hints import Hint, SpeechWanted, VoiceNow
from app.chat.hub import Hub
from app.chat.speech import Speaker
from app.voice.cache import ClipCache
from app.voice.service import VoiceService
from app.voice.types import Utterance, VoiceUnavailable


class Ear:
    def __init__(self) -> None:
        self.heard: asyncio.Queue[Hint] = asyncio.Queue()

    def hear(self, hint: Hint) -> None:
        self.heard.put_nowait(hint)


class Hoarse(ToneEngine):
    """Cannot say hello."""

    async def speak(self, utterance: Utterance) -> AsyncIterator[bytes]:
        if "您好" in utterance.text:
            raise VoiceUnavailable("told to fail")
        async for chunk in super().speak(utterance):
            yield chunk


async def test_a_reply_that_cannot_be_spoken_costs_the_next_nothing(tmp_path: Path) -> None:
    voice = VoiceService(Hoarse(), ClipCache(tmp_path, 10_000_000), "secret")
    hub, ear = Hub(), Ear()
    hub.subscribe("c", ear)
    speaker = Speaker(voice, hub)
    running = asyncio.create_task(speaker.run())
    for id_, text in (("1", "您好"), ("2", "再见")):
        speaker.want(SpeechWanted(conversation_id="c", message_id=id_, text=text, language="zh"))
    async with asyncio.timeout(10):
        told = await ear.heard.get()
    assert isinstance(told, VoiceNow)
    assert told.message_id == "2"
    key = told.url.removeprefix("/voice/").removesuffix(".mp3")
    assert voice.making(key) or await voice.find(key)
    running.cancel()
    await voice.close()
