"""Several models behind the door: swapped under traffic, explained, refused; the real encoder."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio
from app_fakes import fake_engines

from app.cli.settings import load_settings
from app.config import DEVELOPMENT_AGENT, Settings
from app.db import Database
from app.engines import Engines
from app.main import create_app
from app.tagging import TaggingParser
from nlu.data import DataSet, Example
from nlu.engine import Engine
from nlu.train import train_model

pytestmark = pytest.mark.slow

ENCODER = load_settings().encoder_folder
TOPICS = {
    "sport": ["谁赢了昨天的比赛", "足球几点开始", "the match last night", "who scored"],
    "money": ["股票今天涨了吗", "基金怎么买", "stocks fell today", "is gold up"],
}
SWAPS = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the trained model ``topic`` and a broken one."""
    home = tmp_path_factory.mktemp("home")
    examples = tuple(Example(text, topic) for topic, texts in TOPICS.items() for text in texts)
    train_model(DataSet(examples), home / "models" / "topic", encoder_dir=ENCODER)
    (home / "models" / "broken").mkdir()
    return home


async def build(model: Path, settings: Settings, database: Database) -> Engines:
    engine = await asyncio.to_thread(Engine.load, model, ENCODER)
    await engine.start()
    fakes = await fake_engines(settings, database)
    parser = TaggingParser(engine, settings.nlu_taggers)
    return replace(fakes, parser=parser, embedder=engine, engine=engine, close=(engine.close,))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def door(home: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        _env_file=None,
        home=home,
        voice="none",
        rest_rate="100000 per minute",
        nlu_models={"tags": home / "models" / "topic"},  # the test puts it there, and takes it away
        nlu_taggers=["tags"],
    )
    app = create_app(settings, partial(build, home / "models" / "topic"))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def topic_of(door: httpx.AsyncClient, text: str, **params: str) -> str:
    answer = await door.post("/model/parse", json={"text": text}, params=params)
    assert answer.status_code == 200, answer.text
    name: str = answer.json()["intent_ranking"][0]["name"]
    return name


async def texts_read(door: httpx.AsyncClient) -> float:
    """How many the engine has encoded."""
    figures = (await door.get("/metrics")).text
    return float(re.findall(r"^lingxi_nlu_items_total (\S+)", figures, re.M)[0])


async def chat_of(door: httpx.AsyncClient, *texts: str) -> dict[str, Any]:
    """What the desk knows of a chat in which a customer says `texts`."""
    sender = secrets.token_hex(8)
    for text in texts:
        said = await door.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
        assert said.status_code == 200, said.text
    email, password = DEVELOPMENT_AGENT
    await door.post("/api/auth/login", json={"email": email, "password": password})
    listed = await door.get("/api/conversations", params={"view": "all"})
    summary: dict[str, Any] = listed.json()["items"][0]
    return summary


async def tags_of(door: httpx.AsyncClient, *texts: str) -> list[str]:
    tags: list[str] = (await chat_of(door, *texts))["tags"]
    return tags


async def chat_is_queued_for_the_team_of_its_tag(door: httpx.AsyncClient) -> None:
    await chat_of(door, "echo")  # which signs in
    team = {"name": secrets.token_hex(4), "intents": ["sport"], "agent_ids": []}
    made = (await door.post("/api/teams", json=team)).json()
    assert (await chat_of(door, "human 足球比赛谁赢了"))["team_id"] == made["id"]
    assert (await door.delete(f"/api/teams/{made['id']}")).status_code == 204


@pytest.mark.asyncio(loop_scope="module")
async def test_a_second_model_serves_beside_the_first(door: httpx.AsyncClient) -> None:
    put = await door.put("/model", json={"model_file": "topic"}, params={"model": "tags"})
    assert put.status_code == 204, put.text
    assert await topic_of(door, "足球比赛谁赢了", model="tags") == "sport"
    assert await tags_of(door, "echo 足球比赛谁赢了", "echo stocks fell") == ["sport", "money"]
    await chat_is_queued_for_the_team_of_its_tag(door)
    assert (await door.delete("/model", params={"model": "tags"})).status_code == 204
    assert await tags_of(door, "echo 足球比赛谁赢了") == []  # and the bot goes on without it
    gone = await door.post("/model/parse", json={"text": "a"}, params={"model": "tags"})
    assert gone.status_code == 404
    assert gone.json()["error"]["known"] == "default"
    assert (await door.delete("/model", params={"model": "default"})).status_code == 409


@pytest.mark.asyncio(loop_scope="module")
async def test_swaps_drop_no_request(door: httpx.AsyncClient) -> None:
    is_open, heard = True, 0

    async def customer() -> None:
        nonlocal heard
        while is_open:
            assert await topic_of(door, f"股票涨了多少 {heard}") == "money"
            heard += 1

    async with asyncio.TaskGroup() as group:
        customers = [group.create_task(customer()) for _ in range(4)]
        for _ in range(SWAPS):
            put = await door.put("/model", json={"model_file": "topic"})
            assert put.status_code == 204, put.text
        is_open = False
    assert heard >= len(customers)
    assert await texts_read(door) >= heard
    figures = (await door.get("/metrics")).text
    assert 'lingxi_nlu_runtime_info{name="ONNX Runtime, int8, cpu"} 1.0' in figures
    for name in ("queue_seconds_total", "tokenise_seconds_total", "run_seconds_total"):
        assert float(re.findall(rf"^lingxi_nlu_{name} (\S+)", figures, re.M)[0]) > 0


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_asked_lately_is_not_encoded_again_by_the_same_model(
    door: httpx.AsyncClient,
) -> None:
    async def parsed() -> tuple[dict[str, Any], float]:
        before = await texts_read(door)
        answer = (await door.post("/model/parse", json={"text": "Who  scored？"})).json()
        return {**answer, "timings_ms": None}, await texts_read(door) - before

    async def embedded(text: str) -> float:
        before = await texts_read(door)
        await door.post("/v1/embeddings", json={"model": "e5", "input": text})
        return await texts_read(door) - before

    first, second = await parsed(), await parsed()
    assert (first[1], second[1]) == (1, 0)
    assert first[0] == second[0]
    assert await embedded("who scored?") == 1  # another case is another text to the encoder
    assert [await embedded(text) for text in ("Who scored?", "who scored?")] == [0, 0]
    put = await door.put("/model", json={"model_file": "topic"})
    assert put.status_code == 204, put.text
    assert (await parsed())[1] == 1


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("file", ["broken", "none", "../..", "/etc"])
async def test_what_is_no_model_is_refused_and_the_old_one_serves(
    door: httpx.AsyncClient, file: str
) -> None:
    put = await door.put("/model", json={"model_file": file})
    assert put.status_code == 422
    assert put.json()["error"]["code"] == "bad_model"
    assert await topic_of(door, "足球比赛谁赢了") == "sport"


@pytest.mark.asyncio(loop_scope="module")
async def test_an_explanation_adds_up(door: httpx.AsyncClient) -> None:
    answer = await door.post(
        "/model/parse", json={"text": "昨天足球比赛谁赢了"}, params={"explain": True}
    )
    why = answer.json()["explanation"]
    best = answer.json()["intent_ranking"][0]
    total = why["without_words"][best["name"]]
    total += sum(word["shares"][best["name"]] for word in why["words"])
    assert total == pytest.approx(best["confidence"], abs=0.02)
    assert [one["intent"] for one in why["nearest"]].count("sport") >= 3
    assert {"queue", "encode", "segment"} <= set(why["timings_ms"])


@pytest.mark.asyncio(loop_scope="module")
async def test_an_agent_sees_which_words_did_it(door: httpx.AsyncClient) -> None:
    chat = f"/api/conversations/{(await chat_of(door, '足球比赛谁赢了'))['id']}"
    said = (await door.get(f"{chat}/messages")).json()["items"][0]
    why = (await door.get(f"{chat}/turns/{said['id']}")).json()
    assert why["explanation"] is None
    why = (await door.get(f"{chat}/turns/{said['id']}", params={"explain": True})).json()
    found = why["explanation"]
    best = found["intents"][0]
    assert best == "sport"
    total = found["without_words"][best] + sum(word["shares"][best] for word in found["words"])
    assert total == pytest.approx(why["understanding"]["intent_ranking"][0]["confidence"], abs=0.02)
    assert found["nearest"][0]["text"] == "谁赢了昨天的比赛"
    assert found["model_id"] == why["understanding"]["model_id"]


@pytest.mark.asyncio(loop_scope="module")
async def test_torch_serves_the_same_and_swaps(home: Path) -> None:
    model = home / "models" / "topic"
    engine = await asyncio.to_thread(Engine.load, model, ENCODER, runtime="torch")
    await engine.start()
    assert engine.metrics().runtime.startswith("torch, ")
    assert (await engine.parse("足球比赛谁赢了")).intent_ranking[0].name == "sport"
    assert await engine.swap(model) == engine.models["default"]
    why = await engine.explain("基金怎么买")
    assert (why.intents[0], why.runtime) == ("money", engine.runtime)
    await engine.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_the_tokens_of_a_message_under_way_are_not_encoded_again(home: Path) -> None:
    engine = await asyncio.to_thread(Engine.load, home / "models" / "topic", ENCODER)
    await engine.start()
    (fresh,) = await engine.embed_tokens(["足球几点"], most=40)
    await engine.parse("足球几点")
    encoded = engine.metrics().items
    (known,) = await engine.embed_tokens(["足球几点"], most=40)
    assert engine.metrics().items == encoded
    np.testing.assert_array_equal(known, fresh)
    await engine.close()
