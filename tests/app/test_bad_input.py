"""Whatever a client sends, it is answered in words, the socket lives on and nothing is lost."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from app_client import Customer, Desk, Talk, new_client_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from app.chat.agent_events import AgentRead, AgentSend, AgentTyping, Unwatch, Watch
from app.chat.events import (
    Cancel,
    Feedback,
    Hello,
    Rate,
    Read,
    RequestHuman,
    Send,
    SetVoice,
    Typing,
)
from app.config import DEVELOPMENT_AGENT

FAMILY = "👨‍👩‍👧‍👦🏳️‍🌈🇨🇳"
BIDI = "\u202eright to left\u202c \u2066isolated\u2069 zero\u200bwidth\ufeff"
CONTROLS = "".join(map(chr, [*range(1, 32), 127, 0x85, 0x2028, 0x2029]))
COMBINING = "Z̴̡̪̫͖a̷͙̰̩̣͗l̵̨̢͉g̴̟̈́o"
BEYOND_THE_PLANE = "\U00020bb7\U0010ffff\ufffe"


async def still_serves(talk: Talk) -> None:
    assert (await talk.send("still there?"))["type"] == "ack"
    await talk.message("bot", "echo: still there?")


async def answer(talk: Talk) -> dict[str, Any]:
    return await talk.until(lambda e: e["type"] in ("nack", "error"))


@pytest.mark.parametrize("text", [FAMILY, BIDI, f"a{CONTROLS}b", COMBINING, BEYOND_THE_PLANE])
async def test_odd_characters_come_back_exactly(customer: Customer, text: str) -> None:
    async with customer.talk() as talk:
        assert (await talk.send(text))["type"] == "ack"
        assert (await talk.message("visitor"))["content"]["text"] == text
        assert (await talk.message("bot"))["content"]["text"] == f"echo: {text}"
    async with customer.talk() as again:
        assert (await again.message("visitor"))["content"]["text"] == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\u3000\t", "empty"),
        ("字" * 100_000, "too_long"),
        ("😀" * 100_000, "too_long"),
        ("NUL \0 in it", "bad_text"),
        ("half \ud83d of a pair", "bad_text"),
        ("\udc00\ud800", "bad_text"),
    ],
    ids=["nothing", "blanks", "100k characters", "100k emoji", "NUL", "surrogate", "surrogates"],
)
async def test_what_cannot_be_taken_is_refused_in_words(
    customer: Customer, text: str, code: str
) -> None:
    escaped = any("\ud800" <= char <= "\udfff" for char in text)
    id_ = new_client_id()
    event = {"type": "send", "client_msg_id": id_, "content": {"text": text}}
    async with customer.talk(language="zh") as talk:
        await talk.socket.send(json.dumps(event, ensure_ascii=escaped))
        refused = await answer(talk)
        assert (refused["type"], refused["client_msg_id"]) == ("nack", id_)
        assert refused["code"] == code
        assert any("\u4e00" <= char <= "\u9fff" for char in refused["words"])
        await still_serves(talk)
    assert [m["content"]["text"] for m in talk.messages] == [
        "still there?",
        "echo: still there?",
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "null",
        "[]",
        '"send"',
        b"\x00\xff binary",
        "[" * 100_000,
        '{"type": "send", "content": ' * 5_000,
        '{"type": "dance"}',
        '{"type": "send"}',
        '{"type": "send", "client_msg_id": "../../etc", "content": {"text": "hi"}}',
        '{"type": "send", "client_msg_id": "12345678", "content": {"text": "hi", "html": "<b>"}}',
        '{"type": "send", "client_msg_id": "12345678", "content": {"text": 5}}',
        '{"type": "read", "seq": -1}',
        '{"type": "read", "seq": 1e400}',
        '{"type": "read", "seq": 99999999999999999999999}',
        '{"type": "feedback", "message_id": "\\u0000", "value": "up"}',
        '{"type": "rate", "stars": 5, "comment": "\\u0000"}',
        '{"type": "rate", "stars": 6}',
        '{"type": "hello", "token": "again"}',
    ],
)
async def test_a_malformed_event_is_refused_and_the_socket_lives_on(
    customer: Customer, frame: str | bytes
) -> None:
    async with customer.talk() as talk:
        await talk.socket.send(frame)
        refused = await answer(talk)
        assert refused["words"]
        assert refused["code"] != "failed", "a mistake of the client's, not of ours"
        await still_serves(talk)


async def test_only_a_frame_beyond_all_measure_is_cut(customer: Customer) -> None:
    async with customer.talk() as talk:
        with pytest.raises(ConnectionClosedError) as cut:
            await talk.send("x" * 2_000_000)
        assert cut.value.rcvd is not None
        assert cut.value.rcvd.code == 1009
    async with customer.talk() as again:
        await still_serves(again)


# --- frames made up at random -----------------------------------------------------------------

VISITOR_EVENTS = (Hello, Send, Typing, Read, Feedback, Rate, RequestHuman, Cancel, SetVoice)
AGENT_EVENTS = (Watch, Unwatch, AgentSend, AgentTyping, AgentRead)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def nearly(*events: type[Any]) -> st.SearchStrategy[str]:
    """Events with their own fields holding anything, and frames that are no events at all."""
    shaped = st.sampled_from(events).flatmap(
        lambda event: st.fixed_dictionaries(
            {"type": st.just(event.model_fields["type"].default)},
            optional={name: anything for name in event.model_fields if name != "type"},
        )
    )
    return (shaped | anything).map(json.dumps) | st.text(max_size=40)


FUZZ = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(frames=st.lists(nearly(*VISITOR_EVENTS), max_size=40))
def test_no_frame_of_a_customer_breaks_the_server(base: str, frames: list[str]) -> None:
    async def send_all() -> None:
        customer = await Customer.arrive(base)
        async with customer.talk() as talk:
            for frame in frames:
                await talk.socket.send(frame)
            await talk.send("still there?")
        assert "failed" not in {event.get("code") for event in talk.heard}

    asyncio.run(send_all())


@FUZZ
@given(frames=st.lists(nearly(*AGENT_EVENTS), max_size=40))
def test_no_frame_of_an_agent_breaks_the_server(base: str, frames: list[str]) -> None:
    async def send_all() -> None:
        async with Desk.signed_in(base, *DEVELOPMENT_AGENT) as desk, desk.talk() as talk:
            for frame in frames:
                await talk.socket.send(frame)
            nowhere = await talk.send("hello", conversation_id="0" * 32)
            assert nowhere["code"] == "not_found"
        assert "failed" not in {event.get("code") for event in talk.heard}

    asyncio.run(send_all())


@FUZZ
@given(frame=nearly(Hello))
def test_no_first_frame_breaks_the_server(base: str, frame: str) -> None:
    async def greet() -> None:
        url = base.replace("http", "ws", 1) + "/ws"
        async with connect(url) as socket:
            await socket.send(frame)
            told = json.loads(await socket.recv())
            assert told["code"] in ("hello_expected", "unauthenticated")
            await socket.wait_closed()
            assert socket.close_code != 1011

    asyncio.run(greet())
