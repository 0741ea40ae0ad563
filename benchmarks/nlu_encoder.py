"""The encoder alone: what int8 costs in exactness, and what it saves of the processor's time.

The baseline is the same graph in fp32, by the same runtime; beside them the torch runtime. One
thread. Errors are relative, on the shop's held-out messages; a neighbour's effect is what a batch
changes in a message's unit vector.

    python benchmarks/nlu_encoder.py
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from nlu_quality import fp32_graph

from app.cli.settings import load_settings
from nlu.data import load_data
from nlu.encoder.runtime import Encoder, OrtRuntime, Runtime, mean_pool, unit

MIDDLE = 6
TOGETHER = 32
ROUNDS = 40
SHORT = "我想退货怎么办呢"


def main() -> None:
    settings = load_settings()
    encoder, by_torch = (
        Encoder(settings.encoder_folder, runtime=name) for name in ("onnx", "torch")
    )
    torch.set_num_threads(1)
    exact = OrtRuntime(fp32_graph(encoder), 1)
    texts = [one.text for one in load_data(Path("bots/shop/eval/nlu_dev.jsonl")).examples]
    print(f"{len(texts)} messages")
    for runtime in (encoder.runtime, by_torch.runtime):
        print(f"{runtime.name}: {errors(encoder, runtime, exact, texts)}")
    for name, batch in (("one message", [SHORT]), (f"{TOGETHER} messages", texts[:TOGETHER])):
        asked = {"fp32": exact, "int8": encoder.runtime, "torch": by_torch.runtime}
        took = milliseconds(encoder, asked, batch)
        told = "  ".join(f"{key} {ms:.1f} ms" for key, ms in took.items())
        print(
            f"{name:12} {told}  of the processor; int8 {took['fp32'] / took['int8']:.2f} times fp32"
        )


def errors(encoder: Encoder, served: Runtime, exact: Runtime, texts: Sequence[str]) -> str:
    layers = [MIDDLE, encoder.card.layers]
    vectors, states, moved = [], [], []
    encodings = sorted(encoder.tokenizer.encode(texts), key=len)
    for at in range(0, len(encodings), TOGETHER):
        batch = encoder.pad(encodings[at : at + TOGETHER])
        into, real = encoder.embeddings(batch), batch.mask.astype(bool)
        (middle, last), (wanted_middle, wanted) = (
            one.run(into, batch.mask, layers) for one in (served, exact)
        )
        own, theirs = mean_pool(last, batch.mask), mean_pool(wanted, batch.mask)
        vectors.append(away(own, theirs))
        states.append(away(middle[real], wanted_middle[real]))
        for row, encoding in enumerate(encodings[at : at + TOGETHER]):
            single = encoder.pad([encoding])
            (alone,) = served.run(encoder.embeddings(single), single.mask, layers[1:])
            moved.append(
                np.abs(unit(mean_pool(alone, single.mask)) - unit(own[row : row + 1])).max()
            )
    return (
        f"vectors' error {np.concatenate(vectors).mean():.2%}, the middle layer's states' "
        f"{np.concatenate(states).mean():.2%}, a neighbour's effect {max(moved):.6f}"
    )


def away(own: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    return np.linalg.norm(own - wanted, axis=1) / np.linalg.norm(wanted, axis=1)


def milliseconds(
    encoder: Encoder, runtimes: dict[str, Runtime], texts: Sequence[str]
) -> dict[str, float]:
    """Of this thread's own time, the median; in turn, so that all meet the same machine."""
    batch = encoder.pad(encoder.tokenizer.encode(texts))
    into = encoder.embeddings(batch)
    took: dict[str, list[float]] = {name: [] for name in runtimes}
    for _ in range(ROUNDS):
        for name, runtime in runtimes.items():
            began = time.thread_time()
            runtime.run(into, batch.mask, [encoder.card.layers])
            took[name].append((time.thread_time() - began) * 1000)
    return {name: float(np.median(values)) for name, values in took.items()}


if __name__ == "__main__":
    main()
