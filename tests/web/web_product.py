"""Starts the real product as its users start it, and finds a real Chromium to visit it with."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
WEIGHTS = ("encoders", "models", "voices")
IDENTITY_SECRET = "shared by the demo shop and this server"
START_S = 600.0
"""On a busy machine the knowledge is embedded for minutes."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",  # a microphone that beeps, and is allowed
    "--use-fake-ui-for-media-stream",
]


def find_chromium() -> str:
    """The browser on the path; without one, a clear skip here and a failure where CI runs."""
    for name in ("chromium", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    words = "neither chromium nor google-chrome is on the path, so nothing was tried in a browser"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


def build_web() -> None:
    """`make setup` has built it; someone who runs pytest alone may not have."""
    wanted = ("widget.js", "widget/index.html", "demo/index.html", "dashboard/index.html")
    if all((WEB / "dist" / name).is_file() for name in wanted):
        return
    if not (WEB / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, check=True)
    subprocess.run(["npm", "run", "build"], cwd=WEB, check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def keep_an_older_model(shop: Path) -> None:
    """Beside the model that serves, one of yesterday: the same heads under another name."""
    older = shop / "versions" / "yesterdays"
    shutil.copytree(shop / "nlu", older)
    card = json.loads((older / "model.json").read_text("utf-8"))
    (older / "model.json").write_text(json.dumps(card | {"model_id": "yesterdays"}), "utf-8")
    about = {
        "made_by": "Mei",
        "made_at": f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
        "profile": "fast",
        "corrections": False,
    }
    (older / "about.json").write_text(json.dumps(about), "utf-8")


@contextmanager
def product(home: Path, **settings: str) -> Iterator[str]:
    """`lingxi serve` with the weights that `make setup` made and data of its own; yields its URL."""
    build_web()
    weights = Path(os.environ.get("LINGXI_HOME", ROOT / "var"))
    for name in WEIGHTS:
        if not (weights / name).is_dir():
            pytest.fail(f"expected {weights / name}, found none: run `make setup` first")
        if name == "models":  # the bot page trains and replaces them
            versions = shutil.ignore_patterns("versions")
            shutil.copytree(weights / name, home / name, ignore=versions)
            keep_an_older_model(home / name / "shop")
            continue
        (home / name).symlink_to((weights / name).resolve(), target_is_directory=True)
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINGXI_")},
        "LINGXI_HOME": str(home),
        "LINGXI_PORT": str(port),
        "LINGXI_GENERATION": "none",
        "LINGXI_IDENTITY_SECRET": IDENTITY_SECRET,
        "LINGXI_SESSION_RATE": "10000 per minute",
        **{f"LINGXI_{name.upper()}": value for name, value in settings.items()},
    }
    log = home / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("lingxi")), "serve"],
            cwd=ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        base = f"http://127.0.0.1:{port}"
        try:
            wait_until_ready(base, server, log)
            yield base
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


@contextmanager
def scripted_product(database_url: str) -> Iterator[str]:
    """Gateway, database and desk with the tests' fake engines; yields its URL."""
    build_web()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINGXI_")},
        "PYTHONPATH": str(ROOT),
        "LINGXI_HOME": str(Path(database_url.partition("///")[2]).parent),
        "LINGXI_DATABASE_URL": database_url,
        "LINGXI_VOICE": "none",
    }
    command = [sys.executable, str(ROOT / "tests/app/app_server.py"), "0", "scripted"]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()


def wait_until_ready(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    with httpx.Client(base_url=base, timeout=5) as asking:  # a new one each time costs CPU
        while time.monotonic() < until and server.poll() is None:
            with suppress(httpx.TransportError):
                if asking.get("/readyz").status_code == 200:
                    return
            time.sleep(0.3)
    pytest.fail(f"the server did not get ready; its log ends:\n{log.read_text()[-4000:]}")
