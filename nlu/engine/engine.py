"""The engine: implements `Parser` and `Embedder` over one encoder and any number of models.

A message's way: normalised and cut into pieces on the caller's thread (both take microseconds),
queued, encoded in a batch with whatever else waits, judged by its model's heads, and given its
words, entities' values and vector. One pass serves parse and vector: with a tuned model the shared
lower layers run once, the tuned upper layers give the labels and the untuned ones the vector, so
vectors of every model, and of none, lie in one space and an index outlives a training. A short
text that was judged lately is not encoded again; its words and values, which may depend on the
day, are read anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from nlu.encoder.runtime import Batch, Encoder, mean_pool, unit
from nlu.encoder.tokenizer import Encoding
from nlu.engine.batcher import Batcher
from nlu.engine.judged import Judged, LatelyEncoded
from nlu.engine.reader import Prepared, Reader, Stopwatch
from nlu.explain import explain
from nlu.model import TextPlan
from nlu.text.normalise import normalise
from nlu.text.segment import Segmenter
from nlu.types import (
    DEFAULT_MODEL,
    EngineMetrics,
    Explanation,
    RuntimeName,
    Understanding,
    Vector,
)

EMBED_TOGETHER = 32
"""An `embed` of many texts has so many in the queue at once, so that parses pass between."""
TOKEN_LAYERS = 5
"""From the last layer back, every other one of so many gives a token's states: each knows something."""
MOST_EXPLAINED = 500
"""Characters of a text that are explained; more would hold a core for long."""
REMEMBERED = 2_000
"""Texts whose judgement is kept, for each model: about three kilobytes each. As many vectors."""
UNDER_WAY = 64
"""Messages whose tokens' states are kept, some 60 KiB each: where an answer is doubtful it is compared
with them a moment after the parse."""
WARM_UP = ("你好，我要退货", "where is my order")


class UnknownModelError(KeyError):
    """No model of that name is loaded."""


@dataclass(frozen=True, slots=True)
class _Parse:
    prepared: Prepared
    reader: Reader


@dataclass(frozen=True, slots=True)
class _Embed:
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class _Tokens:
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class _Parsed:
    understanding: Understanding
    judged: Judged
    states: NDArray[np.float32]
    """Of its tokens."""


_Work = _Parse | _Embed | _Tokens
_Result = _Parsed | Vector


class Engine:
    """Understands and embeds; several models side by side, each replaceable while serving."""

    def __init__(
        self,
        encoder: Encoder,
        readers: dict[str, Reader],
        *,
        workers: int = 2,
        queue_tokens: int = 65_536,
        remembered: int = REMEMBERED,
    ) -> None:
        self._encoder = encoder
        self._readers = readers
        self._segmenter = next(iter(readers.values())).segmenter if readers else Segmenter()
        self._workers = workers
        self._queue_tokens = queue_tokens
        self._remembered = remembered
        self._vectors, self._states = LatelyEncoded(remembered), LatelyEncoded(UNDER_WAY)
        self._batcher: Batcher[_Work, _Result] | None = None
        self._explaining = asyncio.Semaphore(1)
        self._tokenise_ms = 0.0

    @classmethod
    def load(
        cls,
        model_dir: Path | None,
        encoder_dir: Path,
        *,
        threads: int = 2,
        queue_tokens: int = 65_536,
        runtime: RuntimeName = "onnx",
        remembered: int = REMEMBERED,
    ) -> Self:
        """Load encoder and model, and warm up. Blocking: call it in a thread.

        `threads` batches are computed at once, each by one thread: two threads on one batch save a
        single message nothing and, under load, take a tenth of what the processor can do.
        `remembered` 0 encodes every text, however often it came. `model_dir` None gives an engine
        that only embeds, until a model is swapped in.
        Raises `ModelError`, `EncoderFileError`.
        """
        encoder = Encoder(encoder_dir, runtime=runtime)
        segmenter = Segmenter()
        readers = {}
        if model_dir is not None:
            readers[DEFAULT_MODEL] = Reader(model_dir, encoder, segmenter, remembered=remembered)
        engine = cls(
            encoder,
            readers,
            workers=threads,
            queue_tokens=queue_tokens,
            remembered=remembered,
        )
        engine._segmenter = segmenter
        engine._warm_up(readers.get(DEFAULT_MODEL))
        # The heads' products are small. BLAS's own threads would spin beside them: half of all work.
        threadpool_limits(1, user_api="blas")
        return engine

    @property
    def width(self) -> int:
        return self._encoder.width

    @property
    def runtime(self) -> str:
        """What computes, in words for an operator."""
        return self._encoder.runtime.name

    @property
    def encoder_id(self) -> str:
        return self._encoder.card.encoder_id

    @property
    def models(self) -> dict[str, str]:
        """Loaded models: name to model id."""
        return {name: reader.model.card.model_id for name, reader in self._readers.items()}

    def intents(self, model: str = DEFAULT_MODEL) -> tuple[str, ...]:
        return self._reader(model).model.card.intents

    async def start(self) -> None:
        self._batcher = Batcher(self._run, workers=self._workers, queue_tokens=self._queue_tokens)
        await self._batcher.start()

    async def close(self) -> None:
        """Finish what waits, then stop; new work is refused with `EngineClosedError`."""
        if self._batcher is not None:
            await self._batcher.close()

    def metrics(self) -> EngineMetrics:
        counted = self._batcher.metrics() if self._batcher is not None else EngineMetrics()
        return replace(counted, tokenise_ms=self._tokenise_ms, runtime=self.runtime)

    async def swap(self, model_dir: Path, name: str = DEFAULT_MODEL) -> str:
        """Load a model beside the old one, warm it, then put it in its place; no request drops.

        Returns the new model's id. Raises `ModelError` and leaves the old one serving.
        """
        reader = await asyncio.to_thread(self._load_reader, model_dir)
        self._readers = self._readers | {name: reader}
        return reader.model.card.model_id

    def _load_reader(self, model_dir: Path) -> Reader:
        reader = Reader(
            *(model_dir, self._encoder, self._segmenter),
            remembered=self._remembered,
        )
        self._warm_up(reader)
        return reader

    def remove(self, name: str) -> None:
        """Forget a model; requests that it already serves finish."""
        self._readers = {key: reader for key, reader in self._readers.items() if key != name}

    async def parse(self, text: str, model: str = DEFAULT_MODEL) -> Understanding:
        """Raises `Overloaded` at once when the queue is full, `UnknownModelError`, `EngineClosedError`."""
        reader = self._reader(model)
        prepared = reader.prepare(text)
        self._tokenise_ms += prepared.normalise_ms
        judged = reader.lately.find(prepared.mended.text)
        if judged is not None:
            timings = {"normalise": prepared.normalise_ms, "queue": 0, "encode": 0, "decode": 0}
            return reader.understanding(prepared, judged.verdict, judged.vector, timings)
        result = await self._queue.submit(_Parse(prepared, reader), len(prepared.encoding))
        if not isinstance(result, _Parsed):
            raise TypeError(f"expected a _Parsed, got {type(result).__name__}")
        reader.lately.keep(prepared.mended.text, result.judged)
        self._vectors.keep(prepared.encoding, result.judged.vector)
        self._states.keep(prepared.encoding, result.states)
        return result.understanding

    async def explain(self, text: str, model: str = DEFAULT_MODEL) -> Explanation:
        """Why `text` is understood as it is; one at a time, for it costs a hundred parses."""
        reader = self._reader(model)
        async with self._explaining:
            found = await asyncio.to_thread(explain, reader, text[:MOST_EXPLAINED])
        understanding = await self.parse(text, model)
        return replace(found, understanding=understanding, runtime=self.runtime)

    async def embed(self, texts: Sequence[str], *, passages: bool = False) -> NDArray[np.float32]:
        """Unit vectors, (len(texts), width). Raises `Overloaded`, `EngineClosedError`."""
        rows: list[NDArray[np.float32]] = []
        for at in range(0, len(texts), EMBED_TOGETHER):
            encodings = self._encoded(texts[at : at + EMBED_TOGETHER], passages)
            found = await self._rows_of(encodings, _Embed, self._vectors)
            if not passages:
                for encoding, row in zip(encodings, found, strict=True):
                    self._vectors.keep(encoding, row.copy())  # not its whole batch
            rows += found
        return np.stack(rows) if rows else np.zeros((0, self.width), dtype=np.float32)

    async def embed_tokens(
        self, texts: Sequence[str], *, passages: bool = False, most: int
    ) -> list[NDArray[np.float32]]:
        """See `TokenEmbedder`. Raises `Overloaded`, `EngineClosedError`."""
        rows: list[NDArray[np.float32]] = []
        for at in range(0, len(texts), EMBED_TOGETHER):
            encodings = self._encoded(texts[at : at + EMBED_TOGETHER], passages)
            shortened = [item.shortened(most) for item in encodings]
            rows += await self._rows_of(shortened, _Tokens, self._states)
        return rows

    async def _rows_of(
        self, wanted: Sequence[Encoding], work: type[_Embed | _Tokens], lately: LatelyEncoded
    ) -> list[NDArray[np.float32]]:
        """What is not known of `lately` is encoded."""
        known = [lately.find(item) for item in wanted]
        missing = [work(item) for item, row in zip(wanted, known, strict=True) if row is None]
        fresh = iter(await self._submit(missing))
        return [next(fresh) if row is None else row for row in known]

    def _encoded(self, texts: Sequence[str], passages: bool) -> list[Encoding]:
        with Stopwatch() as tokenising:
            encodings = Reader.encode(self._encoder, texts, passages=passages)
        self._tokenise_ms += tokenising.ms
        return encodings

    async def _submit(self, works: Sequence[_Embed | _Tokens]) -> list[NDArray[np.float32]]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._queue.submit(work, len(work.encoding))) for work in works
            ]
        return [np.asarray(task.result(), dtype=np.float32) for task in tasks]

    def count(self, text: str) -> int:
        return self._encoder.tokenizer.count(normalise(text).text)

    @property
    def _queue(self) -> Batcher[_Work, _Result]:
        if self._batcher is None:
            raise RuntimeError("expected a started engine: await engine.start() first")
        return self._batcher

    def _reader(self, name: str) -> Reader:
        if name not in self._readers:
            raise UnknownModelError(f"expected one of {sorted(self._readers)}, got {name!r}")
        return self._readers[name]

    def _warm_up(self, reader: Reader | None) -> None:
        """First runs are slow; let no customer have them."""
        if reader is not None:
            self._run([_Parse(reader.prepare(text), reader) for text in WARM_UP], [0.0, 0.0])
        else:
            self._run([_Embed(e) for e in Reader.encode(self._encoder, WARM_UP)], [0.0, 0.0])

    def _run(self, works: Sequence[_Work], waited_ms: Sequence[float]) -> list[_Result]:
        """One batch, in a worker thread."""
        encodings = [w.prepared.encoding if isinstance(w, _Parse) else w.encoding for w in works]
        batch = self._encoder.pad(encodings)
        last = self._encoder.card.layers
        parses = [row for row, work in enumerate(works) if isinstance(work, _Parse)]
        readers = {id(w.reader): w.reader for w in works if isinstance(w, _Parse)}
        layers = sorted({last}.union(*(r.model.base_layers for r in readers.values())))
        several = [at for at in range(last - TOKEN_LAYERS + 1, last + 1, 2) if at >= 0]
        layers = sorted({*layers, *several})
        with Stopwatch() as encoding:
            base = dict(zip(layers, self._encoder.hidden(batch, layers), strict=True))
        vectors = unit(mean_pool(base[last], batch.mask))

        def token_states(row: int) -> NDArray[np.float32]:
            own = np.flatnonzero(encodings[row].spans[:, 1])
            return np.hstack([base[layer][row, own] for layer in several])

        results: list[_Result] = list(vectors)
        for row, work in enumerate(works):
            if isinstance(work, _Tokens):
                results[row] = token_states(row)
        for reader in readers.values():
            rows = [row for row in parses if _reader_of(works[row]) is reader]
            whole = len(rows) == len(works)
            part = base if whole else {layer: h[rows] for layer, h in base.items()}
            prepared = [w.prepared for row in rows if isinstance(w := works[row], _Parse)]
            with Stopwatch() as upper:
                states = reader.model.states(batch if whole else _rows(batch, rows), part)
            plans = [TextPlan(item.units, item.plan, item.mended.text) for item in prepared]
            with Stopwatch() as judging:
                verdicts = reader.model.judge(states, plans)
            for row, item, verdict in zip(rows, prepared, verdicts, strict=True):
                timings = {
                    "normalise": item.normalise_ms,
                    "queue": waited_ms[row],
                    "encode": encoding.ms + upper.ms,
                    "decode": judging.ms / len(rows),
                }
                results[row] = _Parsed(
                    reader.understanding(item, verdict, vectors[row], timings),
                    Judged(verdict, vectors[row].copy()),
                    token_states(row),
                )
        return results


def _reader_of(work: _Work) -> Reader | None:
    return work.reader if isinstance(work, _Parse) else None


def _rows(batch: Batch, rows: list[int]) -> Batch:
    return Batch(batch.ids[rows], batch.mask[rows])
