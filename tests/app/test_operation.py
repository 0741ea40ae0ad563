"""Admins see which rung of the ladder serves, and drill the fall from one to the next."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from app_client import Customer, Desk, new_client_id

from app.errors import DatabaseUnavailable
from app.operation.drills import DrilledGenerator, Drills
from app.voice.types import VoiceUnavailable
from dialogue.generate.types import GenerationRequest, Refused

AT = datetime(2026, 1, 1, tzinfo=UTC)
LONG_S = 300
"""Ended by hand, long before."""


async def rungs(desk: Desk) -> dict[str, dict[str, Any]]:
    answer = await desk.http.get("/api/operations")
    return {rung["part"]: rung for rung in answer.json()["rungs"]}


@asynccontextmanager
async def drill(desk: Desk, part: str) -> AsyncIterator[None]:
    at = f"/api/operations/drills/{part}"
    started = await desk.http.post(at, json={"seconds": LONG_S})
    assert started.status_code == 200, started.text
    try:
        yield
    finally:
        assert (await desk.http.delete(at)).status_code == 200


async def test_while_understanding_plays_overloaded_messages_are_kept_and_then_answered(
    desk: Desk,
) -> None:
    assert (await rungs(desk))["understanding"]["state"] == "working"
    customer = await Customer.arrive(desk.base)
    async with customer.talk() as talk:
        async with drill(desk, "understanding"):
            shown = (await rungs(desk))["understanding"]
            assert shown["state"] == "weak"
            assert shown["drill_until"] is not None
            assert (await talk.send("echo kept"))["type"] == "ack"
            await talk.of_type("error", code="overloaded")
        await talk.message("bot", "echo: echo kept")
    assert (await rungs(desk))["understanding"]["drill_until"] is None
    log = (await desk.http.get("/api/audit", params={"subject": "understanding"})).json()["items"]
    assert [row["action"] for row in log[:2]] == ["drill_ended", "drill_started"]


async def test_while_the_database_plays_locked_messages_are_refused_in_words(desk: Desk) -> None:
    customer, id_ = await Customer.arrive(desk.base), new_client_id()
    async with customer.talk() as talk:
        async with drill(desk, "database"):
            refused = await talk.send("echo later", id_)
            assert (refused["type"], refused["code"]) == ("nack", "database_busy")
            assert (await rungs(desk))["database"]["state"] == "away"
        assert (await talk.send("echo later", id_))["type"] == "ack"
        await talk.message("bot", "echo: echo later")


async def test_what_is_not_there_is_not_drilled(desk: Desk) -> None:
    for part in ("hub", "voice", "generation"):
        answer = await desk.http.post(f"/api/operations/drills/{part}", json={})
        assert answer.json()["error"]["code"] == "no_drill"
    for body in ({"seconds": 1}, {"seconds": 86_400}):
        answer = await desk.http.post("/api/operations/drills/database", json=body)
        assert answer.status_code == 422


class Writer:
    ready = True

    async def generate(self, request: GenerationRequest, on_partial: Any = None) -> Refused:
        return Refused("unknown")

    async def close(self) -> None:
        return None


async def test_a_drill_ends_by_itself() -> None:
    clock = [AT]
    drills = Drills(lambda: clock[0])
    writer = DrilledGenerator(Writer(), drills)
    for part in ("database", "voice", "hub", "generation"):
        drills.set(part, AT + timedelta(seconds=5))
    with pytest.raises(DatabaseUnavailable):
        drills.check_database()
    with pytest.raises(VoiceUnavailable):
        drills.check_voice()
    assert drills.hub_is_away()
    assert not writer.ready
    asked = GenerationRequest("why?", (), "en")
    assert (await writer.generate(asked)) == Refused("broken", words="a drill")
    clock[0] += timedelta(seconds=5)
    drills.check_database()
    drills.check_voice()
    assert not drills.hub_is_away()
    assert writer.ready
    assert (await writer.generate(asked)) == Refused("unknown")
