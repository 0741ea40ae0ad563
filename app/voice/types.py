"""What speech is made of: a clip, the voice that renders it, and what may go wrong.

VoiceError                 speech failed; the text of the message still stands
├── VoiceUnavailable       no engine, no weights, or Google's service cannot be reached
├── VoiceOverloaded        too many clips are waiting; try again in a while
├── VoiceTooLong           more text than anybody listens to
└── UnknownVoice           a voice the engine does not have
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.errors import Busy, LingxiError, Refused, Unavailable
from nlu.types import Language

CONTENT_TYPE = "audio/mpeg"
RETRY_AFTER_S = 5.0
"""By then a queue of clips has moved."""


class VoiceError(LingxiError):
    """Base of all that may go wrong with speech. `why` is for the log."""


class VoiceUnavailable(VoiceError, Unavailable):
    def __init__(self, why: str) -> None:
        super().__init__("voice_unavailable", why=why)


class VoiceOverloaded(VoiceError, Busy):
    def __init__(self, limit: int) -> None:
        super().__init__("voice_overloaded", retry_after_s=RETRY_AFTER_S, limit=limit)


class VoiceTooLong(VoiceError, Refused):
    def __init__(self, limit: int, got: int) -> None:
        super().__init__("voice_too_long", limit=limit, got=got)


class UnknownVoice(VoiceError, Refused):
    def __init__(self, expected: frozenset[str], got: str) -> None:
        super().__init__("voice_unknown", expected=", ".join(sorted(expected)), got=got)


def clip_url(key: str) -> str:
    """Where a clip is played, relative to the server."""
    return f"/voice/{key}.mp3"


@dataclass(frozen=True, slots=True)
class Clip:
    """A rendered clip on the disk."""

    path: Path
    key: str
    """Names the clip in its URL; without the server's secret it cannot be guessed."""
    content_type: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """What an engine is asked to say: words only, no markup, digits or symbols left."""

    text: str
    language: Language
    voice: str
    speed: float
    """1.0 is the voice's own pace; 0.5 to 2."""


class Engine(Protocol):
    """Makes sound. It keeps nothing: caching and sharing are the service's."""

    name: str
    """Goes into the cache key: a clip of one engine is never served for another."""

    def voice_for(self, language: Language, voice: str | None) -> str:
        """The voice that will speak; `UnknownVoice` if the engine does not have it."""
        ...

    def speak(self, utterance: Utterance) -> AsyncIterator[bytes]:
        """MP3 bytes as they are made, whole frames first clause first. Raises `VoiceError`."""
        ...

    async def close(self) -> None: ...


class Voice(Protocol):
    async def render(
        self,
        text: str,
        language: Language | None = None,
        voice: str | None = None,
        speed: float = 1.0,
    ) -> Clip:
        """The clip of a message's text. Raises `VoiceError`."""
        ...
