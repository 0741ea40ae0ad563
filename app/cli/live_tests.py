"""``lingxi test --e2e``: test stories spoken to a live bot, through the real gateway's socket."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from app.chat.events import Ack, Hello, Nack, Send, SendContent, server_event
from app.chat.service import ChatService
from app.cli.chat_remote import new_session
from app.cli.serve import server_config
from app.config import Settings
from app.db import Database
from app.words import Words
from dialogue.project import Project
from dialogue.testing.live import LiveReport, LiveResult, Script, scripts_of

POLL_S = 0.01
PATIENCE_S = 60.0
"""For one turn; longer than any deadline within it."""
NO_LIMIT = "1000000 per second"
"""One address plays every customer here."""


class LiveTestError(Exception):
    """The stories could not be spoken to the end; the text says why."""


async def speak_stories(project: Project, settings: Settings) -> LiveReport:
    """Speak each story as a customer of its own, on a server with an empty database."""
    scripts, warnings = scripts_of(project)
    with tempfile.TemporaryDirectory(prefix="lingxi-e2e-") as folder:
        own = settings.model_copy(
            update={
                "database_url": f"sqlite:///{Path(folder) / 'lingxi.db'}",
                "redis_url": None,
                "session_rate": NO_LIMIT,
                "message_rate": NO_LIMIT,
            }
        )
        async with _served(own) as base:
            database = Database(own.sqlalchemy_url)
            results = []
            try:
                for number, script in enumerate(scripts):
                    with _home_of_its_own(Path(folder) / f"story-{number}"):
                        results.append(await _spoken(base, database, script))
            finally:
                await database.close()
    return LiveReport(tuple(results), tuple(warnings))


@contextmanager
def _home_of_its_own(home: Path) -> Iterator[None]:
    """What the bot's actions keep below ``LINGXI_HOME`` in one story is not there in the next, and
    nothing of it comes into the real one. The settings were read before."""
    before = os.environ.get("LINGXI_HOME")
    os.environ["LINGXI_HOME"] = str(home)
    try:
        yield
    finally:
        del os.environ["LINGXI_HOME"]
        if before is not None:
            os.environ["LINGXI_HOME"] = before


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[str]:
    """A server on a free port, in this loop; its address."""
    from app.main import create_app

    server = uvicorn.Server(server_config(create_app(settings), "127.0.0.1", 0))
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        while not server.started:
            if serving.done():
                raise LiveTestError("the server did not start; its log says why")
            await asyncio.sleep(POLL_S)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True


async def _spoken(base: str, database: Database, script: Script) -> LiveResult:
    result = LiveResult(script.name)
    chat = ChatService(Words.load())
    session = await new_session(base)
    async with connect(f"{base.replace('http', 'ws', 1)}/ws") as socket:
        await socket.send(Hello(token=session.token).model_dump_json())
        heard = 0
        for line in script.lines:
            message_id = await _send(socket, line.text)
            await _answered(database, chat, message_id)
            events = await database.read(lambda s: chat.history(s, session.conversation_id))
            result.judge(line, events[heard:])
            heard = len(events)
    return result


async def _send(socket: ClientConnection, text: str) -> str:
    """The id of the message, once it is committed."""
    event = Send(client_msg_id=uuid4().hex, content=SendContent(text=text))
    await socket.send(event.model_dump_json())
    async for frame in socket:
        match server_event.validate_json(frame):
            case Ack(client_msg_id=event.client_msg_id, message_id=message_id):
                return message_id
            case Nack(words=words):
                raise LiveTestError(f"the gateway refused {text!r}: {words}")
    raise LiveTestError("the gateway closed the socket")


async def _answered(database: Database, chat: ChatService, message_id: str) -> None:
    """Returns when the bot's turn about the message is over."""
    for _ in range(round(PATIENCE_S / POLL_S)):
        answer = await database.read(lambda s: chat.answer_to(s, message_id))
        if answer.done:
            return
        await asyncio.sleep(POLL_S)
    raise LiveTestError(f"a turn was not done after {PATIENCE_S:g} s")
