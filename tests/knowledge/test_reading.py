"""What was found is read: does it say what is asked, or is it only about the same thing?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from app.config import Settings
from dialogue.knowledge.reading.learn import ReadingNetwork, Spaces
from dialogue.knowledge.reading.network import Network
from dialogue.knowledge.reading.reader import LIKELY, MOST_READ, NEAR, Limits, Reader
from dialogue.knowledge.types import Entry, EntryKind, Hit, Thresholds, verdict_of
from nlu.engine import Engine
from nlu.types import Language, Overloaded

WIDTH = 24
ALONE = Thresholds(0.9, 0.2)
TENT = Entry(
    "tent",
    ("帐篷睡几个人", "Who fits into the tent?"),
    {
        "zh": "岭二睡两个人，岭四睡四个人，都能装进六十厘米的袋子。",
        "en": "The Ridge 2 sleeps two, the Ridge 4 sleeps four. Both fit into a 60 cm bag.",
    },
    {"zh": "帐篷睡几个人", "en": "Who fits into the tent?"},
)

ASKED: dict[Language, tuple[str, str]] = {
    "zh": ("岭四能睡几个", "搭帐篷要多少分钟"),
    "en": ("can four people sleep in the ridge 4", "can i put it up in the rain"),
}


class Tokens:
    """A token a character, its states drawn by it."""

    encoder_id = "drawn"

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.asked: list[str] = []

    async def embed_tokens(
        self, texts: Sequence[str], *, passages: bool = False, most: int
    ) -> list[NDArray[np.float32]]:
        if self.full:
            raise Overloaded(1, 1.0)
        self.asked += texts
        return [np.stack([self._state(char) for char in text[:most]]) for text in texts]

    def _state(self, char: str) -> NDArray[np.float32]:
        return np.random.default_rng(ord(char)).normal(size=WIDTH).astype(np.float32)


def drawn_network() -> tuple[ReadingNetwork, Network]:
    torch.manual_seed(1)
    network = ReadingNetwork(WIDTH).eval()
    space = np.full(WIDTH, 0.5, np.float32), np.full(WIDTH, 2.0, np.float32)
    tensors = network.tensors(Spaces(space, space))
    return network, Network({name: tensor.astype(np.float32) for name, tensor in tensors.items()})


async def test_what_serves_reads_as_what_was_learnt() -> None:
    network, served = drawn_network()
    states = await Tokens().embed_tokens(["how many", "it sleeps two people"], most=40)
    even = [((row - 0.5) / 2).astype(np.float16) for row in states]
    with torch.no_grad():
        expected = network([even[0], even[1]], [even[1], even[0]])
    q, p = states
    found = [
        served.logit(served.asked(q), served.told(p)),
        served.logit(served.asked(p), served.told(q)),
    ]
    assert found == pytest.approx(expected.tolist(), abs=0.02)


def found(
    *scores: float, near: float = 0.3, same: float = 0.2, kind: EntryKind = "faq"
) -> list[Hit]:
    entries = [
        replace(TENT, id=f"{number}", answers={"en": f"It is {number}."}, kind=kind)
        for number in range(9)
    ]
    seen = {"near": near, "same": same}
    return [Hit(e, "", s, 0.0, 0.0, seen) for e, s in zip(entries, scores, strict=False)]


ALWAYS, NEVER = -1e6, 1e6
READ_AS = {
    "an answer": Limits(0.8, ALWAYS, ALWAYS),
    "no answer": Limits(0.8, NEVER, ALWAYS),
    "something else": Limits(0.8, NEVER, NEVER),
}


def reader_of(read_as: str, tokens: Tokens) -> Reader:
    """All is read alike."""
    _, network = drawn_network()
    return Reader([network], tokens, READ_AS[read_as])


async def verdict(reader: Reader, hits: Sequence[Hit]) -> str:
    checked = await reader.checked("how many", hits, "en", ALONE)
    return verdict_of(checked, replace(ALONE, answer=reader.limits.answer))


@pytest.mark.parametrize(
    ("hits", "answer", "no_answer", "something_else"),
    [
        (found(0.95), "answer", "did_you_mean", "nothing"),
        # it stands there nearly word for word
        (found(0.95, near=NEAR), "answer", "answer", "nothing"),
        (found(0.95, near=NEAR, same=1), "answer", "answer", "answer"),
        (found(0.85, near=NEAR), "answer", "did_you_mean", "nothing"),
        (found(0.79), "did_you_mean", "did_you_mean", "nothing"),
        (found(LIKELY, kind="passage"), "did_you_mean", "did_you_mean", "did_you_mean"),
        (found(LIKELY - 0.01, kind="passage"), "did_you_mean", "did_you_mean", "nothing"),
        (found(0.19), "nothing", "nothing", "nothing"),
    ],
)
async def test_what_is_read_as_no_answer_is_offered_and_something_else_is_not(
    hits: Sequence[Hit], answer: str, no_answer: str, something_else: str
) -> None:
    assert await verdict(reader_of("an answer", Tokens()), hits) == answer
    assert await verdict(reader_of("no answer", Tokens()), hits) == no_answer
    assert await verdict(reader_of("something else", Tokens()), hits) == something_else


async def test_entries_are_encoded_once_and_where_all_is_busy_the_search_is_believed() -> None:
    tokens = Tokens()
    reader = reader_of("an answer", tokens)
    hits = found(0.45, 0.3, 0.25, 0.22)
    once, again = [await reader.checked("how many", hits, "en", ALONE) for _ in range(2)]
    assert once == again
    assert len(tokens.asked) == 2 + MOST_READ, tokens.asked
    assert Reader.load(tokens) is None  # another encoder
    busy = reader_of("an answer", Tokens(full=True))
    verdicts = [await verdict(busy, found(score)) for score in (0.3, 0.85, 0.95)]
    assert verdicts == ["did_you_mean", "did_you_mean", "answer"]


@pytest.mark.slow
async def test_an_entry_that_says_it_is_surer_than_one_that_does_not() -> None:
    engine = Engine.load(None, Settings().encoder_folder)
    await engine.start()
    try:
        reader = Reader.load(engine)
        assert reader is not None
        read: dict[str, float] = {}
        for language, texts in ASKED.items():
            for text in texts:
                (read[text],) = await reader.logits(text, [TENT.answer(language)])
    finally:
        await engine.close()
    for said, unsaid in ASKED.values():
        assert read[said] > read[unsaid] + 1, read
