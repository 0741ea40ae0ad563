"""Builds the voice that the settings choose. Called by `app/main.py` and ``lingxi say``."""

from __future__ import annotations

import asyncio

from app.config import Settings
from app.personal import Mask
from app.voice.cache import ClipCache
from app.voice.convert import voice_folder
from app.voice.google import GoogleEngine
from app.voice.neural import NeuralEngine
from app.voice.service import VoiceService
from app.voice.types import Engine
from app.words import Words

CACHE_BYTES = 512 * 1024 * 1024
"""A day of speech at 48 kbit/s."""


async def build_voice(settings: Settings) -> VoiceService | None:
    """The server's voice, or None where the settings want none.

    Raises `VoiceUnavailable` without weights, `UnknownVoice` for a name that is not there.
    """
    engine = await _engine(settings)
    if engine is None:
        return None
    cache = await asyncio.to_thread(ClipCache, settings.clips_folder, CACHE_BYTES)
    secret = settings.secret.get_secret_value()
    if settings.voice == "gtts":  # it is spoken elsewhere
        return VoiceService(engine, cache, secret, Mask(settings.mask_sent, Words.load()))
    return VoiceService(engine, cache, secret)


async def _engine(settings: Settings) -> Engine | None:
    match settings.voice:
        case "neural":
            return await asyncio.to_thread(
                NeuralEngine.load,
                voice_folder(settings.home),
                {"zh": settings.voice_zh, "en": settings.voice_en},
                settings.inference_threads,
            )
        case "gtts":
            return GoogleEngine()
        case "none":
            return None
