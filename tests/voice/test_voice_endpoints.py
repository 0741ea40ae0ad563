"""The doors: who may ask for speech of what, and how a player reads it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from voice_fakes import ToneEngine

from app.auth.service import AuthService
from app.chat.events import Author, Content, SendContent
from app.chat.messages import BOT
from app.chat.service import ChatService
from app.db import Database, upgrade
from app.errors import LingxiError
from app.limits import RateLimits
from app.voice.cache import ClipCache
from app.voice.endpoints import VoiceDoor, router
from app.voice.service import VoiceService
from app.words import Words


@dataclass
class Site:
    client: httpx.AsyncClient
    door: VoiceDoor
    token: str
    conversation_id: str

    async def message(self, author: Author, text: str) -> str:
        def save(session):  # type: ignore[no-untyped-def]
            if author.type == "visitor":
                content = SendContent(text=text)
                return self.door.chat.accept(
                    session, self.conversation_id, author, "client-msg-1", content
                ).id
            row = self.door.chat.lock(session, self.conversation_id)
            return self.door.chat.say(session, row, author, Content(text=text, language="zh")).id

        return await self.door.database.write(save)

    async def ask(self, message_id: str, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return await self.client.post(
            "/api/voice", json={"message_id": message_id}, headers=headers
        )


@pytest.fixture
async def site(tmp_path: Path, engine: ToneEngine) -> AsyncIterator[Site]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'chat.db'}"
    await asyncio.to_thread(upgrade, url)
    database, auth, chat = Database(url), AuthService(), ChatService(Words.load())
    voice = VoiceService(engine, ClipCache(tmp_path / "voice", 10**6), "s")
    limits = RateLimits({"voice": "5 per minute"})
    door = VoiceDoor(voice, database, chat, auth, limits)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, VoiceDoor]]:
        yield {"voice_door": door}

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)

    @app.exception_handler(LingxiError)
    async def told(request: Request, error: LingxiError) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code}}, error.status)

    def arrive(session):  # type: ignore[no-untyped-def]
        visitor, token = auth.admit_visitor(session, None, None, None, "zh")
        return token, chat.start(session, visitor.id).id

    token, conversation_id = await database.write(arrive)
    transport = _WithState(app, {"voice_door": door})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(transport), base_url="http://t"
    ) as client:
        yield Site(client, door, token, conversation_id)
    await voice.close()
    await database.close()


class _WithState:
    """What a server does with the lifespan's state, for a transport that runs no lifespan."""

    def __init__(self, app: FastAPI, state: dict[str, object]) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope, receive, send):  # type: ignore[no-untyped-def]
        await self.app({**scope, "state": dict(self.state)}, receive, send)


async def test_a_visitor_hears_the_bot(site: Site) -> None:
    asked = await site.ask(await site.message(BOT, "您好"))
    assert asked.status_code == 200
    url = asked.json()["url"]
    whole = await site.client.get(url)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "audio/mpeg"
    key = url.removeprefix("/voice/").removesuffix(".mp3")
    making = site.door.voice.making(key) if site.door.voice else None
    if making is not None:
        await making.result()
    again = await site.client.get(url)
    assert again.content == whole.content
    assert "immutable" in again.headers["cache-control"]
    unchanged = await site.client.get(url, headers={"If-None-Match": again.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    head = await site.client.head(url)
    assert int(head.headers["content-length"]) == len(whole.content)


async def test_players_may_ask_for_parts(site: Site) -> None:
    url = (await site.ask(await site.message(BOT, "您好"))).json()["url"]
    whole = (await site.client.get(url, headers={"Range": "bytes=0-1"})).headers["content-range"]
    size = int(whole.split("/")[1])
    part = await site.client.get(url, headers={"Range": f"bytes={size - 10}-"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes {size - 10}-{size - 1}/{size}"
    assert len(part.content) == 10
    past = await site.client.get(url, headers={"Range": f"bytes={size}-"})
    assert past.status_code == 416
    assert past.headers["content-range"] in (f"bytes */{size}", f"*/{size}")


async def test_a_clip_in_the_making_is_streamed_and_ranges_wait_for_all_of_it(
    site: Site, engine: ToneEngine
) -> None:
    engine.gate.clear()
    url = (await site.ask(await site.message(BOT, "您好"))).json()["url"]
    streamed = asyncio.ensure_future(site.client.get(url))
    ranged = asyncio.ensure_future(site.client.get(url, headers={"Range": "bytes=0-1"}))
    await asyncio.sleep(0.05)
    assert not ranged.done()
    engine.gate.set()
    assert (await ranged).status_code == 206
    assert (await streamed).content == (await site.client.get(url)).content
    assert len(engine.said) == 1


async def test_only_ones_own_messages_of_bot_and_agents_are_spoken(
    site: Site, engine: ToneEngine
) -> None:
    visitor, stranger = await site.door.database.write(
        lambda s: (
            site.door.auth.visitor_of(s, site.token),
            site.door.auth.admit_visitor(s, None, None, None, "zh")[1],
        )
    )
    own = await site.message(Author(type="visitor", id=visitor.id), "我要退货")
    of_bot = await site.message(BOT, "您好")
    assert (await site.ask(own)).status_code == 404
    assert (await site.ask("no-such-message")).status_code == 404
    assert (await site.ask(of_bot, token=stranger)).status_code == 404
    assert (await site.ask(of_bot, token="forged")).status_code == 401
    assert (await site.client.post("/api/voice", json={"message_id": of_bot})).status_code == 401
    basic = {"Authorization": f"Basic {site.token}"}
    refused = await site.client.post("/api/voice", json={"message_id": of_bot}, headers=basic)
    assert refused.status_code == 401
    assert engine.said == []


async def test_asking_too_often_is_refused(site: Site) -> None:
    message_id = await site.message(BOT, "您好")
    statuses = [(await site.ask(message_id)).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


@pytest.mark.parametrize("key", ["a" * 64, "..%2f..%2fetc%2fpasswd", "x"])
async def test_keys_cannot_be_guessed(site: Site, key: str) -> None:
    assert (await site.client.get(f"/voice/{key}.mp3")).status_code == 404


async def test_a_failure_is_named_and_the_description_is_complete(
    site: Site, engine: ToneEngine
) -> None:
    from app.voice.types import VoiceOverloaded

    engine.fails_after, engine.failure = 0, VoiceOverloaded(1)
    refused = await site.ask(await site.message(BOT, "您好"))
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "voice_overloaded")
    paths = site.client._transport.app.app.openapi()["paths"]  # type: ignore[attr-defined]
    assert {"/api/voice", "/voice/{key}.mp3"} <= set(paths)
