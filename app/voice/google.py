"""Google's speech service through gTTS: an engine for networks that reach it.

gTTS prepares the requests; they are sent by httpx, which checks certificates (gTTS itself does
not), can be cancelled, and keeps the event loop free.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Iterator

import httpx
from gtts import gTTS

from app.voice.audio import Mp3Encoder, silence
from app.voice.types import UnknownVoice, Utterance, VoiceOverloaded, VoiceUnavailable
from nlu.types import Language

URL = "https://translate.google.{domain}/_/TranslateWebserverUi/data/batchexecute"
LANGUAGES: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
DOMAINS = frozenset({"com", "com.hk", "co.uk", "com.au", "ca", "co.in", "ie", "co.za"})
"""Google's accents are its country domains; they are this engine's voices."""
TIMEOUT_S = 10.0
SLOW_BELOW = 0.8
"""gTTS knows two speeds; anything slower than this asks for its slow one."""
MAX_WAITING = 32
ANSWER_MARK = gTTS.GOOGLE_TTS_RPC


class GoogleEngine:
    """`Engine` over Google Translate's speech. Raises `VoiceUnavailable` when it is not reached."""

    name = "gtts"

    def __init__(self, client: httpx.AsyncClient | None = None, domain: str = "com") -> None:
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S)
        self._domain = domain
        self._waiting = 0

    def voice_for(self, language: Language, voice: str | None) -> str:
        if voice is not None and voice not in DOMAINS:
            raise UnknownVoice(DOMAINS, voice)
        return voice or self._domain

    async def speak(self, utterance: Utterance) -> AsyncIterator[bytes]:
        if self._waiting >= MAX_WAITING:
            raise VoiceOverloaded(MAX_WAITING)
        self._waiting += 1
        try:
            if not utterance.text.strip():
                yield _nothing()
                return
            for body in _bodies(utterance):
                yield await self._ask(body, utterance.voice)
        finally:
            self._waiting -= 1

    async def _ask(self, body: str, domain: str) -> bytes:
        headers = {str(k): str(v) for k, v in gTTS.GOOGLE_TTS_HEADERS.items()}
        try:
            answer = await self._client.post(
                URL.format(domain=domain), content=body, headers=headers
            )
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise VoiceUnavailable(
                f"Google's speech answered {error.response.status_code}"
            ) from error
        except httpx.HTTPError as error:
            raise VoiceUnavailable(
                f"Google's speech cannot be reached: {type(error).__name__}"
            ) from error
        sound = b"".join(_sounds(answer.text))
        if not sound:
            raise VoiceUnavailable("Google's speech answered without sound")
        return sound

    async def close(self) -> None:
        await self._client.aclose()


def _bodies(utterance: Utterance) -> list[str]:
    """One request body per hundred characters of text."""
    try:
        request = gTTS(
            utterance.text,
            lang=LANGUAGES[utterance.language],
            slow=utterance.speed < SLOW_BELOW,
            lang_check=False,
        )
        return [str(body) for body in request.get_bodies()]
    except AssertionError as error:  # gTTS asserts that there is something to say
        raise VoiceUnavailable("Google's speech found nothing to say") from error


def _sounds(answer: str) -> Iterator[bytes]:
    """MP3 data in an answer: JSON lines ``[["wrb.fr", "jQ1olc", "[\\"<base64>\\"]", ...]]``."""
    for line in answer.splitlines():
        if ANSWER_MARK not in line:
            continue
        try:
            for _, rpc, payload, *_ in json.loads(line):
                if rpc == ANSWER_MARK and payload:
                    yield base64.b64decode(json.loads(payload)[0], validate=True)
        except (ValueError, TypeError, IndexError, binascii.Error):
            continue


def _nothing() -> bytes:
    encoder = Mp3Encoder()
    return encoder.encode(silence(0.2)) + encoder.finish()
