"""A whole server in a process of its own, with scripted engines: what the tests kill and restart.

Prints one line, the port, once it listens.
"""

from __future__ import annotations

import asyncio
import socket
import sys

import uvicorn
from app_cafe import cafe_engines
from app_fakes import fake_engines

from app.cli.serve import server_config
from app.config import Settings
from app.main import create_app


async def main() -> None:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    listening.bind(("127.0.0.1", port))
    build = cafe_engines if "cafe" in sys.argv else fake_engines
    application = create_app(Settings(_env_file=None), build)
    server = uvicorn.Server(server_config(application, "127.0.0.1", port))
    serving = asyncio.create_task(server.serve([listening]))
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn offers only a flag
        await asyncio.sleep(0.01)
    print(listening.getsockname()[1], flush=True)
    await serving


if __name__ == "__main__":
    asyncio.run(main())
