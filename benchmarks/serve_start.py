"""A second start: from `lingxi serve` to the first answer in a customer's socket.

The baseline loads the same encoder in plain transformers in a fresh process and encodes the
same sentence, which is the least that anyone with this model must wait for. Both in turn.

    python benchmarks/serve_start.py
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
from websockets import Origin
from websockets.asyncio.client import connect

from app.cli.settings import load_settings

ROUNDS = 3
WANTED_S = 8.0
QUESTION = "运费多少钱"
PATIENCE_S = 60.0
LINKED = ("encoders", "models", "voices")
PLAIN = """
import sys
import torch
from transformers import AutoModel, PreTrainedTokenizerFast
folder = sys.argv[1]
tokenizer = PreTrainedTokenizerFast(tokenizer_file=f"{folder}/tokenizer.json")
model = AutoModel.from_pretrained(folder)
with torch.inference_mode():
    model(**tokenizer(sys.argv[2], return_tensors="pt", return_token_type_ids=False))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def answered(base: str) -> None:
    """Ask as a customer does, from the first moment on; back when the bot has answered."""
    async with httpx.AsyncClient(base_url=base) as http:
        while True:
            try:
                session = (await http.post("/api/visitor/session", json={})).json()
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    async with connect(base.replace("http", "ws") + "/ws", origin=Origin(base)) as ws:
        await ws.send(json.dumps({"type": "hello", "token": session["token"]}))
        message = {"type": "send", "client_msg_id": str(uuid4()), "content": {"text": QUESTION}}
        await ws.send(json.dumps(message))
        async for frame in ws:
            event = json.loads(frame)
            if event["type"] == "message" and event["message"]["author"]["type"] == "bot":
                return


def ours(home: Path) -> tuple[float, float]:
    """Seconds to the first answer, and resident MiB then."""
    port = free_port()
    environment = os.environ | {"LINGXI_HOME": str(home), "LINGXI_PORT": str(port)}
    lingxi = Path(sys.executable).with_name("lingxi")
    began = time.perf_counter()
    server = subprocess.Popen([lingxi, "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(asyncio.wait_for(answered(f"http://127.0.0.1:{port}"), PATIENCE_S))
        took = time.perf_counter() - began
        return took, psutil.Process(server.pid).memory_info().rss / 2**20
    finally:
        server.terminate()
        server.wait(20)


def plain(encoder: Path) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", PLAIN, str(encoder), QUESTION]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for name in LINKED:
            (home / name).symlink_to((settings.home / name).resolve(), target_is_directory=True)
        ours(home)  # the first start makes the database and the knowledge's vectors
        rounds = [(ours(home), plain(settings.encoder_folder)) for _ in range(ROUNDS)]
    best, memory = min(mine for mine, _ in rounds)
    baseline = min(theirs for _, theirs in rounds)
    print(f"start to first answer  {best:6.1f} s  (wanted {WANTED_S:.0f} s, {memory:.0f} MiB)")
    print(f"plain transformers     {baseline:6.1f} s  (encoder alone, one sentence)")
    print(f"ratio                  {best / baseline:6.2f}")


if __name__ == "__main__":
    main()
