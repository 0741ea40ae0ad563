"""Admins say who works at the desk; what they say holds within seconds."""

from __future__ import annotations

import asyncio

import pytest
from app_client import Customer, Desk, Talk
from websockets.exceptions import ConnectionClosed

from app.models import new_id

GONE_WITHIN_S = 5.0


async def invited(desk: Desk, role: str = "agent") -> tuple[str, str, str]:
    """Id, address and password of a new colleague."""
    body = {"email": f"{new_id()}@Example.com", "name": "新同事", "role": role}
    answer = await desk.http.post("/api/staff", json=body)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    return told["agent_id"], told["email"], told["password"]


async def listen(socket: Talk) -> None:
    while True:
        await socket.next()


async def rows(desk: Desk) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in (await desk.http.get("/api/staff")).json()["items"]}


async def test_who_is_disabled_is_out_within_seconds_and_their_customer_waits(desk: Desk) -> None:
    id_, email, password = await invited(desk)
    customer = await Customer.arrive(desk.base)
    async with Desk.signed_in(desk.base, email, password) as colleague:
        async with customer.talk() as talk, colleague.talk() as socket:
            await talk.send("human please")
            await talk.of_type("owner_changed", owner="queued")
            assert (await colleague.act(customer.conversation_id, "claim")).status_code == 200
            await talk.of_type("owner_changed", owner="agent")
            answer = await desk.http.patch(f"/api/staff/{id_}", json={"disabled": True})
            assert answer.status_code == 200, answer.text
            await talk.of_type("owner_changed", owner="queued")
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(listen(socket), GONE_WITHIN_S)
        assert (await colleague.http.get("/api/me")).status_code == 401
    refused = await desk.http.post("/api/auth/login", json={"email": email, "password": password})
    assert refused.status_code == 401
    assert (await rows(desk))[id_]["disabled"] is True
    await desk.http.patch(f"/api/staff/{id_}", json={"disabled": False})
    async with Desk.signed_in(desk.base, email, password) as back:
        assert (await back.http.get("/api/me")).status_code == 200


async def test_a_new_password_and_a_new_role_end_what_was_open(desk: Desk) -> None:
    id_, email, password = await invited(desk)
    async with Desk.signed_in(desk.base, email, password) as colleague:
        assert (await colleague.http.get("/api/staff")).status_code == 403
        promoted = await desk.http.patch(f"/api/staff/{id_}", json={"role": "supervisor"})
        assert promoted.status_code == 200
        assert (await colleague.http.get("/api/me")).status_code == 401
    told = (await desk.http.post(f"/api/staff/{id_}/password")).json()
    old = await desk.http.post("/api/auth/login", json={"email": email, "password": password})
    assert old.status_code == 401
    async with Desk.signed_in(desk.base, email, told["password"]) as again:
        assert (await again.http.get("/api/me")).json()["agent"]["role"] == "supervisor"


async def test_one_s_own_password_is_changed_by_who_knows_the_old_one(desk: Desk) -> None:
    _id, email, password = await invited(desk)
    async with (
        Desk.signed_in(desk.base, email, password) as here,
        Desk.signed_in(desk.base, email, password) as elsewhere,
    ):
        for old, new, code in [
            ("a guess of it", "long enough now", "wrong_password"),
            (password, "short", "password_length"),
        ]:
            refused = await here.http.put("/api/me/password", json={"old": old, "new": new})
            assert refused.json()["error"]["code"] == code
        body = {"old": password, "new": "long enough now"}
        assert (await here.http.put("/api/me/password", json=body)).status_code == 204
        assert (await here.http.get("/api/me")).status_code == 200
        assert (await elsewhere.http.get("/api/me")).status_code == 401
    async with Desk.signed_in(desk.base, email, "long enough now") as again:
        assert (await again.http.get("/api/me")).status_code == 200


async def test_the_last_admin_stays(desk: Desk) -> None:
    found = await rows(desk)
    others = [id_ for id_, row in found.items() if row["role"] == "admin" and id_ != desk.id]
    for id_ in others:  # of other tests
        await desk.http.patch(f"/api/staff/{id_}", json={"disabled": True})
    for change in ({"disabled": True}, {"role": "agent"}):
        answer = await desk.http.patch(f"/api/staff/{desk.id}", json=change)
        assert answer.status_code == 409
        assert answer.json()["error"]["code"] == "last_admin"
    assert (await desk.http.get("/api/me")).json()["agent"]["role"] == "admin"


async def test_what_is_no_colleague_is_refused_in_words(desk: Desk) -> None:
    _id, email, _password = await invited(desk)
    for body, code in [
        ({"email": email.upper(), "name": "twice"}, "exists"),
        ({"email": "no address", "name": "Jun"}, "bad_request"),
        ({"email": "jun@example.com", "name": "  "}, "bad_name"),
        ({"email": "jun@example.com", "name": "Jun", "role": "king"}, "bad_request"),
    ]:
        answer = await desk.http.post("/api/staff", json=body)
        assert answer.status_code in (409, 422)
        assert answer.json()["error"]["code"] == code, body
    answer = await desk.http.patch(f"/api/staff/{new_id()}", json={"name": "nobody"})
    assert answer.json()["error"]["code"] == "agent_not_found"
