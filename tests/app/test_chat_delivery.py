"""What a client may rely on: acknowledgement, order, resume, idempotence."""

from __future__ import annotations

import asyncio

from app_client import Customer, Desk, check_history, new_client_id

from app.chat.bursts import Burst
from app.chat.hints import TypingNow


async def test_a_message_is_acknowledged_answered_and_seen_in_order(customer: Customer) -> None:
    async with customer.talk() as talk:
        ack = await talk.send("hello there")
        assert ack["type"] == "ack"
        assert ack["seq"] == 1
        reply = await talk.message("bot")
        assert reply["content"]["text"] == "echo: hello there"
        assert reply["seq"] == 2
    assert [m["seq"] for m in talk.messages] == [1, 2]


async def test_the_same_id_fifty_times_at_once_is_one_message(customer: Customer) -> None:
    id_ = new_client_id()
    async with asyncio.TaskGroup() as tasks:

        async def once() -> dict[str, object]:
            async with customer.talk() as talk:
                return await talk.send("only once", id_)

        sends = [tasks.create_task(once()) for _ in range(50)]
    acks = [send.result() for send in sends]
    assert {(ack["type"], ack["seq"], ack["message_id"]) for ack in acks} == {
        ("ack", 1, acks[0]["message_id"])
    }
    async with customer.talk() as talk:
        await talk.message("bot", "echo: only once")
    assert [m["author"]["type"] for m in talk.messages] == ["visitor", "bot"]


async def test_another_body_under_the_same_id_is_a_conflict(customer: Customer) -> None:
    id_ = new_client_id()
    async with customer.talk() as talk:
        first = await talk.send("this", id_)
        other = await talk.send("that", id_)
        assert other["type"] == "nack"
        assert other["code"] == "conflict"
        assert (await talk.send("this", id_))["message_id"] == first["message_id"]


async def test_resume_at_every_cut_gives_what_was_missed(customer: Customer) -> None:
    async with customer.talk() as talk:
        for n in range(6):
            await talk.send(f"message {n}")
            await talk.message("bot", f"echo: message {n}")
    everything = talk.messages
    assert len(everything) == 12
    for cut in range(13):
        async with customer.talk(last_seq=cut, epoch=customer.epoch) as again:
            if cut < 12:
                await again.until(lambda e: e["type"] == "message" and e["message"]["seq"] == 12)
            else:
                await again.send("one more")
        assert [m["id"] for m in again.messages][: 12 - cut] == [
            m["id"] for m in everything[cut:]
        ], f"resumed after {cut}"
        assert "reset" not in {event["type"] for event in again.heard}


async def test_a_client_from_another_history_is_reset(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("hello")
        await talk.message("bot")
    for last_seq, epoch in ((1, "0" * 32), (40, customer.epoch)):
        async with customer.talk(last_seq=last_seq, epoch=epoch) as again:
            await again.of_type("reset")
            await again.message("bot")
            assert [m["seq"] for m in again.messages] == [1, 2]


async def test_two_tabs_and_the_agent_see_one_order(customer: Customer, desk: Desk) -> None:
    async with customer.talk() as one, customer.talk() as two, desk.talk() as agent:
        await agent.emit(
            {"type": "watch", "conversation_id": customer.conversation_id, "last_seq": 0}
        )

        async def chatter(talk: object, name: str) -> dict[str, int]:
            acked = {}
            for n in range(10):
                id_ = new_client_id()
                acked[id_] = (await talk.send(f"{name} {n}", id_))["seq"]  # type: ignore[attr-defined]
            return acked

        first, second = await asyncio.gather(chatter(one, "a"), chatter(two, "b"))
        await one.send("the last")
        await one.until(
            lambda e: (
                e["type"] == "message"
                and e["message"]["author"]["type"] == "bot"
                and "the last" in e["message"]["content"]["text"]
            )
        )
        final = one.messages[-1]["seq"]
        for talk in (two, agent):
            await talk.until(lambda e: e["type"] == "message" and e["message"]["seq"] == final)
    orders = [[m["id"] for m in talk.messages] for talk in (one, two, agent)]
    assert orders[0] == orders[1] == orders[2]
    check_history(one.messages, {**first, **second})


async def test_what_is_typed_while_an_action_runs_is_merged_into_the_next(
    customer: Customer,
) -> None:
    async with customer.talk() as talk:
        await talk.send("slow 0.6 first")
        for text in ("second", "third"):
            await talk.send(text)
        await talk.message("bot", "echo: slow 0.6 first")
        merged = await talk.message("bot")
        assert merged["content"]["text"] == "echo: second\nthird"


async def test_a_tap_between_words_stays_a_tap(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("slow 0.6 first")
        await talk.send("second")
        await talk.send("Pay now", payload="/pay")
        for text in ("third", "fourth"):
            await talk.send(text)
        for answer in ("slow 0.6 first", "second", "/pay", "third\nfourth"):
            said = await talk.message("bot")
            assert said["content"]["text"] == f"echo: {answer}"


async def test_a_burst_is_answered_once(customer: Customer) -> None:
    async with customer.talk() as talk:
        parts = [f"think 0.3 of part {n}" for n in range(4)]  # what takes no time may be answered
        for part in parts:
            await talk.emit_message(part)
        answer = await talk.message("bot")
        assert answer["content"]["text"].removeprefix("echo: ").split("\n") == parts
    assert [m["author"]["type"] for m in talk.messages] == ["visitor"] * 4 + ["bot"]


async def test_who_writes_again_is_not_kept_waiting_by_the_first_answer(
    customer: Customer,
) -> None:
    async with customer.talk() as talk:
        await talk.send("hang")
        await talk.of_type("typing", who="bot", on=True)
        await talk.send("no")
        await talk.message("bot", "echo: hang\nno")


async def test_who_is_seen_to_write_is_waited_for_until_they_stop() -> None:
    burst = Burst()
    await burst.quiet()
    burst.hear(TypingNow(conversation_id="c", who="visitor", on=True))
    waiting = asyncio.create_task(burst.quiet())
    await asyncio.sleep(0)
    assert not waiting.done()
    burst.hear(TypingNow(conversation_id="c", who="visitor", on=False))
    await waiting


async def test_what_is_said_before_a_long_step_is_told_before_it_ends(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("both 1")
        await talk.message("bot", "at once")
        await talk.of_type("typing", who="bot", on=True)
        await talk.send("meanwhile")
        await talk.message("bot", "in the end")
        await talk.message("bot", "echo: meanwhile")
    order = [m["content"]["text"] for m in talk.messages]
    assert order == ["both 1", "at once", "meanwhile", "in the end", "echo: meanwhile"]


async def test_a_reply_is_streamed_and_final_as_a_message(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("stream please")
        final = await talk.message("bot", "one two three")
    partials = [e["text"] for e in talk.heard if e["type"] == "partial"]
    assert partials
    assert all(final["content"]["text"].startswith(text) for text in partials)


async def test_who_writes_on_while_a_reply_is_written_is_answered_once_and_on_all(
    customer: Customer,
) -> None:
    async with customer.talk() as talk:
        await talk.send("stream please")
        await talk.of_type("partial")
        await talk.send("and quickly")
        answer = await talk.message("bot")
        assert answer["content"]["text"] == "one two three"
        said = [m["content"]["text"] for m in talk.messages if m["author"]["type"] == "bot"]
        assert len(said) == 1


async def test_cancel_stops_a_reply(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("slow 30 please")
        await talk.of_type("typing", on=True)
        await talk.emit({"type": "cancel"})
        await talk.of_type("typing", on=False)
        await talk.send("and now")
        await talk.message("bot", "echo: and now")
    assert [m["content"]["text"] for m in talk.messages if m["author"]["type"] == "bot"] == [
        "echo: and now"
    ]


async def test_a_failing_turn_ends_in_an_apology_and_a_human(customer: Customer) -> None:
    async with customer.talk() as talk:
        await talk.send("fail now")
        apology = await talk.message("bot")
        assert "Sorry" in apology["content"]["text"]
        assert "RuntimeError" not in apology["content"]["text"]
        changed = await talk.of_type("owner_changed")
        assert changed["owner"] == "queued"


async def test_an_overloaded_engine_is_told_kindly_and_waited_out(customer: Customer) -> None:
    async with customer.talk() as talk:
        ack = await talk.send("busy bee")
        assert ack["type"] == "ack"
        trouble = await talk.of_type("error")
        assert trouble["code"] == "overloaded"
        assert "safe" in trouble["words"]
        await talk.message("bot", "echo: busy bee")


async def test_feedback_rating_and_read_marks_are_kept(customer: Customer, desk: Desk) -> None:
    async with customer.talk() as talk:
        await talk.send("hello")
        reply = await talk.message("bot")
        await talk.emit({"type": "feedback", "message_id": reply["id"], "value": "up"})
        await talk.emit({"type": "rate", "stars": 5, "comment": "好"})
        await talk.emit({"type": "read", "seq": 2})
        await talk.send("done")
        detail = await desk.http.get(f"/api/conversations/{customer.conversation_id}")
        assert detail.json()["conversation"]["rating"] == 5
        messages = await desk.http.get(f"/api/conversations/{customer.conversation_id}/messages")
        by_id = {m["id"]: m for m in messages.json()["items"]}
        assert by_id[reply["id"]]["feedback"] == "up"


async def test_why_is_kept_with_the_turn(customer: Customer, desk: Desk) -> None:
    async with customer.talk() as talk:
        await talk.send("hello there")
        reply = await talk.message("bot")
    why = (
        await desk.http.get(f"/api/conversations/{customer.conversation_id}/turns/{reply['id']}")
    ).json()
    assert why["understanding"]["intent"]["name"] == "hello"
    assert why["trace"]["route"] == "rule"
