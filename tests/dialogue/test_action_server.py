"""The client of an action server: against a small server that misbehaves, and the real one."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from dialogue.actions.http import ActionServer
from dialogue.actions.types import ActionFailedError, ActionRejectedError
from dialogue.circuit import FAILURES_TO_OPEN
from dialogue.events import SlotSet
from dialogue.project import load_project
from dialogue.tracker import Tracker

SHOP = Path(__file__).parents[2] / "bots" / "shop"


class Server:
    """Speaks rasa-sdk's protocol over a real socket; each action's name is what it does."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.compressed: list[bool] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        content = await reader.readexactly(length)
        self.compressed.append("content-encoding: deflate" in head)
        body = json.loads(zlib.decompress(content) if self.compressed[-1] else content)
        self.bodies.append(body)
        status, answer = await self.act(body)
        told = json.dumps(answer).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(told)}\r\n".encode())
        writer.write(b"Content-Type: application/json\r\nConnection: close\r\n\r\n" + told)
        await writer.drain()
        writer.close()

    async def act(self, body: dict[str, Any]) -> tuple[int, object]:
        match body["next_action"]:
            case "works":
                event = {"event": "slot", "name": "product", "value": "kettle"}
                return 200, {"events": [event], "responses": [{"text": "done"}]}
            case "refuses":
                return 400, {"error": "not now", "action_name": "refuses"}
            case "wants_domain":
                known = body.get("domain")
                return (200, {"events": [], "responses": []}) if known else (449, {"error": "?"})
            case "hangs":
                await asyncio.sleep(30)
                return 200, {}
            case "breaks":
                return 500, {"error": "Traceback"}
            case "babbles":
                return 200, ["no", "object"]
            case _:
                return 404, {"error": "no such action"}


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    serving = Server()
    listening = await asyncio.start_server(serving.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    serving.url = f"http://127.0.0.1:{port}/webhook"
    yield serving
    listening.close()


def tracker_of(words: int = 1) -> dict[str, Any]:
    return {"sender_id": "c", "slots": {}, "events": [{"event": "user", "text": "hi " * words}]}


async def test_events_and_messages_come_back(server: Server) -> None:
    runner = ActionServer(server.url)
    result = await runner.run("works", tracker_of(), {})
    assert [e.value for e in result.events if isinstance(e, SlotSet)] == ["kettle"]
    assert [response["text"] for response in result.responses] == ["done"]
    await runner.close()


async def test_only_large_bodies_are_compressed(server: Server) -> None:
    runner = ActionServer(server.url)
    await runner.run("works", tracker_of(1), {})
    await runner.run("works", tracker_of(5000), {})
    assert server.compressed == [False, True]
    await runner.close()


async def test_the_domain_is_sent_when_it_is_asked_for(server: Server) -> None:
    runner = ActionServer(server.url, send_domain=False)
    await runner.run("wants_domain", tracker_of(), {"intents": ["a"]})
    assert [bool(body.get("domain")) for body in server.bodies] == [False, True]
    await runner.close()


@pytest.mark.parametrize(
    ("action", "kind"),
    [("nobody", "unknown"), ("breaks", "raised"), ("babbles", "invalid"), ("hangs", "timeout")],
)
async def test_failures_have_their_names(server: Server, action: str, kind: str) -> None:
    runner = ActionServer(server.url, timeout_s=0.5)
    with pytest.raises(ActionFailedError) as failed:
        await runner.run(action, tracker_of(), {})
    assert failed.value.kind == kind
    await runner.close()


async def test_a_refusal_is_no_failure(server: Server) -> None:
    runner = ActionServer(server.url)
    for _ in range(FAILURES_TO_OPEN + 1):
        with pytest.raises(ActionRejectedError):
            await runner.run("refuses", tracker_of(), {})
    assert runner.available
    await runner.close()


async def test_the_breaker_opens_and_tries_again_later(server: Server) -> None:
    now = [0.0]
    runner = ActionServer(server.url, clock=lambda: now[0])
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ActionFailedError):
            await runner.run("breaks", tracker_of(), {})
    asked = len(server.bodies)
    with pytest.raises(ActionFailedError, match="repeatedly"):
        await runner.run("works", tracker_of(), {})
    assert len(server.bodies) == asked
    now[0] += 60
    assert await runner.run("works", tracker_of(), {})
    assert runner.available
    await runner.close()


@pytest.fixture
def sdk_server(tmp_path: Path) -> Iterator[str]:
    """The shop's actions behind rasa-sdk's own server, as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)],
            cwd=SHOP,
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


@pytest.mark.slow
async def test_the_shops_actions_run_behind_the_real_server(sdk_server: str) -> None:
    async with httpx.AsyncClient(base_url=sdk_server) as client:
        for _ in range(200):
            try:
                if (await client.get("/health")).status_code == 200:
                    break
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    domain = load_project(SHOP).domain
    tracker = Tracker.of(domain, [SlotSet("order_number", "A10023"), SlotSet("language", "en")])
    runner = ActionServer(f"{sdk_server}/webhook")
    result = await runner.run("action_track_order", tracker.as_json(), domain.source)
    named = [response.get("response") for response in result.responses]
    assert named[0] == "utter_tracking"
    with pytest.raises(ActionFailedError) as unknown:
        await runner.run("action_of_nobody", tracker.as_json(), domain.source)
    assert unknown.value.kind == "unknown"
    await runner.close()
