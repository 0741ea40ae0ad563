"""``POST /api/voice`` asks for a message's speech, ``GET /voice/<key>.mp3`` plays it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.auth.service import AuthService, VisitorIdentity
from app.chat.service import ChatService
from app.db import Database
from app.errors import NotFound
from app.limits import RateLimits
from app.voice.service import VoiceService
from app.voice.types import CONTENT_TYPE, VoiceUnavailable, clip_url

router = APIRouter(tags=["voice"])

SPOKEN_AUTHORS = ("bot", "agent")
RATE = "voice"
"""The limit's name: each new text costs seconds of a core."""
FOREVER = "private, max-age=31536000, immutable"
"""A key names one text in one voice, so what is behind it never changes."""


@dataclass(frozen=True, slots=True)
class VoiceDoor:
    """What the endpoints need; built once by `app.main` and kept in its lifespan's state."""

    voice: VoiceService | None
    database: Database
    chat: ChatService
    auth: AuthService
    limits: RateLimits


def voice_door(request: Request) -> VoiceDoor:
    door: VoiceDoor = request.state.voice_door
    return door


Door = Annotated[VoiceDoor, Depends(voice_door)]


async def speaking_visitor(
    door: Door, authorization: Annotated[str | None, Header()] = None
) -> VisitorIdentity:
    """The visitor of the bearer token. Raises `Unauthenticated`."""
    scheme, _, token = (authorization or "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else None
    return await door.database.read(lambda s: door.auth.visitor_of(s, bearer))


class SpeechWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message_id: str = Field(max_length=64)
    voice: str | None = Field(None, max_length=40)
    speed: float = Field(1.0, ge=0.5, le=2.0)


class Speech(BaseModel):
    url: str
    """Relative to the server. It can be played at once, while the rest is still rendered."""


@router.post("/api/voice")
async def ask_for_speech(
    wanted: SpeechWanted, door: Door, visitor: Annotated[VisitorIdentity, Depends(speaking_visitor)]
) -> Speech:
    """Render a message of the bot or an agent in the visitor's own conversation."""
    if door.voice is None:
        raise VoiceUnavailable("speech is switched off")
    await door.limits.check(RATE, visitor.id)
    message = await door.database.read(
        lambda s: door.chat.message_of_visitor(s, visitor.id, wanted.message_id)
    )
    if message.author.type not in SPOKEN_AUTHORS:
        raise NotFound("message_not_found")
    key = await door.voice.start(
        message.content.text, message.content.language, wanted.voice, wanted.speed
    )
    return Speech(url=clip_url(key))


@router.head("/voice/{key}.mp3", include_in_schema=False)
@router.get(
    "/voice/{key}.mp3",
    response_class=FileResponse,
    responses={206: {}, 304: {}, 404: {}, 416: {}},
)
async def play(key: str, request: Request, door: Door) -> Response:
    """The clip, with byte ranges; a clip still being rendered is streamed as it is made."""
    if door.voice is None:
        raise NotFound()
    making = door.voice.making(key)
    if making is not None:
        if request.method == "GET" and request.headers.get("range", "bytes=0-") == "bytes=0-":
            headers = {"Cache-Control": "no-store", "Accept-Ranges": "none"}
            return StreamingResponse(making.stream(), media_type=CONTENT_TYPE, headers=headers)
        await making.result()
    clip = await door.voice.find(key)
    if clip is None:
        raise NotFound()
    headers = {"Cache-Control": FOREVER, "ETag": f'"{key}"', "X-Content-Type-Options": "nosniff"}
    if f'"{key}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(clip.path, media_type=clip.content_type, headers=headers)
