"""One message of eight characters, understood: everything that a customer waits for.

Ours is `Engine.parse`: normalise, segment, encode, three heads, entities, vector. The baseline is
plain transformers in fp32: tokenizer and encoder alone, no head. Both in one process, in turns of
some messages, with a moment's rest between: torch's threads go on spinning when their work is done,
and would take the processor from whoever comes next. Then the same with the torch runtime.

    python benchmarks/nlu_latency.py
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, PreTrainedTokenizerFast

from app.cli.settings import load_settings
from nlu.engine import Engine
from nlu.types import RuntimeName

TEXT = "我想退货怎么办呢"
TURNS = 20
MESSAGES = 15
"""Of a turn."""
WARM_UP = 5
"""Before them: they find the caches as the other left them, and are not counted."""
REST_S = 0.1
WANTED_MS = 3.0
WANTED_RATIO = 4.0
RUNTIMES: tuple[RuntimeName, ...] = ("onnx", "torch")


class Plain:
    """The encoder as transformers runs it."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
        self._tokenizer.pad_token = "<pad>"
        self._model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()

    def encode(self, texts: list[str]) -> torch.Tensor:
        """Vectors, (len(texts), width)."""
        batch = self._tokenizer(
            texts, return_tensors="pt", padding=True, return_token_type_ids=False
        )
        with torch.inference_mode():
            hidden = self._model(**batch).last_hidden_state  # (batch, tokens, width)
        weights = batch["attention_mask"].unsqueeze(-1)
        pooled: torch.Tensor = (hidden * weights).sum(1) / weights.sum(1)
        return pooled


async def measure(engine: Engine, plain: Plain) -> tuple[list[float], list[float]]:
    await engine.start()
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(TURNS):
        await asyncio.sleep(REST_S)
        for _ in range(WARM_UP + MESSAGES):
            began = time.perf_counter()
            await engine.parse(TEXT)
            ours.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(REST_S)
        for _ in range(WARM_UP + MESSAGES):
            began = time.perf_counter()
            plain.encode([f"query: {TEXT}"])
            theirs.append((time.perf_counter() - began) * 1000)
    await engine.close()
    return _counted(ours), _counted(theirs)


def _counted(times: list[float]) -> list[float]:
    """Without the first of each turn."""
    return [ms for at, ms in enumerate(times) if at % (WARM_UP + MESSAGES) >= WARM_UP]


def main() -> None:
    settings = load_settings()
    if not settings.nlu_model.is_dir():
        sys.exit(f"expected a trained model in {settings.nlu_model}; run `lingxi setup`")
    threads = settings.inference_threads
    torch.set_num_threads(threads)
    plain = Plain(settings.encoder_folder)
    print(f"wanted: p50 {WANTED_MS:g} ms, {WANTED_RATIO:g} times plain transformers")
    for runtime in RUNTIMES:
        engine = Engine.load(
            *(settings.nlu_model, settings.encoder_folder),
            threads=threads,
            runtime=runtime,
            remembered=0,
        )
        ours, theirs = asyncio.run(measure(engine, plain))
        print(f"{engine.runtime}:")
        for name, times in (("engine, everything", ours), ("plain transformers, encoder", theirs)):
            p50, p99 = np.percentile(times, [50, 99])
            print(f"  {name:30} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
        print(f"  ratio                          {np.median(theirs) / np.median(ours):6.2f}")


if __name__ == "__main__":
    main()
