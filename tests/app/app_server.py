"""A whole server in a process of its own, with scripted engines: what the tests kill and restart.

Prints one line, the port, once it listens.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import partial

import uvicorn
from app_cafe import cafe_engines
from app_fakes import fake_engines

from app.cli.serve import server_config
from app.config import Settings
from app.main import create_app
from app.models import base

CLOCK_AHEAD_S = float(os.environ.get("LINGXI_TEST_CLOCK_AHEAD_S", 0))


class WrongClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + timedelta(seconds=CLOCK_AHEAD_S)


def set_the_clock() -> None:
    """As a machine's would be that lost its time; what is measured by the monotonic one goes on."""
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + CLOCK_AHEAD_S
    time.time_ns = lambda: real_ns() + int(CLOCK_AHEAD_S * 1e9)
    base.datetime = WrongClock  # type: ignore[misc]


async def serve(port: int, engines: str, tell: Callable[[int], None]) -> None:
    """Serve until stopped; `tell` hears the port once it listens."""
    if CLOCK_AHEAD_S:
        set_the_clock()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    build = cafe_engines if engines == "cafe" else fake_engines
    application = create_app(Settings(_env_file=None), build)
    server = uvicorn.Server(server_config(application, "127.0.0.1", port))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn offers only a flag
        await asyncio.sleep(0.01)
    tell(listening.getsockname()[1])
    await serving


if __name__ == "__main__":
    _, port, engines = sys.argv
    asyncio.run(serve(int(port), engines, partial(print, flush=True)))
