"""OpenAI's doors: the engine's vectors, and the bot itself as a model that one may chat with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.channels.access import for_programs
from app.channels.openai_shapes import (
    ChatRequest,
    EmbeddingsRequest,
    as_text,
    chunk,
    completion,
    embeddings,
    tokens_of,
    told_usage,
    usage_of,
)
from app.channels.service import Sender
from app.chat.reader import Answer
from app.errors import LingxiError, NotFound, Refused
from app.models.base import new_id
from app.services import ReaderLanguage, Services, UsedServices
from nlu.types import Language

CHANNEL = "openai"

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1", tags=["OpenAI"])


@router.get("/models", dependencies=[for_programs()])
async def models(to: UsedServices) -> dict[str, Any]:
    """The served bot; any name is taken for it."""
    model = {"id": to.settings.bot.name, "object": "model", "owned_by": "lingxi"}
    return {"object": "list", "data": [model]}


@router.post("/embeddings", dependencies=[for_programs("nlu")])
async def embed(body: EmbeddingsRequest, to: UsedServices) -> dict[str, Any]:
    """Unit vectors of the engine's encoder."""
    if to.embedder is None:
        raise NotFound()
    rows = await to.embedder.embed(body.texts())
    model = to.settings.encoder_folder.name
    tokens = tokens_of(to.embedder, body.texts())
    return embeddings(model, rows, body.encoding_format, tokens)


@router.post("/chat/completions", response_model=None, dependencies=[for_programs("chat")])
async def chat(
    body: ChatRequest, to: UsedServices, language: ReaderLanguage
) -> dict[str, Any] | StreamingResponse:
    """Say the last message as a customer. The bot remembers `user`'s conversation by itself."""
    last = body.messages[-1]
    if last.role != "user":
        raise Refused("bad_request", expected="a last message of the role `user`", got=last.role)
    sender = await to.channels.enter(CHANNEL, body.user or new_id())
    id_, model, text = f"chatcmpl-{new_id()}", to.settings.bot.name, last.text()
    if body.stream:
        tell = body.stream_options is not None and body.stream_options.include_usage
        events = _events(to, sender, text, id_, model, language, tell)
        return StreamingResponse(events, media_type="text/event-stream")
    messages = await to.channels.ask(sender, text)
    answer = as_text([message.content for message in messages])
    return completion(id_, model, answer, usage_of(to.embedder, text, answer))


async def _events(
    to: Services,
    sender: Sender,
    text: str,
    id_: str,
    model: str,
    language: Language,
    tell_usage: bool,
) -> AsyncIterator[bytes]:
    yield _event(chunk(id_, model, {"role": "assistant", "content": ""}))
    said = ""
    try:
        async for more in _pieces(to, sender, text):
            said += more
            yield _event(chunk(id_, model, {"content": more}))
        yield _event(chunk(id_, model, {}, "stop"))
        if tell_usage:
            usage = usage_of(to.embedder, text, said)
            yield _event(told_usage(id_, model, usage))
    except LingxiError as error:  # the answer has begun: it can only be told in it
        words = to.words.error(error, language)
        yield _event({"error": {"code": error.code, "message": words}})
    yield b"data: [DONE]\n\n"


async def _pieces(to: Services, sender: Sender, text: str) -> AsyncIterator[str]:
    """What is new of the answer each time. What was said cannot be taken back."""
    said = ""
    async for heard in to.channels.converse(sender, text):
        whole = as_text([m.content for m in heard.messages]) if isinstance(heard, Answer) else heard
        if whole.startswith(said):
            more, said = whole[len(said) :], whole
        elif isinstance(heard, Answer):
            more = f"\n\n{whole}"
        else:
            continue
        if more:
            yield more


def _event(data: dict[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"
