"""Renders each text once per voice, however many ask, and keeps the clip."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable

import structlog

from app.voice.audio import mp3_duration_s
from app.voice.cache import ClipCache
from app.voice.speakable.text import language_of, speakable
from app.voice.types import (
    CONTENT_TYPE,
    Clip,
    Engine,
    Utterance,
    VoiceError,
    VoiceTooLong,
    VoiceUnavailable,
)
from nlu.types import Language

MAX_TEXT_CHARS = 4_000
"""A message holds no more (`app.chat.events.MAX_TEXT_CHARS`)."""
MAX_SPOKEN_CHARS = 2_000
"""Eight minutes of speech: nobody listens to more, and it costs a core for two minutes."""
SPEEDS = (0.5, 2.0)

log = structlog.get_logger(__name__)


def _speaks() -> None:
    """Nothing keeps the engine from speaking."""


class Rendering:
    """A clip in the making: bytes so far, and whoever waits for more."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.failure: VoiceError | None = None
        self.clip: Clip | None = None
        self._chunks: list[bytes] = []
        self._grown = asyncio.Condition()

    async def add(self, chunk: bytes) -> None:
        async with self._grown:
            self._chunks.append(chunk)
            self._grown.notify_all()

    async def end(self, clip: Clip | None, failure: VoiceError | None) -> None:
        async with self._grown:
            self.clip, self.failure = clip, failure
            self._grown.notify_all()

    @property
    def data(self) -> bytes:
        return b"".join(self._chunks)

    def _over(self) -> bool:
        return self.clip is not None or self.failure is not None

    async def result(self) -> Clip:
        async with self._grown:
            await self._grown.wait_for(self._over)
        if self.clip is None:
            raise self.failure or VoiceUnavailable("speech ended without a clip")
        return self.clip

    async def begun(self) -> None:
        """Wait for the first sound; raises what made the rendering fail before it."""
        async with self._grown:
            await self._grown.wait_for(lambda: bool(self._chunks) or self._over())
        if self.failure is not None:
            raise self.failure

    async def stream(self) -> AsyncIterator[bytes]:
        """All bytes from the start, as they are made. Raises where the rendering fails."""
        sent = 0
        while fresh := await self._after(sent):
            sent += len(fresh)
            yield b"".join(fresh)
        if self.failure is not None:
            raise self.failure

    async def _after(self, sent: int) -> list[bytes]:
        async with self._grown:
            await self._grown.wait_for(lambda: len(self._chunks) > sent or self._over())
            return self._chunks[sent:]


class VoiceService:
    """The `Voice` of this server. Start nothing before a loop runs; `close` when it ends."""

    def __init__(
        self,
        engine: Engine,
        cache: ClipCache,
        secret: str,
        hide: Callable[[str, Language], str] = lambda text, language: text,
    ) -> None:
        """`hide` takes out of the text what a service elsewhere must not be sent."""
        self._hide = hide
        self._engine = engine
        self._cache = cache
        self._secret = secret.encode()
        self.check: Callable[[], None] = _speaks
        """May refuse to make new speech; set once by `app.main`."""
        self._making: dict[str, tuple[Rendering, asyncio.Task[None]]] = {}

    async def render(
        self,
        text: str,
        language: Language | None = None,
        voice: str | None = None,
        speed: float = 1.0,
    ) -> Clip:
        """The clip of a message's text, from the cache if it was ever rendered.

        `text` may be Markdown. Raises `VoiceError`.
        """
        key, utterance = self._key(text, language, voice, speed)
        return await self._begin(key, utterance).result()

    async def start(
        self,
        text: str,
        language: Language | None = None,
        voice: str | None = None,
        speed: float = 1.0,
    ) -> str:
        """The key of a clip whose first sound is made; `making` streams the rest of it."""
        key, utterance = self._key(text, language, voice, speed)
        await self._begin(key, utterance).begun()
        return key

    async def find(self, key: str) -> Clip | None:
        """A finished clip by its key."""
        path = await asyncio.to_thread(self._cache.find, key)
        if path is None:
            return None
        duration_s = mp3_duration_s(await asyncio.to_thread(path.read_bytes))
        return Clip(path, key, CONTENT_TYPE, duration_s)

    def making(self, key: str) -> Rendering | None:
        """A clip that is being rendered just now."""
        entry = self._making.get(key)
        return entry[0] if entry else None

    async def close(self) -> None:
        """Stop rendering. Whoever waits is told `VoiceUnavailable`."""
        tasks = [task for _, task in self._making.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._engine.close()

    def _key(
        self, text: str, language: Language | None, voice: str | None, speed: float
    ) -> tuple[str, Utterance]:
        if len(text) > MAX_TEXT_CHARS:
            raise VoiceTooLong(MAX_TEXT_CHARS, len(text))
        spoken_language = language_of(text, language)
        words = speakable(self._hide(text, spoken_language), spoken_language)
        if len(words) > MAX_SPOKEN_CHARS:
            raise VoiceTooLong(MAX_SPOKEN_CHARS, len(words))
        speed = round(min(max(speed, SPEEDS[0]), SPEEDS[1]), 2)
        chosen = self._engine.voice_for(spoken_language, voice)
        said = "\x1f".join((self._engine.name, chosen, f"{speed:.2f}", words))
        key = hmac.new(self._secret, said.encode(), hashlib.sha256).hexdigest()
        return key, Utterance(words, spoken_language, chosen, speed)

    def _begin(self, key: str, utterance: Utterance) -> Rendering:
        if key not in self._making:
            rendering = Rendering(key)
            task = asyncio.create_task(self._make(rendering, utterance), name=f"voice {key[:8]}")
            self._making[key] = (rendering, task)
        return self._making[key][0]

    async def _make(self, rendering: Rendering, utterance: Utterance) -> None:
        """Owned by `_making` until it ends; `close` cancels and awaits it.

        It looks into the cache itself, so that no two of one key ever run.
        """
        clip: Clip | None = None
        failure: VoiceError | None = VoiceUnavailable("speech was stopped")
        try:
            clip = await self.find(rendering.key)
            if clip is None:
                self.check()
                async for chunk in self._engine.speak(utterance):
                    await rendering.add(chunk)
                clip = await self._store(rendering)
            failure = None
        except VoiceError as error:
            failure = error
            log.warning("voice failed", key=rendering.key[:8], code=error.code, why=str(error))
        except Exception as error:
            failure = VoiceUnavailable(f"speech failed: {type(error).__name__}")
            log.exception("voice failed", key=rendering.key[:8])
        finally:
            del self._making[rendering.key]
            await rendering.end(clip, failure)

    async def _store(self, rendering: Rendering) -> Clip:
        data = rendering.data
        path = await asyncio.to_thread(self._cache.store, rendering.key, data)
        return Clip(path, rendering.key, CONTENT_TYPE, mp3_duration_s(data))
