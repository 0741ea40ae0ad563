"""OpenAI's JSON for the two doors that speak it."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from app.channels.shapes import Lenient, SenderName
from app.chat.events import Content
from nlu.types import Counter, Embedder

MAX_INPUTS = 256
"""More at once would hold the engine's queue against those who chat."""
MAX_INPUT_CHARS = 8_000
Usage = dict[str, int]
Input = Annotated[str, Field(min_length=1, max_length=MAX_INPUT_CHARS)]


class EmbeddingsRequest(Lenient):
    input: Input | Annotated[list[Input], Field(min_length=1, max_length=MAX_INPUTS)]
    model: str = ""
    encoding_format: Literal["float", "base64"] = "float"

    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


class TextPart(Lenient):
    type: Literal["text"]
    text: str


class ChatMessage(Lenient):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None

    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(Lenient):
    include_usage: bool = False


class ChatRequest(Lenient):
    messages: list[ChatMessage] = Field(min_length=1)
    model: str = ""
    stream: bool = False
    stream_options: StreamOptions | None = None
    user: SenderName | None = None
    """Names the customer, whose conversation goes on; without it each call is a new one."""


def embeddings(model: str, rows: NDArray[np.float32], encoding: str, tokens: int) -> dict[str, Any]:
    """`rows`: (texts, width)."""
    return {
        "object": "list",
        "model": model,
        "data": [
            {"object": "embedding", "index": index, "embedding": _vector(row, encoding)}
            for index, row in enumerate(rows)
        ],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _vector(row: NDArray[np.float32], encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode()
    return [float(value) for value in row]


def as_text(contents: Sequence[Content]) -> str:
    """An answer for readers of text alone: buttons become numbered lines, which may be typed."""
    return "\n\n".join(filter(None, map(_as_text, contents)))


def _as_text(content: Content) -> str:
    lines = [content.text, content.image_url, content.attachment_url]
    lines += [f"{file.name}: {file.url}" for file in content.files]
    lines += [f"{card.title} {card.subtitle}".strip() for card in content.cards]
    lines += [f"{place}. {button.title}" for place, button in enumerate(content.buttons, 1)]
    return "\n".join(filter(None, lines))


def completion(id_: str, model: str, text: str, usage: Usage | None) -> dict[str, Any]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return {
        "id": id_,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
        "usage": usage,
    }


def told_usage(id_: str, model: str, usage: Usage | None) -> dict[str, Any]:
    """The last of a stream, for whoever asked for it."""
    return {**chunk(id_, model, {}), "choices": [], "usage": usage}


def tokens_of(counter: Embedder | None, texts: Sequence[str]) -> int:
    """0 where nothing counts: programs that read it expect a number."""
    return sum(map(counter.count, texts)) if isinstance(counter, Counter) else 0


def usage_of(counter: Embedder | None, asked: str, answered: str) -> Usage | None:
    """In the encoder's pieces, of what was said now: the bot reads nothing else of a request.

    None where nothing counts.
    """
    if not isinstance(counter, Counter):
        return None
    prompt, completion = counter.count(asked), counter.count(answered)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def chunk(id_: str, model: str, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": id_,
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
