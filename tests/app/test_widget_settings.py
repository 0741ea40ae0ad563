"""What the owner decides about the widget, and customers whom the host site vouches for."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio
from app_client import PATIENCE_S, Customer, Desk
from conftest import IDENTITY_SECRET

from app.hours import OfficeHours


@pytest_asyncio.fixture
async def http(base: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Accept-Language": "en"}
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_S, headers=headers) as client:
        yield client


@pytest_asyncio.fixture
async def settings(desk: Desk) -> AsyncIterator[dict[str, Any]]:
    """As they are, and put back afterwards: the server is shared."""
    found: dict[str, Any] = (await desk.http.get("/api/widget/settings")).json()
    yield found
    await desk.http.delete("/api/widget/settings")


async def save(desk: Desk, settings: dict[str, Any], **changed: Any) -> httpx.Response:
    body = {"settings": settings["settings"] | changed, "revision": settings["revision"]}
    return await desk.http.put("/api/widget/settings", json=body)


async def test_what_the_owner_saves_is_what_the_widget_is_told(
    desk: Desk, second_desk: Desk, settings: dict[str, Any], http: httpx.AsyncClient
) -> None:
    proposal = {
        "id": "cart",
        "page": "/cart*",
        "after_s": 5,
        "words": {"zh": "要帮忙吗", "en": "?"},
    }
    changed = {
        "color": "#7b2d8e",
        "title": {"zh": "小店", "en": "The Shop"},
        "proposals": [proposal, proposal | {"id": "off", "enabled": False}],
        "holidays": [{"first": "2020-01-01", "last": "2099-12-31", "name": "long"}],
    }
    saved = await save(desk, settings, **changed)
    assert saved.status_code == 200, saved.text
    config = (await http.get("/api/widget/config")).json()
    assert (config["color"], config["title"]["en"]) == ("#7b2d8e", "The Shop")
    assert config["office_open"] is False, "it is a holiday"
    assert config["prechat"] is None

    late = await save(second_desk, settings, color="#000000")
    assert late.status_code == 403, "no admin"
    stale = await save(desk, settings, color="#000000")
    assert stale.json()["error"]["code"] == "settings_changed"
    for wrong in (
        {"color": "red; } * { display: none"},
        {"office_hours": "whenever"},
        {"timezone": "Mars/Olympus"},
        {"proposals": [proposal | {"page": "*a*a*a*a*a*"}]},
        {"holidays": [{"first": "2026-10-07", "last": "2026-10-01"}]},
        {"unknown": 1},
    ):
        assert (await save(desk, saved.json(), **wrong)).status_code == 422, wrong
    preview = await desk.http.post("/api/widget/preview", json=saved.json()["settings"])
    assert preview.json()["color"] == "#7b2d8e"
    assert (await http.post("/api/widget/preview", json={})).status_code == 401
    assert (await http.get("/api/widget/settings")).status_code == 401

    reset = (await desk.http.delete("/api/widget/settings")).json()
    assert reset["revision"] > saved.json()["revision"]
    assert (await http.get("/api/widget/config")).json()["color"] == settings["settings"]["color"]


async def test_nobody_is_queued_on_a_holiday(
    customer: Customer, desk: Desk, settings: dict[str, Any]
) -> None:
    await save(desk, settings, holidays=[{"first": "2020-01-01", "last": "2099-12-31"}])
    async with desk.talk(), customer.talk() as talk:
        await talk.emit({"type": "request_human"})
        await talk.notice("ticket")


async def test_answers_before_the_chat_reach_the_agent(
    customer: Customer, desk: Desk, settings: dict[str, Any], http: httpx.AsyncClient
) -> None:
    questions = [
        {"key": "name", "label": {"zh": "姓名", "en": "Name"}, "required": True},
        {"key": "email", "kind": "email", "label": {"zh": "邮箱", "en": "E-mail"}},
        {
            "key": "topic",
            "kind": "choice",
            "label": {"zh": "主题", "en": "Topic"},
            "choices": [{"zh": "退货", "en": "Returns"}],
        },
    ]
    await save(desk, settings, prechat={"enabled": True, "questions": questions})
    asked = (await http.get("/api/widget/config")).json()["prechat"]
    assert [question["key"] for question in asked["questions"]] == ["name", "email", "topic"]

    async def tell(**answers: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {customer.token}"}
        return await http.post("/api/visitor/details", json={"answers": answers}, headers=headers)

    assert (await tell(email="a@b.example")).json()["error"]["code"] == "detail_missing"
    assert (await tell(name="Mei", email="nonsense")).json()["error"]["code"] == "detail_wrong"
    assert (await tell(name="Mei", topic="Other")).json()["error"]["code"] == "detail_wrong"
    assert (await tell(name="Mei", is_admin="1")).status_code == 422
    assert (await tell(name="Mei", email="mei@b.example", topic="Returns")).status_code == 204
    seen = (await desk.http.get(f"/api/conversations/{customer.conversation_id}")).json()
    assert (seen["visitor"]["name"], seen["visitor"]["email"]) == ("Mei", "mei@b.example")
    assert [detail["value"] for detail in seen["visitor"]["details"]][-1] == "Returns"
    assert seen["conversation"]["visitor_name"] == "Mei"
    assert seen["visitor"]["verified_id"] is None


def signed(secret: str = IDENTITY_SECRET, **claims: Any) -> dict[str, str]:
    claims = {"sub": f"u{secrets.token_hex(4)}", "exp": time.time() + 7200, **claims}
    return {"jwt": jwt.encode({k: v for k, v in claims.items() if v is not None}, secret)}


async def arrive(http: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await http.post("/api/visitor/session", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_verified_customer_finds_the_history_on_every_device(
    base: str, desk: Desk, http: httpx.AsyncClient
) -> None:
    anonymous = await Customer.arrive(base)
    async with anonymous.talk() as talk:
        await talk.send("said before I signed in")
        await talk.message("bot")
    proof = signed(sub="customer-7", name="林梅", email="mei@example.com")
    phone = Customer(base, await arrive(http, token=anonymous.token, identity=proof))
    assert phone.conversation_id == anonymous.conversation_id
    assert phone.token != anonymous.token
    laptop = Customer(base, await arrive(http, identity=signed(sub="customer-7")))
    assert (laptop.id, laptop.token == phone.token) == (phone.id, False)
    for device in (phone, laptop):
        async with device.talk() as talk:
            await talk.message("visitor", "said before I signed in")
            assert (await talk.send(f"from {device.token[:4]}"))["type"] == "ack"
    seen = (await desk.http.get(f"/api/conversations/{phone.conversation_id}")).json()
    assert seen["visitor"]["verified_id"] == "customer-7"
    assert (seen["visitor"]["name"], seen["visitor"]["email"]) == ("林梅", "mei@example.com")

    hashed = hmac.new(IDENTITY_SECRET.encode(), b"customer-7", hashlib.sha256).hexdigest()
    by_hash = await arrive(http, identity={"user_id": "customer-7", "user_hash": hashed})
    assert by_hash["visitor_id"] == phone.id
    async with anonymous.talk() as talk:  # the old token still is nobody in particular
        assert talk.messages == []
    assert (await arrive(http, token=anonymous.token))["visitor_id"] != phone.id


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        (signed("another secret of more than 32 characters"), "identity_invalid"),
        (signed(exp=time.time() - 60), "identity_expired"),
        (signed(exp=None), "identity_invalid"),
        (signed(sub=None), "identity_invalid"),
        (signed(sub=""), "identity_invalid"),
        (
            {"jwt": jwt.encode({"sub": "a", "exp": time.time() + 7200}, None, "none")},
            "identity_invalid",
        ),
        ({"jwt": "no token"}, "identity_invalid"),
        ({"user_id": "customer-7", "user_hash": "0" * 64}, "identity_invalid"),
        ({"user_id": "", "user_hash": ""}, "identity_invalid"),
    ],
)
async def test_a_forged_identity_opens_nothing(
    http: httpx.AsyncClient, identity: dict[str, str], code: str
) -> None:
    answer = await http.post("/api/visitor/session", json={"identity": identity})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
    assert "token" not in answer.json()


def test_holidays_are_no_office_hours() -> None:
    holiday = (datetime(2026, 10, 1).date(), datetime(2026, 10, 7).date())
    hours = OfficeHours.parse("Mo-Su 09:00-18:00", "Asia/Shanghai", [holiday])
    before = datetime(2026, 9, 30, 12, tzinfo=UTC)  # eight in the evening in Shanghai
    assert not hours.open_at(datetime(2026, 10, 3, 4, tzinfo=UTC))
    assert hours.open_at(datetime(2026, 10, 8, 4, tzinfo=UTC))
    assert hours.next_opening(before) == datetime(2026, 10, 8, 1, tzinfo=UTC)


async def test_what_is_said_aloud_comes_back_to_be_read(
    customer: Customer, http: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {customer.token}", "Accept-Language": "en"}

    async def say(recording: bytes, language: str = "en") -> httpx.Response:
        return await http.post(
            "/api/visitor/speech", params={"language": language}, content=recording, headers=headers
        )

    assert (await http.get("/api/widget/config")).json()["voice_input"] is True
    said = await say(b"\x40" * 16_000, "zh")
    assert said.json() == {"text": "16000 samples", "language": "zh"}
    assert (await say(b"\0" * 16_000)).json()["text"] == "", "silence"
    assert (await say(b"\x40" * 100)).json()["text"] == "", "a tap"
    for wrong in (b"", b"not sound at all"):
        assert (await say(wrong)).json()["error"]["code"] == "sound_damaged"
    assert (await say(b"\x40" * 2_000_000)).status_code == 413
    assert not await kept_messages(http, headers), "nothing is sent by itself"


async def kept_messages(http: httpx.AsyncClient, headers: dict[str, str]) -> list[Any]:
    found: list[Any] = (await http.get("/api/visitor/messages", headers=headers)).json()["items"]
    return found
