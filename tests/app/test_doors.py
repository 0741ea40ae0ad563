"""Rasa's and OpenAI's doors, as their clients use them."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from app_cafe import CAFE
from app_client import PATIENCE_S
from conftest import CAFE_TOKEN, Server, running
from openai import AsyncOpenAI, AuthenticationError, UnprocessableEntityError

from app.auth.service import add_agent
from app.config import DEVELOPMENT_AGENT
from app.db import Database
from app.keys.service import KeyService
from dialogue.policy.ensemble import Policies
from dialogue.project import load_project
from dialogue.testing.stories import run_tests


@pytest_asyncio.fixture
async def rasa(cafe_server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=cafe_server.base, params={"token": CAFE_TOKEN}, timeout=PATIENCE_S
    ) as client:
        yield client


@pytest_asyncio.fixture
async def openai(cafe_server: Server) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        base_url=f"{cafe_server.base}/v1", api_key=CAFE_TOKEN, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def sender() -> str:
    return f"客户 {secrets.token_hex(4)}"


async def say(rasa: httpx.AsyncClient, sender: str, message: str) -> list[dict[str, object]]:
    answer = await rasa.post("/webhooks/rest/webhook", json={"sender": sender, "message": message})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_form_is_filled_over_the_rest_channel(rasa: httpx.AsyncClient, sender: str) -> None:
    assert await say(rasa, sender, "/greet") == [
        {"recipient_id": sender, "text": "Welcome to the cafe"}
    ]
    assert (await say(rasa, sender, "/book"))[0]["text"] == "How many people?"
    assert (await say(rasa, sender, '/inform{"people": "four"}'))[0]["text"] == "Under which name?"

    tracker = (await rasa.get(f"/conversations/{sender}/tracker")).json()
    assert tracker["sender_id"] == sender
    assert tracker["slots"]["people"] == "four"
    assert tracker["active_loop"]["name"] == "booking_form"
    assert tracker["latest_action_name"] == "action_listen"
    assert tracker["latest_input_channel"] == "rest"
    assert tracker["events"][0]["event"] == "action"
    quiet = await rasa.get(f"/conversations/{sender}/tracker", params={"include_events": "NONE"})
    assert quiet.json()["events"] is None
    early = await rasa.get(f"/conversations/{sender}/tracker", params={"until": 1.0})
    assert early.json()["slots"]["people"] is None


async def test_the_stream_is_a_line_for_each_message(rasa: httpx.AsyncClient, sender: str) -> None:
    answer = await rasa.post(
        "/webhooks/rest/webhook",
        params={"stream": True},
        json={"sender": sender, "message": "/opening"},
    )
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        {"recipient_id": sender, "text": "Open from 8 to 6"}
    ]


async def test_the_stream_tells_what_is_said_while_the_turn_goes_on(
    shared_server: Server, sender: str
) -> None:
    async with httpx.AsyncClient(base_url=shared_server.base, timeout=PATIENCE_S) as client:

        def asked(name: str, text: str) -> dict[str, Any]:
            message = {"sender": name, "message": text}
            return {"url": "/webhooks/rest/webhook?stream=true", "json": message}

        gone = f"gone {sender}"
        async with client.stream("POST", **asked(gone, "both 25")) as answer:
            line = await anext(answer.aiter_lines())  # long before the turn ends
        assert json.loads(line) == {"recipient_id": gone, "text": "at once"}

        whole = (await client.post(**asked(sender, "both 0.4"))).text.splitlines()
        assert [json.loads(line)["text"] for line in whole] == ["at once", "in the end"]
        (refused,) = (await client.post(**asked(sender, ""))).text.splitlines()
        assert json.loads(refused)["error"]["code"] == "empty"


async def test_one_sender_at_once_is_answered_once_each(
    rasa: httpx.AsyncClient, sender: str
) -> None:
    """Not merged into one turn, as a person's burst would be: each caller waits for its answer."""
    answers = await asyncio.gather(*(say(rasa, sender, "/opening") for _ in range(10)))
    assert answers == [[{"recipient_id": sender, "text": "Open from 8 to 6"}]] * 10


async def test_events_messages_execute_and_trigger(rasa: httpx.AsyncClient, sender: str) -> None:
    at = f"/conversations/{sender}"
    slot = {"event": "slot", "name": "people", "value": "nine"}
    told = await rasa.post(f"{at}/tracker/events", json=[slot])
    assert told.json()["slots"]["people"] == "nine"

    parsed = {"intent": {"name": "inform"}, "entities": [{"entity": "people", "value": "two"}]}
    heard = await rasa.post(
        f"{at}/messages", json={"text": "two of us", "sender": "user", "parse_data": parsed}
    )
    assert heard.json()["slots"]["people"] == "two"
    assert heard.json()["latest_message"]["text"] == "two of us"
    assert not [e for e in heard.json()["events"] if e["event"] == "bot"]

    done = await rasa.post(f"{at}/execute", json={"name": "utter_opening"})
    assert done.json()["messages"] == [{"recipient_id": sender, "text": "Open from 8 to 6"}]
    assert done.json()["tracker"]["latest_action_name"] == "utter_opening"

    at = f"/conversations/other {sender}"
    triggered = await rasa.post(f"{at}/trigger_intent", json={"name": "greet"})
    assert triggered.json()["messages"][0]["text"] == "Welcome to the cafe"
    unknown = await rasa.post(f"{at}/trigger_intent", json={"name": "dance"})
    assert unknown.status_code == 404
    unknown = await rasa.post(f"{at}/execute", json={"name": "utter_dance"})
    assert unknown.status_code == 404

    for nonsense in ([], [1], {"name": "people"}, {"event": 5}, {"event": "dance"}, None):
        refused = await rasa.post(f"{at}/tracker/events", json=nonsense)
        assert refused.status_code == 422, nonsense
        assert refused.json()["error"]["words"]


async def test_a_story_of_what_happened_passes_as_a_test(
    rasa: httpx.AsyncClient, sender: str, tmp_path: Path
) -> None:
    for message in ("greet me", "/book", '/inform{"people": "four"}', "/opening"):
        await say(rasa, sender, message)
    story = (await rasa.get(f"/conversations/{sender}/story")).text
    shutil.copytree(CAFE, tmp_path / "cafe")
    (tmp_path / "cafe" / "tests" / "test_exported.yml").write_text(story, "utf-8")
    project = load_project(tmp_path / "cafe")
    report = (await run_tests(project, Policies.build(project))).as_json()
    assert report["failed"] == []
    assert report["stories"] > len(load_project(CAFE).tests)
    assert "user: greet me" in story
    assert "people: four" in story

    predicted = (await rasa.post(f"/conversations/{sender}/predict")).json()
    scores = {one["action"]: one["score"] for one in predicted["scores"]}
    assert {name for name, score in scores.items() if score} == {"booking_form"}
    assert {"action_listen", "utter_opening"} <= scores.keys()
    anew = await rasa.put(
        f"/conversations/{sender}/tracker/events",
        json=[{"event": "slot", "name": "people", "value": "six"}],
    )
    assert anew.json()["slots"]["people"] == "six"
    assert anew.json()["active_loop"] == {}
    assert "booking_form" in (await rasa.get("/domain")).json()["forms"]


async def test_a_reminder_speaks_when_it_is_due_unless_the_customer_did(
    rasa: httpx.AsyncClient, sender: str
) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()

    def reminder(name: str, kill: bool) -> dict[str, object]:
        about = {"intent": "opening", "date_time": soon, "kill_on_user_msg": kill}
        return {"event": "reminder", "name": name, **about}

    await rasa.post(f"/conversations/{sender}/tracker/events", json=[reminder("stays", False)])
    other = f"other {sender}"
    await rasa.post(f"/conversations/{other}/tracker/events", json=[reminder("goes", True)])
    await say(rasa, other, "/greet")

    async def said(name: str) -> list[str]:
        events = (await rasa.get(f"/conversations/{name}/tracker")).json()["events"]
        return [event["text"] for event in events if event["event"] == "bot"]

    for _ in range(int(PATIENCE_S / 0.1)):
        if await said(sender):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.5)
    assert await said(sender) == ["Open from 8 to 6"], "once"
    assert await said(other) == ["Welcome to the cafe"]


async def test_what_programs_say_is_kept_and_a_human_may_take_over(
    rasa: httpx.AsyncClient, sender: str, cafe_server: Server
) -> None:
    await say(rasa, sender, "/greet")
    async with httpx.AsyncClient(
        base_url=cafe_server.base, headers={"Origin": cafe_server.base}
    ) as desk:
        email, password = DEVELOPMENT_AGENT
        await desk.post("/api/auth/login", json={"email": email, "password": password})
        rows = (await desk.get("/api/conversations", params={"q": sender})).json()["items"]
        id_ = rows[0]["id"]
        messages = (await desk.get(f"/api/conversations/{id_}/messages")).json()["items"]
        assert [m["author"]["type"] for m in messages] == ["visitor", "bot"]
        await desk.post(f"/api/conversations/{id_}/claim")
    assert await say(rasa, sender, "/greet") == []
    silent = await rasa.post(f"/conversations/{sender}/execute", json={"name": "utter_greet"})
    assert silent.status_code == 409


async def test_parse_status_and_version(rasa: httpx.AsyncClient) -> None:
    parsed = (await rasa.post("/model/parse", json={"text": "greet me", "message_id": "m1"})).json()
    assert (parsed["text"], parsed["message_id"]) == ("greet me", "m1")
    assert parsed["intent"] == {"name": "greet", "confidence": 0.9}
    assert {"entities", "intent_ranking", "text_tokens", "response_selector"} <= set(parsed)
    payload = {"text": '/inform{"people": "four"}'}
    parsed = (await rasa.post("/model/parse", json=payload)).json()
    assert parsed["intent"] == {"name": "inform", "confidence": 1.0}
    assert [one["value"] for one in parsed["entities"]] == ["four"]
    greeted = {"event": "user", "text": "hi", "parse_data": {"intent": {"name": "greet"}}}
    events = [{"event": "action", "name": "action_listen"}, greeted]
    predicted = (await rasa.post("/model/predict", json=events)).json()
    best = max(predicted["scores"], key=lambda one: one["score"])
    assert (best["action"], predicted["tracker"]["sender_id"]) == ("utter_greet", "default")
    assert (await rasa.get("/version")).json()["version"].startswith("3.")
    assert (await rasa.get("/status")).json()["num_active_training_jobs"] == 0


async def test_the_openai_client_chats_with_the_bot(openai: AsyncOpenAI, sender: str) -> None:
    async def chat(text: str) -> str | None:
        answer = await openai.chat.completions.create(
            model="any", user=sender, messages=[{"role": "user", "content": text}]
        )
        return answer.choices[0].message.content

    said = await openai.chat.completions.create(
        model="any", messages=[{"role": "user", "content": "/opening"}]
    )
    assert said.usage is not None
    counted = (said.usage.prompt_tokens, said.usage.completion_tokens, said.usage.total_tokens)
    assert counted == (8, len("Open from 8 to 6"), 8 + len("Open from 8 to 6"))
    assert await chat("/book") == "How many people?"
    assert await chat('/inform{"people": "four"}') == "Under which name?", (
        "its conversation goes on"
    )
    stream = await openai.chat.completions.create(
        model="any",
        stream=True,
        stream_options={"include_usage": True},
        messages=[{"role": "user", "content": "/opening"}],
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage == said.usage
    pieces = [chunk.choices[0] for chunk in chunks[:-1]]
    assert "".join(piece.delta.content or "" for piece in pieces) == "Open from 8 to 6"
    assert pieces[-1].finish_reason == "stop"


async def test_the_openai_client_gets_unit_vectors(openai: AsyncOpenAI) -> None:
    texts = ["退货", "refund", "退货"]
    as_base64 = await openai.embeddings.create(model="any", input=texts)
    as_floats = await openai.embeddings.create(model="any", input=texts, encoding_format="float")
    first, second, third = (item.embedding for item in as_base64.data)
    assert sum(value * value for value in first) == pytest.approx(1, abs=1e-5)
    assert first == third != second
    assert first == pytest.approx(as_floats.data[0].embedding, abs=1e-6)
    assert as_floats.usage.prompt_tokens == as_floats.usage.total_tokens == len("退货refund退货")
    with pytest.raises(UnprocessableEntityError) as refused:
        await openai.embeddings.create(model="any", input=[])
    assert refused.value.body["message"] == refused.value.body["words"]


async def test_without_the_token_nothing_opens(cafe_server: Server, sender: str) -> None:
    doors = [
        ("POST", "/webhooks/rest/webhook"),
        ("POST", "/model/parse"),
        ("GET", f"/conversations/{sender}/tracker"),
        ("POST", f"/conversations/{sender}/execute"),
        ("POST", "/v1/embeddings"),
    ]
    async with httpx.AsyncClient(base_url=cafe_server.base) as nobody:
        for token in (None, "wrong", CAFE_TOKEN + "x"):
            for method, path in doors:
                params = {"token": token} if token else {}
                answer = await nobody.request(method, path, params=params, json={})
                assert answer.status_code == 401, path
    async with AsyncOpenAI(base_url=f"{cafe_server.base}/v1", api_key="wrong") as stranger:
        with pytest.raises(AuthenticationError):
            await stranger.models.list()


async def test_closed_in_production_until_a_key_or_a_token_is_made(own_server: Server) -> None:
    own_server.environment = {
        "LINGXI_ENVIRONMENT": "production",
        "LINGXI_SECRET": secrets.token_hex(32),
        "LINGXI_OIDC_ISSUER": "https://login.example.com",
    }
    message = {"sender": "a", "message": "/greet"}
    async with running(own_server), httpx.AsyncClient(base_url=own_server.base) as client:
        answer = await client.post("/webhooks/rest/webhook", json=message)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "doors_closed"

        database = Database(own_server.database_url)
        admin = await add_agent(database, "a@example.com", "A", "a long password", "admin")
        _, key = await database.write(
            lambda s: KeyService().add(s, admin, "a program", ["chat"], None)
        )
        await database.close()
        client.headers["Authorization"] = f"Bearer {key}"
        assert (await client.post("/webhooks/rest/webhook", json=message)).status_code == 200
        other = await client.post("/model/parse", json={"text": "hi"})
        assert other.json()["error"]["code"] == "key_lacks_scope"
