"""An agent's tools by the doors: notes, triage, search, views, assignment, corrections."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from app_client import Customer, Desk

from app.handoff.assignment import Free, Need, choose
from nlu.data import load_data


async def change(desk: Desk, customer: Customer, **fields: Any) -> dict[str, Any]:
    answer = await desk.http.patch(f"/api/conversations/{customer.conversation_id}", json=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["conversation"]
    return found


async def listed(desk: Desk, **query: Any) -> list[str]:
    answer = await desk.http.get("/api/conversations", params=query)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["items"]]


async def test_a_note_calls_its_agent_and_never_reaches_the_customer(
    customer: Customer, desk: Desk, second_desk: Desk
) -> None:
    id_, secret = customer.conversation_id, f"private {secrets.token_hex(6)}"
    async with customer.talk() as talk, desk.talk() as agent, second_desk.talk() as other:
        await talk.send("echo one")
        await talk.message("bot")
        await agent.emit({"type": "watch", "conversation_id": id_})
        await agent.of_type("message")
        body = {"text": f"{secret} @Second", "mentions": [second_desk.id]}
        written = await desk.http.post(f"/api/conversations/{id_}/notes", json=body)
        assert written.status_code == 201, written.text
        assert (await agent.of_type("note"))["note"]["text"] == body["text"]
        called = await other.of_type("mentioned")
        assert called["note"]["conversation_id"] == id_
        assert id_ in await listed(second_desk, view="mentioned")
        await second_desk.http.post(f"/api/conversations/{id_}/mentions/read")
        assert id_ not in await listed(second_desk, view="mentioned")
        note_id = written.json()["id"]
        foreign = await second_desk.http.put(f"/api/notes/{note_id}", json={"text": "mine now"})
        assert foreign.status_code == 403
        await talk.send("echo two")
        last = await talk.message("bot", "echo: echo two")
    async with customer.talk() as again:  # the whole history, from the start
        while (await again.of_type("message"))["message"]["seq"] < last["seq"]:
            pass
    bearer = {"Authorization": f"Bearer {customer.token}"}
    rest = await desk.http.get("/api/visitor/messages", headers=bearer)
    everything = orjson.dumps([talk.heard, again.heard, rest.json()]).decode()
    assert "echo two" in everything
    assert secret not in everything
    seqs = [message["seq"] for message in again.messages]
    assert seqs == list(range(1, len(seqs) + 1)), "a note takes no place among the messages"
    refused = await desk.http.get(f"/api/conversations/{id_}/notes", headers={"Cookie": ""})
    assert refused.status_code == 401


async def test_urgent_goes_first_and_a_snoozed_chat_comes_back_by_itself(
    base: str, desk: Desk
) -> None:
    first, second = [await Customer.arrive(base) for _ in range(2)]
    for one in (first, second):
        async with one.talk() as talk:
            await talk.emit({"type": "request_human"})
            await talk.of_type("owner_changed", owner="queued")
    mine = [first.conversation_id, second.conversation_id]
    assert [id_ for id_ in await listed(desk, view="queued", limit=100) if id_ in mine] == mine
    tag = f"退款 {secrets.token_hex(3)}"
    row = await change(desk, second, priority="urgent", tags=[tag, tag])
    assert (row["priority"], row["tags"]) == ("urgent", [tag])
    queue = await listed(desk, view="queued", limit=100)
    assert [id_ for id_ in queue if id_ in mine] == mine[::-1]
    assert await listed(desk, view="all", tag=tag) == [second.conversation_id]
    assert tag in (await desk.http.get("/api/desk")).json()["tags"]

    await desk.act(second.conversation_id, "claim")
    async with desk.talk() as agent:
        until = datetime.now(UTC) + timedelta(seconds=5)
        await change(desk, second, snoozed_until=until.isoformat())
        assert second.conversation_id in await listed(desk, view="snoozed")
        assert second.conversation_id not in await listed(desk, view="mine")
        await agent.until(
            lambda e: (
                e["type"] == "conversation"
                and e["conversation"]["id"] == second.conversation_id
                and e["conversation"]["snoozed_until"] is None
            )
        )
    assert second.conversation_id in await listed(desk, view="mine")
    assert (await change(desk, second, held=True))["held_at"]
    past = {"snoozed_until": "2020-01-01T00:00:00Z"}
    refused = await desk.http.patch(f"/api/conversations/{second.conversation_id}", json=past)
    assert refused.status_code == 422
    for one in (first, second):
        await desk.act(one.conversation_id, "close")


async def test_the_reply_clock_runs_from_asking_to_the_first_word(
    customer: Customer, desk: Desk
) -> None:
    async with customer.talk() as talk, desk.talk() as agent:
        await talk.emit({"type": "request_human"})
        await talk.of_type("owner_changed", owner="queued")
        await desk.act(customer.conversation_id, "claim")
        waiting = await agent.until(
            lambda e: (
                e["type"] == "conversation"
                and e["conversation"]["id"] == customer.conversation_id
                and e["conversation"]["owner"] == "agent"
            )
        )
        assert waiting["conversation"]["awaiting_since"]
        assert not waiting["conversation"]["responded"]
        await agent.send("here I am", conversation_id=customer.conversation_id)
        answered = await change(desk, customer)
        assert answered["awaiting_since"] is None
        assert answered["responded"]
        await talk.send("thank you")
        assert (await change(desk, customer))["awaiting_since"]
        await desk.act(customer.conversation_id, "close")
        assert (await change(desk, customer))["human_since"] is None


async def test_search_finds_chinese_and_english_in_all_messages(base: str, desk: Desk) -> None:
    mark = secrets.token_hex(4)
    customer = await Customer.arrive(base, name="Search")
    async with customer.talk() as talk:
        for text in (f"我想申请退款，单号 A{mark}", f"Where is parcel {mark}？", "别的话"):
            await talk.send(text)
            await talk.message("bot")
        regretted = (await talk.send(f"my pin is {mark}"))["message_id"]
        await talk.emit({"type": "recall", "message_id": regretted})
        await talk.until(lambda e: e["type"] == "message" and e["message"]["content"]["recalled"])

    async def found(q: str) -> list[str]:
        answer = await desk.http.get("/api/search", params={"q": q})
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        return [
            i["message"]["content"]["text"]
            for i in items
            if customer.id == i["message"]["author"]["id"]
        ]

    assert await found(f"退款 a{mark}") == [f"我想申请退款，单号 A{mark}"]
    assert await found(f"款退 a{mark}") == []
    assert await found(f"parcel {mark[:6]}") == [f"Where is parcel {mark}？"]
    assert await found(f"pin {mark}") == [], "what was taken back is found no more"
    assert await found("' OR \" * : -") == []
    assert (await desk.http.get("/api/search", params={"q": "\0"})).status_code == 422


async def test_a_view_is_kept_shared_and_its_owners_alone_to_change(
    desk: Desk, second_desk: Desk
) -> None:
    body = {"name": "急", "shared": True, "filters": {"view": "queued", "priority": "urgent"}}
    made = (await desk.http.post("/api/views", json=body)).json()
    shown = (await second_desk.http.get("/api/views")).json()["items"]
    assert [v["filters"]["priority"] for v in shown if v["id"] == made["id"]] == ["urgent"]
    assert (await second_desk.http.delete(f"/api/views/{made['id']}")).status_code == 403
    assert (await desk.http.delete(f"/api/views/{made['id']}")).status_code == 204


async def test_who_waits_is_given_to_an_agent_of_the_right_team_and_language(
    base: str, desk: Desk, second_desk: Desk
) -> None:
    rules = (await desk.http.get("/api/desk")).json()["rules"]
    team = (
        await desk.http.post(
            "/api/teams",
            json={
                "name": secrets.token_hex(4),
                "intents": ["human"],
                "agent_ids": [second_desk.id],
            },
        )
    ).json()
    denied = await second_desk.http.put("/api/desk/rules", json={**rules, "auto_assign": True})
    assert denied.status_code == 403
    await desk.http.put("/api/desk/rules", json={**rules, "auto_assign": True})
    try:
        async with desk.talk(), second_desk.talk():
            customer = await Customer.arrive(base)
            async with customer.talk() as talk:
                await talk.send("human please")
                moved = await talk.of_type("owner_changed", owner="agent")
                assert moved["agent_name"] == second_desk.name
            await second_desk.act(customer.conversation_id, "close")
    finally:
        await desk.http.put("/api/desk/rules", json=rules)
        await desk.http.delete(f"/api/teams/{team['id']}")


@pytest.mark.parametrize(
    ("need", "chosen"),
    [
        (Need("zh"), "idle"),
        (Need("en"), "english"),
        (Need("zh", skills=["refund"]), "skilled"),
        (Need("zh", not_agent_id="idle"), "skilled"),
        (Need("zh", team_id="t"), None),
    ],
)
def test_whose_turn_it_is(need: Need, chosen: str | None) -> None:
    there = [
        Free("full", load=2, cap=2),
        Free("idle", load=0, cap=5, languages=["zh"]),
        Free("skilled", load=3, cap=5, languages=["zh"], skills=["refund"]),
        Free("english", load=4, cap=5, languages=["en"]),
    ]
    found = choose(need, there, "least_loaded")
    assert (found.id if found else None) == chosen


async def test_a_supervisor_whispers_and_others_may_not(
    customer: Customer, desk: Desk, second_desk: Desk
) -> None:
    whisper = {"text": "offer a refund", "whisper": True}
    path = f"/api/conversations/{customer.conversation_id}/notes"
    async with customer.talk() as talk, second_desk.talk() as agent:
        await talk.emit({"type": "request_human"})
        await talk.of_type("owner_changed", owner="queued")
        assert (await desk.http.post(path, json=whisper)).status_code == 409
        await second_desk.act(customer.conversation_id, "claim")
        assert (await second_desk.http.post(path, json=whisper)).status_code == 403
        assert (await desk.http.post(path, json=whisper)).status_code == 201
        assert (await agent.of_type("mentioned"))["note"]["kind"] == "whisper"


async def test_a_correction_becomes_training_data(
    customer: Customer, desk: Desk, tmp_path: Path
) -> None:
    async with customer.talk() as talk:
        await talk.send("echo 😡 [退] A1002 吧")
        reply = await talk.message("bot")
    path = f"/api/conversations/{customer.conversation_id}/corrections"
    span = {"start": 11, "end": 16, "entity": "order_number"}
    body = {"message_id": reply["id"], "intent": "refund", "entities": [span]}
    answer = await desk.http.put(path, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["was_intent"] == "echo"
    wrong = {**body, "entities": [{**span, "end": 99}]}
    refused = await desk.http.put(path, json=wrong)
    assert refused.status_code == 422
    assert "99" in refused.json()["error"]["words"]
    out = tmp_path / "nlu.yml"
    out.write_text((await desk.http.get("/api/nlu/corrections.yml")).text, "utf-8")
    examples = [one for one in load_data(out).examples if "😡" in one.text]
    assert [(one.intent, one.text) for one in examples] == [("refund", "echo 😡 (退) A1002 吧")]
    assert [examples[0].text[s.start : s.end] for s in examples[0].entities] == ["A1002"]


async def test_the_customers_past_and_the_knowledges_suggestions(base: str, desk: Desk) -> None:
    customer = await Customer.arrive(base, name="Trail", page_url="https://shop.example/a")
    async with customer.talk(page_url="https://shop.example/b") as talk:
        await talk.send("How do I get an invoice?")
        await talk.message("bot")
    await asyncio.sleep(0)
    id_ = customer.conversation_id
    past = (await desk.http.get(f"/api/conversations/{id_}/customer")).json()
    assert [page["url"][-1] for page in past["trail"]] == ["b", "a"]
    assert past["earlier"] == []
    answer = await desk.http.get(f"/api/conversations/{id_}/suggestions")
    assert answer.status_code == 200, answer.text
    assert all(0 < one["score"] <= 1 and one["answer"] for one in answer.json()["items"])
    assert {one["audience"] for one in answer.json()["items"]} == {"everyone"}


async def test_without_a_large_model_the_desk_says_that_it_cannot_translate(desk: Desk) -> None:
    assert (await desk.http.get("/api/wording")).json() == {"available": False}
    refused = await desk.http.post("/api/wording/translate", json={"text": "退款到了", "to": "en"})
    assert refused.status_code == 422
    assert "LINGXI_GENERATION" in refused.json()["error"]["words"]
