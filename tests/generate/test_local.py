"""The local backend: after its load, one decode at a time, stopped between tokens."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from dialogue.generate.local_backend import LocalGenerator
from dialogue.generate.marks import OTHERS
from dialogue.generate.prompt import Completion
from dialogue.generate.types import Generated, GenerationRequest, Passage, Refused

COD = Passage("cod", "可以货到付款吗", "不支持货到付款，需要在线付好再发货。")
ASK = GenerationRequest("货到付款行吗", [COD], "zh", deadline_s=5)


class Scripted:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = 0
        self.go = threading.Event()
        self.go.set()

    def decode(self, prompt: Completion, max_tokens: int) -> Iterator[str]:
        for end in range(1, len(self.text) + 1):
            self.go.wait(5)
            self.tokens += 1
            yield self.text[:end]


async def loaded(decoder: Scripted) -> LocalGenerator:
    generator = LocalGenerator(lambda: decoder)
    await asyncio.wrap_future(generator._loading)
    return generator


async def test_not_ready_until_loaded_and_then_answers_from_the_passage() -> None:
    gate, decoder = threading.Event(), Scripted("①不支持货到付款。送您一部手机。")

    def load() -> Scripted:
        gate.wait(5)
        return decoder

    generator = LocalGenerator(load)
    refused = await generator.generate(ASK)
    assert isinstance(refused, Refused)
    assert refused.reason == "not_ready"
    gate.set()
    await asyncio.wrap_future(generator._loading)
    reply = await generator.generate(ASK)
    assert isinstance(reply, Generated)
    assert reply.text == "不支持货到付款。"
    assert len(reply.dropped) == 1
    await generator.close()


async def test_an_invention_is_refused() -> None:
    generator = await loaded(Scripted("①支持货到付款。"))
    reply = await generator.generate(ASK)
    assert isinstance(reply, Refused)
    assert reply.reason == "ungrounded"
    await generator.close()


@pytest.mark.parametrize(("mark", "kind"), OTHERS.items())
async def test_a_mark_that_is_no_passages_says_why_there_is_no_answer(mark: str, kind: str) -> None:
    decoder = Scripted("")
    decoder.decode = lambda prompt, most: iter([mark])  # type: ignore[method-assign]
    generator = await loaded(decoder)
    reply = await generator.generate(ASK)
    assert isinstance(reply, Refused)
    assert reply.reason == kind
    await generator.close()


async def test_cancelling_stops_between_tokens() -> None:
    decoder = Scripted("①" + "不支持货到付款。" * 1000)
    decoder.go.clear()
    generator = await loaded(decoder)
    task = asyncio.create_task(generator.generate(ASK))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    decoder.go.set()
    await generator.close()
    assert decoder.tokens <= 1


async def test_a_load_that_fails_leaves_no_generator() -> None:
    def load() -> Scripted:
        raise OSError("no such folder")

    generator = LocalGenerator(load)
    await asyncio.wrap_future(generator._loading)
    assert not generator.ready
    await generator.close()
