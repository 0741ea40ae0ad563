"""Bad networks, a locked database, a full disk, a stop under load, Redis gone: nothing is lost.

Each starts servers of its own. `make soak` (tests/app/soak.py) does the same for as long as you
like; a failure prints its seed, and ``LINGXI_TEST_SEED`` replays it.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import resource
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_client import PATIENCE_S, Customer, Desk, Talk, check_history, new_client_id
from app_faults import FaultProxy, Persistent, Scissors
from conftest import RedisServer, Server, running

from app.config import DEVELOPMENT_AGENT

pytestmark = pytest.mark.slow

CUSTOMERS = 8
MESSAGES = 6


def sqlite_server(tmp_path: Path, **environment: str) -> Server:
    return Server(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'lingxi.db'}", environment)


async def arrive(
    server: Server, dice: random.Random, count: int, messages: int
) -> list[Persistent]:
    people = [Persistent(await Customer.arrive(server.base), dice) for _ in range(count)]
    for person in people:
        person.writes(messages)
    return people


async def check_all(server: Server, people: list[Persistent]) -> int:
    """Everybody's whole history, read anew, holds what was acknowledged and what was seen.

    All of it is answered once, but for a customer whose turn has seen the server die four times:
    they are handed to a human. Returns how many were.
    """
    handed = 0
    for person in people:
        person.customer.base = server.base
        async with person.customer.talk() as talk:
            assert (await talk.send("the very last"))["type"] == "ack"
            handed_over = await answered_or_handed_over(talk, "the very last")
        handed += handed_over
        check_history(talk.messages, person.acked)
        ids = {m["seq"]: m["id"] for m in talk.messages}
        assert person.seen.items() <= ids.items(), "seen then, and not there now"
        answers = "\n".join(
            m["content"]["text"] for m in talk.messages if m["author"]["type"] == "bot"
        )
        for id_ in person.acked:
            allowed = (0, 1) if handed_over else (1,)
            assert answers.count(id_) in allowed, f"{id_} was answered {answers.count(id_)} times"
    return handed


async def answered_or_handed_over(talk: Talk, text: str) -> bool:
    """True if a human has to answer."""
    await talk.message("visitor", text)
    if any(e["type"] == "welcome" and e["owner"] != "bot" for e in talk.heard):
        return True
    event = await talk.until(
        lambda e: (
            (e["type"] == "owner_changed" and e["owner"] != "bot")
            or (e["type"] == "message" and is_answer(e["message"], text))
        )
    )
    return event["type"] == "owner_changed"


async def test_a_bad_network_and_a_kill_lose_and_double_nothing(
    own_server: Server, seed: int
) -> None:
    dice = random.Random(seed)
    async with running(own_server) as server, FaultProxy(dice, server.port) as proxy:
        people = await arrive(server, dice, CUSTOMERS, MESSAGES)

        async def kill_once() -> None:
            await asyncio.sleep(dice.uniform(0.5, 1.5))
            await server.kill()
            await server.start()

        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            tasks.create_task(kill_once())
            for person in people:
                tasks.create_task(person.until_acknowledged(proxy.base))
        assert sum(count for fault, count in proxy.met.items() if fault != "none") > 0
        assert sum(person.reconnects for person in people) > CUSTOMERS
        await check_all(server, people)


LAST_BYTE, EVERY = 700, 13
"""By then a customer has greeted and written, and been greeted, acknowledged and answered."""


async def test_a_line_cut_at_any_byte_loses_and_doubles_nothing(
    shared_server: Server, seed: int
) -> None:
    """The seed says which of the bytes are tried."""
    dice = random.Random(seed)
    async with Scissors(dice, shared_server.port) as proxy:
        [person] = await arrive(shared_server, dice, 1, 0)
        for proxy.next_cut in range(seed % EVERY, LAST_BYTE, EVERY):
            person.writes(1)
            await person.until_acknowledged(proxy.base)
        assert proxy.met["cut"] > LAST_BYTE / EVERY - 1
        await check_all(shared_server, [person])


async def test_a_stop_under_load_tells_clients_to_come_back(tmp_path: Path, seed: int) -> None:
    server = sqlite_server(tmp_path)
    async with running(server):
        people = await arrive(server, random.Random(seed), CUSTOMERS, 200)
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            for person in people:
                tasks.create_task(person.until_acknowledged(server.base))
            while not all(person.acked for person in people):  # noqa: ASYNC110  nobody sets an event
                await asyncio.sleep(0.02)
            assert await server.stop() in (0, -signal.SIGTERM), "ended by itself, after draining"
            for person in people:
                assert person.closes[0] == 1012, person.closes
            await server.start()
        await check_all(server, people)


async def nacked(talk: Talk, id_: str) -> str:
    told = await talk.send(f"echo {id_}", id_)
    assert told["type"] == "nack", told
    assert told["retry_after_s"]
    assert told["words"]
    return str(told["code"])


async def recovered(talk: Talk, id_: str) -> None:
    """The same message again, until it is taken."""
    async with asyncio.timeout(30):
        for pause_s in itertools.repeat(0.2):
            if (await talk.send(f"echo {id_}", id_))["type"] == "ack":
                break
            await asyncio.sleep(pause_s)
    await answered(talk, id_)


async def answered(talk: Talk, text: str) -> None:
    await talk.until(lambda e: e["type"] == "message" and is_answer(e["message"], text))


def is_answer(message: dict[str, Any], text: str) -> bool:
    return message["author"]["type"] == "bot" and text in message["content"]["text"]


async def test_a_locked_database_and_a_full_disk_are_told_and_waited_out(tmp_path: Path) -> None:
    server = sqlite_server(tmp_path)
    async with running(server), httpx.AsyncClient(base_url=server.base) as http:
        customer = await Customer.arrive(server.base)
        async with customer.talk() as talk:
            locked, full = new_client_id(), new_client_id()
            with closing(sqlite3.connect(tmp_path / "lingxi.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert await nacked(talk, locked) == "database_busy"
            await recovered(talk, locked)
            figures = (await http.get("/metrics")).text
            assert 'lingxi_refusals_total{code="database_busy"}' in figures

            assert server.process is not None
            bound = (tmp_path / "lingxi.db-wal").stat().st_size
            unbound = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (bound, unbound[1]))
            codes = {await nacked(talk, full) for _ in range(2)}
            assert codes == {"database_unavailable"}
            assert (await http.get("/healthz")).status_code == 200
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unbound)
            await recovered(talk, full)
        async with customer.talk() as again:
            await again.send("the last")
            await answered(again, "the last")
        own = [m["client_msg_id"] for m in again.messages if m["client_msg_id"]]
        assert own[:2] == [locked, full]
        check_history(again.messages, {})


async def test_two_workers_catch_up_when_redis_was_killed(
    make_database: Callable[[Path], str], redis: RedisServer, tmp_path: Path
) -> None:
    url = make_database(tmp_path)
    if url.startswith("sqlite"):
        return  # several workers need PostgreSQL
    environment = {"LINGXI_REDIS_URL": redis.url}
    one, two = (Server(tmp_path / name, url, environment) for name in ("one", "two"))
    async with running(one), running(two):
        customer = await Customer.arrive(one.base)
        async with Desk.signed_in(two.base, *DEVELOPMENT_AGENT) as desk, desk.talk() as agent:
            watch = {"type": "watch", "conversation_id": customer.conversation_id, "last_seq": 0}
            await agent.emit(watch)
            async with customer.talk() as talk:
                await talk.send("while all is well")
                await agent.message("bot", "echo: while all is well")
                redis.kill()
                assert (await talk.send("while redis is away"))["type"] == "ack"
                await talk.message("bot", "echo: while redis is away")
                redis.start()
                await agent.message("bot", "echo: while redis is away")  # from the database
                await talk.send("redis is back")
                for side in (agent, talk):
                    await side.message("bot", "echo: redis is back")
            assert [m["id"] for m in agent.messages] == [m["id"] for m in talk.messages]
            async with asyncio.timeout(PATIENCE_S):
                for pause_s in itertools.repeat(0.2):
                    if (await desk.http.get("/readyz")).json()["hub"]:
                        break
                    await asyncio.sleep(pause_s)
