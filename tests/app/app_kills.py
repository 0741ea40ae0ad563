"""Servers that die at a moment drawn beforehand, and what the dead one left unfinished.

A moment is the nth time that the server begins to commit, to think about an answer or to tell what
it has committed, and some microseconds after that. There the kernel ends the process, by an
interval timer whose signal nobody handles: as a kill -9 does, it lets nothing be flushed and asks
nobody, and no scheduling of ours stands between the moment and the death. The fourth kind is a
real kill -9 from outside, after a while.

Each life is forked from a process that has imported everything, so that of a start only what the
server itself does takes time.
"""

from __future__ import annotations

import asyncio
import gc
import mmap
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import app_server
import sqlalchemy as sa
from app_cafe import CAFE
from app_faults import FaultProxy, Persistent
from conftest import Server

from app.chat.turns import TurnRunner
from app.stores import sqlite
from app.words import Words

MOMENTS = ("commit", "turn", "ack", "any")
LONGEST_AFTER_S = {"commit": 0.012, "turn": 0.03, "ack": 0.006}
"""About as long as each takes here, so that the moment may be anywhere within."""
LATEST_NTH = 40
LONGEST_LIFE_S = 1.0
PATIENCE_S = 5.0
"""With a moment that does not come, because everything has been said."""
DEATHS_A_ROUND = 10
ROUND_S = 900.0
LAST_WORDS_S = 0.3
"""Until a client has read what the dead server still got out."""
START_S = 300.0
"""A soak shares its machine."""

forking = multiprocessing.get_context("forkserver")
forking.set_forkserver_preload(["app_kills"])
WORDS = Words.load()


@dataclass(frozen=True, slots=True)
class Moment:
    kind: str
    nth: int = 0
    after_s: float = 0.0

    @classmethod
    def drawn(cls, dice: random.Random) -> Moment:
        kind = dice.choice(MOMENTS)
        if kind == "any":
            return cls(kind, after_s=dice.uniform(0, LONGEST_LIFE_S))
        return cls(kind, dice.randint(1, LATEST_NTH), dice.uniform(0, LONGEST_AFTER_S[kind]))


def live(environment: dict[str, str], port: int, moment: Moment, told: Connection) -> None:
    """The life of one server, in the forked process."""
    gc.freeze()  # else the start's collection copies every page of the parent
    os.environ.update(environment)
    Words.load = classmethod(lambda _: WORDS)  # type: ignore[method-assign,assignment]
    _end_at(moment, Path(environment["LINGXI_HOME"]) / "committing")
    asyncio.run(app_server.serve(port, "scripted", told.send))


def _end_at(moment: Moment, committing: Path) -> None:
    committing.write_bytes(b"\0")
    with committing.open("r+b") as file:
        flag = mmap.mmap(file.fileno(), 1)
    count = 0

    def came(kind: str) -> None:
        nonlocal count
        if kind == moment.kind:
            count += 1
            if count == moment.nth:
                signal.setitimer(signal.ITIMER_REAL, max(moment.after_s, 1e-6))

    def begins(_connection: object) -> None:
        flag[0] = 1
        came("commit")

    def before(kind: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any) -> Any:
            if kind == "ack":
                flag[0] = 0
            came(kind)
            return function(*args)

        return wrapped

    sa.event.listen(sa.Engine, "commit", begins)
    TurnRunner._perform = before("turn", TurnRunner._perform)  # type: ignore[method-assign]
    sqlite._settle = before("ack", sqlite._settle)


@dataclass
class Mortal(Server):
    """A server of which each life may end at a drawn moment."""

    environment: dict[str, str] = field(default_factory=lambda: {"LINGXI_BOT": str(CAFE)})
    """A bot whose knowledge takes no time to read."""
    moment: Moment = Moment("never")
    life: Any = None

    async def start(self) -> None:
        hears, tells = forking.Pipe(duplex=False)
        self.life = forking.Process(
            target=live, args=(self.settings(), self.port, self.moment, tells)
        )
        await asyncio.to_thread(self.life.start)
        tells.close()
        if not await asyncio.to_thread(hears.poll, START_S):
            raise TimeoutError("the server does not listen")
        try:
            self.port = hears.recv()
        except EOFError:
            return  # its moment came before it listened

    @property
    def pid(self) -> int:
        pid: int = self.life.pid
        return pid

    async def _end(self, how: signal.Signals) -> int:
        if self.life is None:
            return 0
        if self.life.is_alive():
            os.kill(self.pid, how)
        await asyncio.to_thread(self.life.join)
        code: int = self.life.exitcode
        return code

    async def ended(self) -> None:
        """When its moment has come; by kill -9 if that is the moment, or it does not come."""
        await asyncio.to_thread(
            self.life.join, PATIENCE_S if self.moment.nth else self.moment.after_s
        )
        if self.life.is_alive():
            await self.kill()
        assert -self.life.exitcode in (signal.SIGKILL, signal.SIGALRM), self.life.exitcode


def left_behind(home: Path, people: list[Persistent]) -> list[str]:
    """What the dead server was at; all that it acknowledged must be on the disk.

    Read from a copy: to open the database itself would mend what the next start has to mend.
    """
    with tempfile.TemporaryDirectory() as folder:
        for file in home.glob("lingxi.db*"):
            shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / "lingxi.db")) as copy:
            saved = {row[0] for row in copy.execute("SELECT client_msg_id FROM messages")}
            thinking = copy.execute("SELECT count(*) FROM turns WHERE state = 'running'").fetchone()
    for person in people:
        assert person.acked.keys() <= saved, "acknowledged, and not on the disk"
    untold = any(saved & person.outbox.keys() for person in people)
    at = {
        "in a commit": (home / "committing").read_bytes() == b"\1",
        "in a turn": thinking[0] > 0,
        "between commit and ack": untold,
    }
    return [words for words, was in at.items() if was]


async def die_through(
    server: Mortal,
    proxy: FaultProxy,
    people: list[Persistent],
    dice: random.Random,
    totals: Counter[str],
) -> None:
    """Everybody writes; the server dies ten times meanwhile, and lives on after."""
    async with asyncio.timeout(ROUND_S), asyncio.TaskGroup() as tasks:
        writers = [tasks.create_task(person.until_acknowledged(proxy.base)) for person in people]
        server.moment = Moment("any", after_s=dice.uniform(0, LONGEST_LIFE_S))
        for _ in range(DEATHS_A_ROUND):
            await server.ended()
            await asyncio.sleep(LAST_WORDS_S)
            if all(writer.done() for writer in writers):
                break
            left = await asyncio.to_thread(left_behind, server.home, people)
            totals.update(["killed", f"meant for {server.moment.kind}", *left])
            server.moment = Moment.drawn(dice)
            await server.start()
        await server.kill()
        server.moment = Moment("never")
        await server.start()
