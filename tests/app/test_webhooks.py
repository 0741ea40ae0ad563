"""Other programs are told what happens: signed, at least once, and never at an inside address."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from app_client import PATIENCE_S, Customer, Desk
from app_receiver import Receiver
from conftest import Server

from app.db import Database
from app.models import WebhookDelivery, now

EVERYTHING = [
    "conversation.opened",
    "conversation.assigned",
    "conversation.closed",
    "conversation.rated",
    "handoff.requested",
    "message.created",
]


async def add(desk: Desk, url: str, *events: str) -> tuple[str, str]:
    """(address of its REST, secret)."""
    body = {"name": "客户系统", "url": url, "events": list(events or EVERYTHING)}
    answer = await desk.http.post("/api/webhooks", json=body)
    assert answer.status_code == 201, answer.text
    return f"/api/webhooks/{answer.json()['id']}", answer.json()["secret"]


async def row_of(desk: Desk, at: str) -> dict[str, Any]:
    items = (await desk.http.get("/api/webhooks")).json()["items"]
    return next(row for row in items if at.endswith(row["id"]))


async def test_a_program_hears_of_a_chat_from_its_opening_to_its_rating(
    desk: Desk, receiver: Receiver
) -> None:
    at, secret = await add(desk, receiver.url)
    customer = await Customer.arrive(desk.base, name="王芳", email="wang@example.com")
    async with customer.talk() as talk:
        await talk.send("hello")
        await talk.message("bot")
        await talk.send("human please")
        await talk.of_type("owner_changed", owner="queued")
        assert (await desk.act(customer.conversation_id, "claim")).status_code == 200
        assert (await desk.act(customer.conversation_id, "close")).status_code == 200
        await talk.emit({"type": "rate", "stars": 5, "comment": "很好"})
        heard = await receiver.until(lambda all_: {h.told["type"] for h in all_} == set(EVERYTHING))
    assert all(h.is_signed_with(secret) for h in heard)
    assert not heard[0].is_signed_with("whsec_" + "A" * 44)
    assert len({h.id for h in heard}) == len(heard)
    by_type = {h.told["type"]: h.told["data"] for h in heard}
    conversation = by_type["conversation.rated"]["conversation"]
    assert conversation["id"] == customer.conversation_id
    assert conversation["customer"]["name"] == "王芳"
    assert conversation["customer"]["email"] == "wang@example.com"
    assert (conversation["rating"], conversation["rating_comment"]) == (5, "很好")
    assert by_type["conversation.assigned"]["agent_name"] == desk.name
    assert by_type["handoff.requested"]["reason"] == "requested"
    assert by_type["conversation.opened"]["again"] is False
    texts = {
        (h.told["data"]["message"]["author"], h.told["data"]["message"]["content"]["text"])
        for h in heard
        if h.told["type"] == "message.created"
    }
    assert ("visitor", "hello") in texts
    assert ("bot", "echo: hello") in texts

    log = (await desk.http.get(f"{at}/deliveries", params={"limit": 2})).json()
    assert len(log["items"]) == 2
    assert log["next"] == log["items"][1]["id"]
    older = await desk.http.get(f"{at}/deliveries", params={"before": log["next"], "limit": 200})
    assert {d["id"] for d in [*log["items"], *older.json()["items"]]} >= {h.id for h in heard}
    assert (await desk.http.delete(at)).status_code == 204


async def test_what_fails_is_tried_again_under_the_same_id_and_can_be_sent_anew(
    desk: Desk, receiver: Receiver, shared_server: Server
) -> None:
    receiver.answer = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
    at, _ = await add(desk, receiver.url, "conversation.opened")
    customer = await Customer.arrive(desk.base)
    async with customer.talk() as talk:
        await talk.send("hello")
    await receiver.until(lambda all_: bool(all_))
    first = await logged(desk, at, lambda d: d["status"] == 500)
    assert (first["state"], first["error"]) == ("pending", "answer_status")
    again = f"{at}/deliveries/{first['id']}/resend"
    assert (await desk.http.post(again)).json()["error"]["code"] == "webhook_still_owed"

    receiver.answer = Receiver.answer
    database = Database(shared_server.database_url)
    due = sa.update(WebhookDelivery).where(WebhookDelivery.id == first["id"]).values(next_at=now())
    await database.write(lambda s: s.execute(due))
    await database.close()
    done = await logged(desk, at, lambda d: d["state"] == "delivered")
    assert done["id"] == first["id"] == receiver.heard[-1].id
    assert done["attempts"] == 2

    before = len(receiver.heard)
    assert (await desk.http.post(again)).status_code == 204
    await receiver.until(lambda all_: len(all_) > before)
    assert receiver.heard[-1].id == first["id"]
    await desk.http.delete(at)


async def logged(desk: Desk, at: str, wanted: Any) -> dict[str, Any]:
    """The newest delivery, once it is so."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items = (await desk.http.get(f"{at}/deliveries")).json()["items"]
            if items and wanted(items[0]):
                found: dict[str, Any] = items[0]
                return found
            await asyncio.sleep(0.05)


async def test_the_test_button_tells_what_came_of_it(desk: Desk, receiver: Receiver) -> None:
    at, old = await add(desk, receiver.url)
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (True, 204, None)
    assert receiver.heard[-1].told["type"] == "webhook.test"
    new = (await desk.http.post(f"{at}/secret")).json()["secret"]
    receiver.answer = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (False, 302, "answer_status")
    assert len(receiver.heard) == 2, "a redirect is not followed"
    assert receiver.heard[-1].is_signed_with(new)
    assert receiver.heard[-1].is_signed_with(old), "who has not heard of the new one yet"
    await desk.http.post(f"{at}/secret")
    await desk.http.post(f"{at}/test")
    assert receiver.heard[-1].is_signed_with(new)
    assert not receiver.heard[-1].is_signed_with(old), "a second renewal ends it"
    changed = await desk.http.patch(at, json={"url": "http://127.0.0.1:9/", "enabled": False})
    assert changed.status_code == 200, changed.text
    tried = (await desk.http.post(f"{at}/test")).json()
    assert (tried["delivered"], tried["error"]) == (False, "not_reached")
    assert (await row_of(desk, at))["enabled"] is False
    secret_again = (await desk.http.get("/api/webhooks")).text
    assert new not in secret_again
    await desk.http.delete(at)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://localhost:8000/", "webhook_inside"),
        ("http://[::1]/", "webhook_inside"),
        ("https://[::ffff:10.0.0.1]/", "webhook_inside"),
        ("https://169.254.169.254/latest/meta-data", "webhook_inside"),
        ("https://192.168.1.1", "webhook_inside"),
        ("https://db.internal/", "webhook_inside"),
        ("ftp://example.com/", "webhook_bad_url"),
        ("https://", "webhook_bad_url"),
        ("https://user:password@example.com/", "webhook_bad_url"),
        ("https://example.com:99999/", "webhook_bad_url"),
        ("https://example.com/a b", "webhook_bad_url"),
        ("file:///etc/passwd", "webhook_bad_url"),
        ("https://example.com/\r\nX: y", "webhook_bad_url"),
        ("https://[nonsense", "webhook_bad_url"),
    ],
)
async def test_what_is_no_address_outside_is_refused(desk: Desk, url: str, code: str) -> None:
    body = {"name": "x", "url": url, "events": ["message.created"]}
    refused = await desk.http.post("/api/webhooks", json=body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, code)


# --- addresses ------------------------------------------------------------------------------


async def test_only_admins_and_only_known_events(desk: Desk) -> None:
    url = "https://example.com/"
    for body in (
        {},
        {"name": "x", "url": url, "events": []},
        {"name": "x", "url": url, "events": ["everything"]},
        {"name": " ", "url": url, "events": ["message.created"]},
    ):
        refused: httpx.Response = await desk.http.post("/api/webhooks", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["error"]["words"]
    assert (await desk.http.post(f"/api/webhooks/{'0' * 32}/test")).status_code == 404
