"""Every route and every socket event by every kind of person; what is not listed fails.

**You added a route?** Put ``METHOD /path`` under whoever may use it in `permissions.yml`; if
programs may use it with a key, under its scope in `key_scopes.yml` too. **You added a socket
event, or an id to one?** Say in `FOREIGN` (customers) or `AGENT_EVENTS` what comes of it when the
id is somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, get_args

import httpx
import orjson
import pytest
import pytest_asyncio
import yaml
from app_client import PATIENCE_S, Customer, Desk, new_client_id
from conftest import CAFE_TOKEN, Server
from pydantic import BaseModel
from starlette.routing import BaseRoute
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.auth.cookies import COOKIE
from app.auth.service import AuthService, add_agent
from app.chat.agent_events import AgentClientEvent
from app.chat.events import ClientEvent, SendContent
from app.config import Settings
from app.db import Database
from app.keys.types import Scope
from app.main import create_app
from app.models import new_id

TABLE: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "permissions.yml").read_text("utf-8")
)
SCOPES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "key_scopes.yml").read_text("utf-8")
)
MAY: dict[str, set[str]] = {
    "everybody": {"anonymous", "visitor", "agent", "supervisor", "admin", "program"},
    "visitor": {"visitor"},
    "agent": {"agent", "supervisor", "admin"},
    "supervisor": {"supervisor", "admin"},
    "admin": {"admin"},
    "program": {"program"},
}
KINDS = ("anonymous", "visitor", "agent", "supervisor", "admin", "program")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NOT_DONE_HERE = {"POST /api/auth/logout", "PUT /api/desk/rules"}
"""Tried by those who may not; what they do when allowed would change the other tests."""


# --- routes ---------------------------------------------------------------------------------


def routes_of(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from routes_of(inner.routes)


def test_every_route_is_listed_once() -> None:
    app = create_app(Settings(_env_file=None))
    there, sockets = set(), set()
    for route in routes_of(app.routes):
        path, methods = getattr(route, "path", ""), getattr(route, "methods", None)
        if methods:
            there |= {f"{method} {path}" for method in methods}
        elif "WebSocket" in type(route).__name__:
            sockets.add(path)
    listed = [line for lines in TABLE.values() for line in lines]
    assert there - set(listed) == set(), "add it to tests/app/permissions.yml"
    assert set(listed) - there == set(), "gone: take it out of tests/app/permissions.yml"
    assert len(listed) == len(set(listed))
    assert sockets == {"/ws", "/ws/agent"}, "a socket of its own needs tests of its own, here"
    assert set(TABLE) == set(MAY)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def secrets_shown(cafe_server: Server) -> dict[str, dict[str, str]]:
    """What each kind of person shows, as headers."""
    database = Database(cafe_server.database_url)
    shown: dict[str, dict[str, str]] = {"anonymous": {}}
    for role in ("agent", "supervisor", "admin"):
        token = await signed_in(database, role)
        shown[role] = {"Cookie": f"{COOKIE}={token}"}
    await database.close()
    customer = await Customer.arrive(cafe_server.base)
    shown["visitor"] = {"Authorization": f"Bearer {customer.token}"}
    shown["program"] = {"Authorization": f"Bearer {CAFE_TOKEN}"}
    return shown


async def signed_in(database: Database, role: Any) -> str:
    """The login token of a new agent, without passing the door that counts logins."""
    email = f"{new_id()}@example.com"
    await add_agent(database, email, role.title(), "a long password", role)
    _agent, token = await database.write(lambda s: AuthService().log_in(s, email))
    return token


@pytest_asyncio.fixture
async def people(
    cafe_server: Server, secrets_shown: dict[str, dict[str, str]]
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A client by kind of person."""
    async with AsyncExitStack() as stack:
        yield {
            kind: await stack.enter_async_context(
                httpx.AsyncClient(base_url=cafe_server.base, timeout=PATIENCE_S, headers=headers)
            )
            for kind, headers in secrets_shown.items()
        }


async def knock(client: httpx.AsyncClient, line: str, **headers: str) -> httpx.Response:
    method, path = line.split()
    path = re.sub(r"\{command\}", "claim", path)
    path = re.sub(r"\{[^}]+\}", new_id(), path)
    body = {"json": {}} if method in UNSAFE else {}
    return await client.request(method, path, headers=headers, **body)


LINES = [(who, line) for who, lines in TABLE.items() for line in lines]


async def test_every_route_by_every_kind_of_person(people: dict[str, httpx.AsyncClient]) -> None:
    wrong = []
    for who, line in LINES:
        for kind in KINDS:
            if kind in MAY[who] and line in NOT_DONE_HERE:
                continue
            answer = await knock(people[kind], line)
            refused = answer.status_code in (401, 403)
            if refused == (kind in MAY[who]) or answer.status_code >= 500:
                wrong.append(f"{kind} at {line}: {answer.status_code} {answer.text[:80]}")
    assert wrong == []


async def test_a_key_opens_what_its_scopes_name_and_nothing_else(
    people: dict[str, httpx.AsyncClient],
) -> None:
    scopes = [scope for scope in SCOPES if scope != "any"]
    assert sorted(scopes) == sorted(get_args(Scope))
    wrong = []
    for scope in scopes:
        fits = await new_key(people["admin"], [scope])
        others = await new_key(people["admin"], [other for other in scopes if other != scope])
        for line in SCOPES[scope]:
            if (await knock(people["anonymous"], line, **fits)).status_code in (401, 403):
                wrong.append(f"{scope} does not open {line}")
            refused = await knock(people["anonymous"], line, **others)
            if refused.status_code != 403:
                wrong.append(f"without {scope}, {line}: {refused.status_code}")
    every = await new_key(people["admin"], scopes)
    for who, line in LINES:
        opened = (await knock(people["anonymous"], line, **every)).status_code not in (401, 403)
        listed = who == "everybody" or any(line in lines for lines in SCOPES.values())
        if opened != listed:
            wrong.append(f"with every scope, {line}: opened is {opened}")
    assert wrong == []


async def new_key(admin: httpx.AsyncClient, scopes: list[str]) -> dict[str, str]:
    """What a program with these scopes shows."""
    made = await admin.post("/api/keys", json={"name": "a program", "scopes": scopes})
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['secret']}"}


async def test_a_foreign_page_changes_nothing_in_anybody_s_name(
    people: dict[str, httpx.AsyncClient],
) -> None:
    """The cookie alone is not enough: an unsafe request must come from a page of ours."""
    wrong = []
    for who, line in LINES:
        if who in ("agent", "supervisor", "admin") and line.split()[0] in UNSAFE:
            answer = await knock(people["admin"], line, Origin="https://evil.example")
            if answer.status_code != 403:
                wrong.append(f"{line}: {answer.status_code}")
    assert wrong == []


async def test_one_kind_of_secret_never_passes_for_another(
    people: dict[str, httpx.AsyncClient],
) -> None:
    """A login is no customer's token, a token is no login, and neither is taken from an address."""
    login = people["admin"].headers["cookie"].partition("=")[2]
    token = people["visitor"].headers["authorization"].partition(" ")[2]
    nobody = people["anonymous"]
    for headers, path in [
        ({"Authorization": f"Bearer {login}"}, "/api/visitor/messages"),
        ({"Cookie": f"{COOKIE}={login}"}, "/api/visitor/messages"),
        ({"Cookie": f"{COOKIE}={token}"}, "/api/me"),
        ({"Authorization": f"Bearer {login}"}, "/api/me"),
        ({}, f"/api/me?token={login}"),
        ({}, f"/api/visitor/messages?token={token}"),
    ]:
        answer = await nobody.get(path, headers=headers)
        assert answer.status_code == 401, (headers, path)


async def test_an_agent_changes_no_colleague_s_own_things(
    people: dict[str, httpx.AsyncClient], cafe_server: Server
) -> None:
    mine, other = people["supervisor"], people["agent"]
    customer = await Customer.arrive(cafe_server.base)
    at = f"/api/conversations/{customer.conversation_id}"
    note = (await mine.post(f"{at}/notes", json={"text": "mine"})).json()
    view = (await mine.post("/api/views", json={"name": "mine", "filters": {}})).json()
    assert (await mine.post(f"{at}/claim")).status_code == 200
    file = await mine.post(f"{at}/files", params={"name": "a.txt"}, content=b"words")
    assert file.status_code == 201, file.text
    for method, path, body in [
        ("PUT", f"/api/notes/{note['id']}", {"text": "theirs"}),
        ("DELETE", f"/api/notes/{note['id']}", None),
        ("PUT", f"/api/views/{view['id']}", {"name": "theirs", "filters": {}}),
        ("DELETE", f"/api/views/{view['id']}", None),
        ("POST", f"{at}/claim", None),
        ("POST", f"{at}/hand_back", None),
        ("POST", f"{at}/close", None),
    ]:
        answer = await other.request(method, path, json=body)
        assert answer.status_code in (403, 409), (method, path, answer.text)


# --- socket events --------------------------------------------------------------------------


def members(union: Any) -> dict[str, type[BaseModel]]:
    events = get_args(get_args(union)[0])
    return {event.model_fields["type"].default: event for event in events}


def names_things(event: type[BaseModel]) -> bool:
    """Whether it holds an id or a key of something that may be another's."""
    fields = set(event.model_fields)
    if event.model_fields.get("content") is not None:
        fields |= set(SendContent.model_fields)
    return bool({f for f in fields if f.endswith("_id") or f in ("files", "reply_to")} - OWN_IDS)


OWN_IDS = {"client_msg_id"}
FOREIGN: dict[str, list[tuple[dict[str, Any], str]]] = {
    "send": [
        ({"content": {"text": "hi", "reply_to": "{message}"}}, "message_not_found"),
        ({"content": {"text": "", "files": ["{file}"]}}, "file_not_found"),
    ],
    "feedback": [({"message_id": "{answer}", "value": "up"}, "message_not_found")],
    "recall": [({"message_id": "{message}"}, "message_not_found")],
}
"""By event of a customer's: what refuses it when it names what another customer has."""


def test_every_event_of_a_customer_that_names_something_is_listed() -> None:
    assert {type_ for type_, event in members(ClientEvent).items() if names_things(event)} == set(
        FOREIGN
    )


async def test_a_customer_reaches_nothing_of_another(cafe_server: Server) -> None:
    victim, thief = [await Customer.arrive(cafe_server.base) for _ in range(2)]
    async with victim.talk() as talk, httpx.AsyncClient(base_url=cafe_server.base) as http:
        message = (await talk.send("greet you"))["message_id"]
        answer = (await talk.message("bot"))["id"]
        uploaded = await http.post(
            "/api/visitor/files",
            params={"name": "a.txt"},
            content=b"private",
            headers={"Authorization": f"Bearer {victim.token}"},
        )
        file = uploaded.json()["url"].rsplit("/", 1)[1]
        before = await history(http, victim)
        names = {"{message}": message, "{answer}": answer, "{file}": file}
        async with thief.talk() as own:
            for type_, cases in FOREIGN.items():
                for fields, code in cases:
                    text = orjson.dumps({"type": type_, **fields}).decode()
                    for name, value in names.items():
                        text = text.replace(name, value)
                    event = orjson.loads(text)
                    if type_ == "send":
                        event["client_msg_id"] = new_client_id()
                    await own.emit(event)
                    refused = await own.until(lambda e: e["type"] in ("nack", "error"))
                    assert refused["code"] == code, (event, refused)
        assert await history(http, victim) == before
        assert await history(http, thief) == []


async def history(http: httpx.AsyncClient, customer: Customer) -> list[dict[str, Any]]:
    answer = await http.get(
        "/api/visitor/messages", headers={"Authorization": f"Bearer {customer.token}"}
    )
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


AGENT_EVENTS: dict[str, tuple[dict[str, Any], str | None]] = {
    "hello": ({}, "bad_event"),
    "watch": ({}, None),
    "unwatch": ({}, None),
    "send": ({"client_msg_id": "12345678", "content": {"text": "hi"}}, "not_owner"),
    "typing": ({"on": True}, None),
    "read": ({"seq": 1}, None),
    "recall": ({"message_id": "{message}"}, "message_not_found"),
}
"""By event of an agent's: its other fields, and what refuses it in a colleague's conversation."""


def test_every_event_of_an_agent_is_listed() -> None:
    assert set(members(AgentClientEvent)) == set(AGENT_EVENTS)


async def test_an_agent_s_events_in_a_colleague_s_conversation(
    cafe_server: Server, people: dict[str, httpx.AsyncClient]
) -> None:
    customer = await Customer.arrive(cafe_server.base)
    async with customer.talk() as talk:
        message = (await talk.send("greet you"))["message_id"]
        await talk.message("bot")
    at = f"/api/conversations/{customer.conversation_id}"
    assert (await people["supervisor"].post(f"{at}/claim")).status_code == 200
    desk = Desk(cafe_server.base, people["agent"], {"id": "", "name": ""})
    desk.http.cookies.set(COOKIE, people["agent"].headers["cookie"].partition("=")[2])
    async with desk.talk() as talk:
        for type_, (fields, code) in AGENT_EVENTS.items():
            event = {"type": type_, "conversation_id": customer.conversation_id, **fields}
            if type_ == "hello":
                del event["conversation_id"]
            await talk.emit(
                orjson.loads(orjson.dumps(event).decode().replace("{message}", message))
            )
            if code is not None:
                refused = await talk.until(lambda e: e["type"] in ("nack", "error"))
                assert refused["code"] == code, event
        await talk.emit({"type": "dance"})
        assert (await talk.of_type("error"))["code"] == "bad_event", "nothing else was refused"


@pytest.mark.parametrize("path", ["/ws", "/ws/agent"])
async def test_a_stranger_s_first_frame_opens_nothing(
    path: str, cafe_server: Server, people: dict[str, httpx.AsyncClient]
) -> None:
    """Each event of either union, sent first, with the wrong kind of secret, by a foreign page."""
    login = people["admin"].headers["cookie"]
    token = people["visitor"].headers["authorization"].partition(" ")[2]
    frames = [{"type": type_} for type_ in {**members(ClientEvent), **members(AgentClientEvent)}]
    frames += [{"type": "hello", "token": login.partition("=")[2]}, {"type": "hello"}]
    cookies = ["", f"{COOKIE}={token}", login] if path == "/ws/agent" else [login]
    for frame in frames:
        for cookie in cookies:
            foreign = cookie == login and path == "/ws/agent"
            origin = "https://evil.example" if foreign else cafe_server.base
            assert await closed_with(cafe_server, path, origin, cookie, frame) in (1008, 4401, 4403)


async def closed_with(
    server: Server, path: str, origin: Any, cookie: str, frame: dict[str, Any]
) -> int | None:
    headers = {"Cookie": cookie} if cookie else {}
    url = server.base.replace("http", "ws", 1) + path
    async with connect(url, origin=origin, additional_headers=headers) as socket:
        try:
            await socket.send(orjson.dumps(frame).decode())
            while True:
                told = orjson.loads(await socket.recv())
                assert told["type"] == "error", told
        except ConnectionClosed:
            return socket.close_code
