"""What the encoder's variant for Chinese and English saves, and whether it reads them alike.

The baseline is the whole encoder. Disk, memory and seconds are those of a fresh process that opens the
encoder and reads one sentence. With `--data FOLDER` (public sets, a folder each) every text of their
`*.jsonl` is cut by both; without, those of the shop bot.

    python benchmarks/nlu_smaller.py [--data FOLDER]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from app.cli.encoder import SMALLER, prepare_encoder
from app.cli.settings import load_settings
from nlu.data import load_data
from nlu.encoder.runtime import Encoder
from nlu.text.normalise import normalise

WANTED_ALIKE = 0.999
OPENED = """
import sys, time
import nlu.encoder.runtime as runtime, psutil
from pathlib import Path
began = time.process_time()
before = psutil.Process().memory_info().rss
encoder = runtime.Encoder(Path(sys.argv[1]))
batch = encoder.pad(encoder.tokenizer.encode([sys.argv[2]]))
encoder.hidden(batch, [encoder.card.layers])
print(time.process_time() - began, psutil.Process().memory_info().rss - before)
"""
SHOWN = 5
SENTENCE = "我想退货怎么办呢, where is my order?"


def opened(folder: Path) -> tuple[float, float, float]:
    """MB on disk, MiB in memory, seconds of the processor to open it and read a sentence."""
    disk = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    command = [sys.executable, "-c", OPENED, str(folder), SENTENCE]
    runs = [
        [float(one) for one in subprocess.check_output(command, text=True).split()]
        for _ in range(3)
    ]
    seconds, memory = min(runs)
    return disk, memory / 2**20, seconds


def texts(data: Path | None) -> Iterator[str]:
    if data is None:
        yield from (example.text for example in load_data(load_settings().bot).examples)
        return
    for file in sorted(data.rglob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from (row[key] for key in ("text", "a", "b") if key in row)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path)
    asked = options.parse_args()
    settings = load_settings()
    whole = prepare_encoder(settings.model_copy(update={"encoder": None}))
    smaller = prepare_encoder(settings.model_copy(update={"encoder": SMALLER}))
    names = ("on disk, MB", "memory, MiB", "opened, s")
    for name, theirs, ours in zip(names, opened(whole), opened(smaller), strict=True):
        print(f"{name:14} whole {theirs:7.2f}  smaller {ours:7.2f}  ratio {ours / theirs:.2f}")
    plain = sorted({normalise(text).text for text in texts(asked.data)})
    cut = [Encoder(folder).tokenizer.encode(plain) for folder in (whole, smaller)]
    unlike = [
        text
        for text, one, other in zip(plain, *cut, strict=True)
        if one.spans.tolist() != other.spans.tolist()
    ]
    alike = 1 - len(unlike) / len(plain)
    print(f"cut alike      {alike:.5f} of {len(plain)} texts  (wanted {WANTED_ALIKE})")
    for text in unlike[:SHOWN]:
        print(f"  unlike: {text[:60]}")


if __name__ == "__main__":
    main()
