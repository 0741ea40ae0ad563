"""Humans at the desk: queue, claims, races with the bot, giving back, tickets."""

from __future__ import annotations

import asyncio

from app_client import Customer, Desk


async def test_a_human_takes_over_and_gives_back(customer: Customer, desk: Desk) -> None:
    async with desk.talk() as agent, customer.talk() as talk:
        await asyncio.sleep(0.2)
        await talk.send("human please")
        await talk.notice("queued")
        answer = await desk.act(customer.conversation_id, "claim")
        assert answer.json()["conversation"]["owner"] == "agent"
        await talk.of_type("owner_changed", owner="agent")
        await talk.send("hello human")
        ack = await agent.send("hello customer", conversation_id=customer.conversation_id)
        assert ack["type"] == "ack", ack
        await talk.message("agent", "hello customer")
        await desk.act(customer.conversation_id, "hand_back")
        await talk.of_type("owner_changed", owner="bot")
        await talk.send("hello bot")
        await talk.message("bot", "echo: hello bot")
    assert not [m for m in talk.messages if "hello human" in m["content"]["text"]][1:]


async def test_the_bot_is_silent_after_a_claim(customer: Customer, desk: Desk) -> None:
    async with customer.talk() as talk:
        await talk.send("slow 1 and answer")
        await talk.of_type("typing", on=True)
        assert (await desk.act(customer.conversation_id, "claim")).status_code == 200
        joined = await talk.notice("agent_joined")
        await asyncio.sleep(1.5)
        await talk.send("still there?")
    assert not [
        m for m in talk.messages if m["author"]["type"] == "bot" and m["seq"] > joined["seq"]
    ]


async def test_of_two_agents_one_wins(customer: Customer, desk: Desk, second_desk: Desk) -> None:
    async with customer.talk() as talk:
        await talk.send("human please")
        await talk.of_type("owner_changed", owner="queued")
    answers = await asyncio.gather(
        *(who.act(customer.conversation_id, "claim") for who in (desk, second_desk))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json()["error"]["code"] == "already_claimed"


async def test_nobody_there_leaves_a_ticket_with_a_promise(customer: Customer, desk: Desk) -> None:
    await desk.http.put("/api/me/availability", json={"available": False})
    try:
        async with customer.talk() as talk:
            await talk.emit({"type": "request_human"})
            await talk.notice("ticket")
    finally:
        await desk.http.put("/api/me/availability", json={"available": True})
    detail = (await desk.http.get(f"/api/conversations/{customer.conversation_id}")).json()
    assert detail["handoff"]["promised_at"]


async def test_a_human_s_customer_is_told_in_the_language_they_write(
    customer: Customer, desk: Desk
) -> None:
    async with customer.talk() as talk:
        await talk.send("human 您好")
        await talk.of_type("owner_changed", owner="queued")
        await desk.act(customer.conversation_id, "claim")
        assert "为您服务" in (await talk.notice("agent_joined"))["content"]["text"]
        await talk.send("sorry, could we go on in English?")
        await talk.send("OK 7")  # is said in any language
        await desk.act(customer.conversation_id, "close")
        assert "has ended" in (await talk.notice("closed"))["content"]["text"]
