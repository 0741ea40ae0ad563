"""What ``lingxi say`` does."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from app.config import Settings
from app.voice.build import build_voice
from app.voice.convert import prepare_voice
from app.voice.types import Clip, VoiceUnavailable
from app.weights.packages import Say, plainly
from nlu.types import Language


async def say(
    text: str,
    out: Path,
    settings: Settings,
    *,
    language: Language | None = None,
    voice: str | None = None,
    speed: float = 1.0,
    tell: Say = plainly,
) -> Clip:
    """Speak one text into the MP3 file `out`; fetch the neural voice first if it is not there.

    Raises `VoiceError` and `FetchError`.
    """
    if settings.voice == "neural":
        await asyncio.to_thread(prepare_voice, settings.home, tell)
    service = await build_voice(settings)
    if service is None:
        raise VoiceUnavailable("speech is switched off: LINGXI_VOICE=none")
    try:
        clip = await service.render(text, language, voice, speed)
    finally:
        await service.close()
    await asyncio.to_thread(shutil.copyfile, clip.path, out)
    return clip
