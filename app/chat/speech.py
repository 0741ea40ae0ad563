"""Speaks the bot's replies to customers who want to hear them, without being asked each time."""

from __future__ import annotations

import asyncio

import structlog

from app.chat.hints import SpeechWanted, VoiceNow
from app.chat.hub import Hub
from app.voice.service import VoiceService
from app.voice.types import VoiceError, clip_url

MAX_WAITING = 100
"""More than a minute of first sounds: whoever still wants to hear it taps the button."""

log = structlog.get_logger(__name__)


class Speaker:
    """One reply after the other, so that spoken replies never crowd out those asked for."""

    def __init__(self, voice: VoiceService | None, hub: Hub) -> None:
        self._voice = voice
        self._hub = hub
        self._wanted: asyncio.Queue[SpeechWanted] = asyncio.Queue(MAX_WAITING)

    def want(self, wanted: SpeechWanted) -> None:
        """Cheap; the text stands whether or not its speech comes."""
        if self._voice is None:
            return
        try:
            self._wanted.put_nowait(wanted)
        except asyncio.QueueFull:
            log.warning("reply_not_spoken", message=wanted.message_id, reason="too many wait")

    async def run(self) -> None:
        """Until cancelled."""
        if self._voice is None:
            return
        while True:
            await self._speak(self._voice, await self._wanted.get())

    async def _speak(self, voice: VoiceService, wanted: SpeechWanted) -> None:
        try:
            if self._hub.shared:  # another worker may be asked for it: it has only what is finished
                key = (await voice.render(wanted.text, wanted.language)).key
            else:
                key = await voice.start(wanted.text, wanted.language)
        except VoiceError as error:
            log.warning("reply_not_spoken", message=wanted.message_id, reason=str(error))
            return
        url = clip_url(key)
        self._hub.publish(
            VoiceNow(conversation_id=wanted.conversation_id, message_id=wanted.message_id, url=url)
        )
