"""The local model in process: loaded behind the start, one decode at a time, checked."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from dialogue.generate.checked import CheckedReply
from dialogue.generate.marks import ANSWERS, OTHERS
from dialogue.generate.prompt import Completion, build_completion
from dialogue.generate.types import Generated, GenerationRequest, Refused
from dialogue.types import OnPartial

MOST_WAITING = 2
"""A customer behind more decodes than this is better served by the quoted entry."""
JUDGE_DEADLINE_S = 3.0
MOST_JUDGED = 512
"""Judgements that are remembered: a popular question is read once."""
log = logging.getLogger(__name__)


class TextDecoder(Protocol):
    def decode(self, prompt: Completion, max_tokens: int) -> Iterator[str]:
        """Yield the text so far; it begins with one of `dialogue.generate.marks.MARKS`."""
        ...

    def chances(self, prompt: Completion) -> tuple[float, ...]:
        """How likely each of the marks is to begin the reply; a decode may follow at no cost."""
        ...


class LocalGenerator:
    """A `Generator` over a decoder that `load` makes on its own thread."""

    def __init__(self, load: Callable[[], TextDecoder], model: str = "gemma-3-270m") -> None:
        self._load = load
        self._model = model
        self._thread = ThreadPoolExecutor(1, "generate")
        self._decoder: TextDecoder | None = None
        self._loading = self._thread.submit(self._make)
        self._closing = threading.Event()
        self._asked = 0
        self._judged: dict[Completion, tuple[float, ...]] = {}

    def _make(self) -> None:
        try:
            self._decoder = self._load()
        except Exception:
            log.exception("the language model could not be loaded")

    @property
    def ready(self) -> bool:
        return self._decoder is not None and not self._closing.is_set()

    async def judge(self, request: GenerationRequest) -> tuple[float, ...] | None:
        """See `Judge`: one look, no word is written."""
        decoder, prompt = self._decoder, build_completion(request)
        if prompt in self._judged:
            return self._judged[prompt]
        if decoder is None or self._closing.is_set() or self._asked > MOST_WAITING:
            return None
        self._asked += 1
        try:
            async with asyncio.timeout(JUDGE_DEADLINE_S):
                looked = asyncio.wrap_future(self._thread.submit(decoder.chances, prompt))
                found = (await looked)[: prompt.numbered]
        except TimeoutError:
            return None
        except Exception:
            log.exception("judging failed")
            return None
        finally:
            self._asked -= 1
        if len(self._judged) >= MOST_JUDGED:
            self._judged.pop(next(iter(self._judged)))
        self._judged[prompt] = found
        return found

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Generated | Refused:
        if not request.passages:
            return Refused("no_passages")
        decoder = self._decoder
        if decoder is None or self._closing.is_set():
            return Refused("not_ready")
        if self._asked > MOST_WAITING:
            return Refused("busy")
        self._asked += 1
        stop = threading.Event()
        reply = CheckedReply(request.passages[: len(ANSWERS)], on_partial)
        texts: asyncio.Queue[str | Exception | None] = asyncio.Queue(request.max_tokens + 2)
        loop = asyncio.get_running_loop()

        def tell(told: str | Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(texts.put_nowait, told)

        prompt = build_completion(request)
        self._thread.submit(self._run, decoder, prompt, request.max_tokens, stop, tell)
        try:
            async with asyncio.timeout(request.deadline_s):
                failure = await self._feed(reply, texts)
        except TimeoutError:
            failure = Refused("deadline")
        finally:
            stop.set()
            self._asked -= 1
        ended = await reply.end(self._model, complete=failure is None)
        return failure if failure is not None and isinstance(ended, Refused) else ended

    async def _feed(
        self, reply: CheckedReply, texts: asyncio.Queue[str | Exception | None]
    ) -> Refused | None:
        seen = ""
        while (told := await texts.get()) is not None:
            if isinstance(told, Exception):
                log.error("decoding failed", exc_info=told)
                return Refused("broken", words=type(told).__name__)
            if told in OTHERS:
                return Refused(OTHERS[told])
            words = told.lstrip("".join(ANSWERS))
            if words.startswith(seen):
                await reply.add(words[len(seen) :])
                seen = words
        return None

    def _run(
        self,
        decoder: TextDecoder,
        prompt: Completion,
        max_tokens: int,
        stop: threading.Event,
        tell: Callable[[str | Exception | None], None],
    ) -> None:
        try:
            if not stop.is_set():
                for text in decoder.decode(prompt, max_tokens):
                    if stop.is_set() or self._closing.is_set():
                        return
                    tell(text)
            tell(None)
        except Exception as error:
            tell(error)

    async def close(self) -> None:
        self._closing.set()
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
