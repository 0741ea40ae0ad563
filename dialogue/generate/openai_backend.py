"""Any OpenAI-compatible endpoint: streamed, checked, within a deadline, behind a circuit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
import openai
from openai import AsyncOpenAI
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from dialogue.circuit import Circuit
from dialogue.generate.checked import CheckedReply
from dialogue.generate.prompt import build_prompt
from dialogue.generate.reword import MOST_TOKENS as REWORDED_TOKENS
from dialogue.generate.reword import NotReworded, Rewording, reword_prompt, taken
from dialogue.generate.types import Generated, GenerationRequest, Refused, Said
from dialogue.types import OnPartial
from nlu.types import Language

MOST_AT_ONCE = 8
ATTEMPTS = 3
_PASSING = (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError)
"""Errors that a second try may not meet; none of them left anything of a reply."""


class OpenAIGenerator:
    """A `Generator` over the official client.

    A try is repeated only while nothing has been received. What was shown before a failure or
    the deadline stays: each sentence of it passed the check.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: str,
        base_url: str | None = None,
        most_at_once: int = MOST_AT_ONCE,
        circuit: Circuit | None = None,
        hide: Callable[[str, Language], str] = lambda text, language: text,
    ) -> None:
        """`hide` takes out of customers' words what must not leave."""
        self._hide = hide
        self._model = model
        self._client = AsyncOpenAI(api_key=api_key, base_url=base_url, max_retries=0)
        self._most = most_at_once
        self._running = 0
        self._circuit = circuit or Circuit()

    @property
    def ready(self) -> bool:
        return not self._circuit.open

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated | Refused:
        if not request.passages:
            return Refused("no_passages")
        if self._circuit.open:
            return Refused("broken", words="circuit open")
        if self._running >= self._most:
            return Refused("busy")
        self._running += 1
        try:
            return await self._checked(request, CheckedReply(request.passages, on_partial))
        finally:
            self._running -= 1

    async def _checked(
        self, request: GenerationRequest, reply: CheckedReply
    ) -> Generated | Refused:
        try:
            async with asyncio.timeout(request.deadline_s):
                whole = await self._stream(request, reply)
        except TimeoutError:
            self._circuit.failed()
            return await self._cut(reply, Refused("deadline", words=f"{request.deadline_s:g} s"))
        except (openai.OpenAIError, httpx.HTTPError, ValueError) as error:
            self._circuit.failed()
            return await self._cut(reply, Refused("broken", words=type(error).__name__))
        self._circuit.succeeded()
        return await reply.end(self._model, complete=whole)

    async def _cut(self, reply: CheckedReply, refused: Refused) -> Generated | Refused:
        """The whole sentences that came before the end came."""
        kept = await reply.end(self._model, complete=False)
        if isinstance(kept, Generated):
            return kept
        return Refused(refused.reason, kept.dropped, refused.words)

    async def _stream(self, request: GenerationRequest, reply: CheckedReply) -> bool:
        """Feed `reply`. False if its last sentence may be cut: no ordinary end was told."""
        prompt = build_prompt(self._private(request))
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(_PASSING),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=0.1, max=1.0),
            reraise=True,
        ):
            with attempt:
                stream: Any = await self._client.chat.completions.create(
                    model=self._model,
                    messages=[
                        {"role": "system", "content": prompt.system},
                        {"role": "user", "content": prompt.user},
                    ],
                    max_tokens=request.max_tokens,
                    temperature=0.0,
                    stream=True,
                    timeout=request.deadline_s,
                )
        async with stream, aclosing(aiter(stream)) as chunks:
            async for chunk in chunks:
                choice = chunk.choices[0] if chunk.choices else None
                if choice is not None and choice.delta.content:
                    await reply.add(choice.delta.content)
                if choice is not None and choice.finish_reason:
                    return bool(choice.finish_reason == "stop")
                if reply.full:
                    return False
        return False

    def _private(self, request: GenerationRequest) -> GenerationRequest:
        history = [Said(s.by, self._hide(s.text, request.language)) for s in request.history]
        question = self._hide(request.question, request.language)
        return replace(request, question=question, history=history)

    async def reword(self, request: Rewording) -> str | NotReworded:
        """See `Rewriter`. Not streamed: nothing is shown before all of it is checked."""
        if self._circuit.open:
            return NotReworded("broken", "circuit open")
        if self._running >= self._most:
            return NotReworded("busy")
        self._running += 1
        request = replace(request, text=self._hide(request.text, request.language))
        prompt = reword_prompt(request)
        try:
            async with asyncio.timeout(request.deadline_s):
                answer = await self._client.chat.completions.create(
                    model=self._model,
                    messages=[
                        {"role": "system", "content": prompt.system},
                        {"role": "user", "content": prompt.user},
                    ],
                    max_tokens=REWORDED_TOKENS,
                    temperature=0.0,
                    timeout=request.deadline_s,
                )
        except TimeoutError:
            self._circuit.failed()
            return NotReworded("deadline")
        except (openai.OpenAIError, httpx.HTTPError, ValueError) as error:
            self._circuit.failed()
            return NotReworded("broken", type(error).__name__)
        finally:
            self._running -= 1
        self._circuit.succeeded()
        choice = answer.choices[0] if answer.choices else None
        return taken(request, (choice.message.content or "") if choice else "")

    async def close(self) -> None:
        await self._client.close()
