"""The converted model: one look for the kind of reply, then greedy words, on the calling thread."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from dialogue.generate.gemma_graph import MOST_POSITIONS, FloatArray
from dialogue.generate.marks import ANSWERS, MARKS
from dialogue.generate.prompt import Completion
from dialogue.generate.vocabulary import Vocabulary, ids_of

MOST_TOKENS = 400
"""Of a reply; so much room is left after a prompt."""
Cache = list[NDArray[np.float32]]
"""Keys and values, layer by layer, each (1, kv heads, positions, head)."""


class Decoder:
    """Not for several threads at once."""

    def __init__(self, folder: Path, threads: int) -> None:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            folder / "decoder.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._vocabulary = Vocabulary(self._tokenizer)
        self._levels = np.load(folder / "embedding.npy", mmap_mode="r")
        self._scales = np.load(folder / "scales.npy", mmap_mode="r")
        self._bos, self._eos = int(card["bos"]), int(card["eos"])
        self._threshold = float(card["threshold"])
        self._joining = frozenset(ids_of(self._tokenizer, card["joining"]))
        self._marks = ids_of(self._tokenizer, MARKS)
        layers = range(int(card["layers"]))
        self._past = [f"past.{i}.{part}" for i in layers for part in ("key", "value")]
        empty = np.zeros((1, int(card["kv_heads"]), 0, int(card["head"])), dtype=np.float32)
        self._empty: Cache = [empty] * len(self._past)
        self._last: tuple[Completion, FloatArray, Cache] | None = None

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def rows(self, ids: Sequence[int]) -> FloatArray:
        """Embeddings (len(ids), hidden), which are the output layer's rows as well."""
        index = np.asarray(ids)
        scales = self._scales[index].astype(np.float32)
        rows: FloatArray = self._levels[index].astype(np.float32) * scales[..., None]
        return rows.reshape(len(ids), -1)

    def step(self, ids: Sequence[int], cache: Cache) -> tuple[FloatArray, Cache]:
        """States (len(ids), hidden) after each of `ids`, and the longer cache."""
        rows = self.rows(ids)
        total = cache[0].shape[2] + len(ids)
        feed = {
            "embeds": (rows * np.sqrt(np.float32(rows.shape[1])))[None],
            "last": np.array([total - 1], dtype=np.int32),
            "total": np.array(total, dtype=np.int32),
            **dict(zip(self._past, cache, strict=True)),
        }
        states, *longer = self._session.run(None, feed)
        return states[0], longer

    def decode(self, prompt: Completion, max_tokens: int) -> Iterator[str]:
        """Yield the text so far after each token: first a mark, then, after a passage's, words."""
        state, cache = self._read(prompt)
        mark = self._mark(state, prompt.numbered)
        yield MARKS[mark]
        if mark >= len(ANSWERS):
            return
        allowed = [self._eos, *sorted(self._vocabulary.tokens_of(prompt.sources) | self._joining)]
        output = self.rows(allowed)  # (allowed, hidden)
        token = self._marks[mark]
        said: list[int] = []
        for _ in range(min(max_tokens, MOST_TOKENS)):
            states, cache = self.step([token], cache)
            token = allowed[int((output @ states[-1]).argmax())]
            if token == self._eos:
                return
            said.append(token)
            text: str = self._tokenizer.decode(said, skip_special_tokens=False)
            yield MARKS[mark] + text.rstrip("�").lstrip()

    def chances(self, prompt: Completion) -> tuple[float, ...]:
        """How likely each of `MARKS` is to begin the reply."""
        state, _ = self._read(prompt)
        return tuple(self._chances(state, prompt.numbered).tolist())

    def _read(self, prompt: Completion) -> tuple[FloatArray, Cache]:
        """The state after `prompt`, (hidden,). The last one is kept: judged, then written from."""
        if self._last is not None and self._last[0] == prompt:
            return self._last[1], self._last[2]
        passages = [self._bos, *self.encode(prompt.passages)]
        question = self.encode(prompt.question)
        room = MOST_POSITIONS - MOST_TOKENS - len(question)
        states, cache = self.step([*passages[:room], *question], self._empty)
        self._last = (prompt, states[-1], cache)
        return states[-1], cache

    def _chances(self, state: FloatArray, passages: int) -> FloatArray:
        scores = self.rows(self._marks) @ state
        scores[passages : len(ANSWERS)] = -np.inf
        chances: FloatArray = np.exp(scores - scores.max())
        chances /= chances.sum()
        return chances

    def _mark(self, state: FloatArray, passages: int) -> int:
        """The kind of reply as an index of `MARKS`; an answer only where it is sure enough."""
        chances = self._chances(state, passages)
        if chances[: len(ANSWERS)].max() < self._threshold:
            chances[: len(ANSWERS)] = 0
        return int(chances.argmax())
