"""kill -9 in the middle of it: what was acknowledged is there once, in order, and answered."""

from __future__ import annotations

import asyncio
import random

from app_client import Customer, Talk, check_history, new_client_id
from conftest import Server, running
from websockets.exceptions import ConnectionClosed

KILLS = 3
CUSTOMERS = 6


async def write_until_cut(customer: Customer, acked: dict[str, int], owed: list[str]) -> None:
    try:
        async with customer.talk() as talk:
            for id_ in [*owed, *(new_client_id() for _ in range(500))]:
                if id_ not in owed:
                    owed.append(id_)
                ack = await talk.send(f"echo {id_}", id_)
                assert ack["type"] == "ack", ack
                acked[id_] = ack["seq"]
                owed.remove(id_)
    except (ConnectionClosed, OSError, TimeoutError):
        return


async def everything(talk: Talk, last: str) -> list[dict[str, object]]:
    await talk.send(last)
    await talk.until(
        lambda e: (
            e["type"] == "message"
            and e["message"]["author"]["type"] == "bot"
            and last in e["message"]["content"]["text"]
        )
    )
    return talk.messages


async def test_no_acknowledged_message_is_lost_or_doubled(own_server: Server, seed: int) -> None:
    dice = random.Random(seed)
    async with running(own_server) as server:
        customers = [await Customer.arrive(server.base) for _ in range(CUSTOMERS)]
        acked: list[dict[str, int]] = [{} for _ in customers]
        owed: list[list[str]] = [[] for _ in customers]
        for _ in range(KILLS):
            async with asyncio.TaskGroup() as tasks:
                for customer, done, left in zip(customers, acked, owed, strict=True):
                    tasks.create_task(write_until_cut(customer, done, left))
                await asyncio.sleep(dice.uniform(0.3, 1.2))
                await server.kill()
            await server.start()
        assert sum(map(len, acked)) > 0
        for customer, done in zip(customers, acked, strict=True):
            async with customer.talk() as one, customer.talk() as two:
                seen = await everything(one, "the very last")
                await two.until(
                    lambda e, seq=seen[-1]["seq"]: (
                        e["type"] == "message" and e["message"]["seq"] == seq
                    )
                )
            check_history(seen, done)
            assert [m["id"] for m in seen] == [m["id"] for m in two.messages]
            answers = "\n".join(m["content"]["text"] for m in seen if m["author"]["type"] == "bot")
            for id_ in done:
                assert answers.count(id_) == 1, f"{id_} was answered {answers.count(id_)} times"


async def test_a_clock_that_jumped_back_leaves_nobody_without_an_answer(own_server: Server) -> None:
    """What the dead server wrote is two hours in the future of the one that starts."""
    async with running(own_server) as server:
        customer = await Customer.arrive(server.base)
        async with customer.talk() as talk:
            begun, owed = new_client_id(), new_client_id()
            acks = {begun: await talk.send(f"slow 1 {begun}", begun)}
            await talk.of_type("typing", who="bot", on=True)
            acks[owed] = await talk.send(f"echo {owed}", owed)
            await server.kill()
        server.environment["LINGXI_TEST_CLOCK_AHEAD_S"] = "-7200"
        await server.start()
        async with customer.talk() as talk:
            seen = await everything(talk, "the very last")
        check_history(seen, {id_: ack["seq"] for id_, ack in acks.items()})
        answers = "\n".join(m["content"]["text"] for m in seen if m["author"]["type"] == "bot")
        assert [answers.count(id_) for id_ in acks] == [1, 1]
