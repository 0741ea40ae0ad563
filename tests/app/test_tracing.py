"""One message, one connected trace, from the socket to the action server; nobody's words in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_fakes import ScriptedParser
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import WebSocketTestSession

from app.config import Settings
from app.db import Database
from app.engines import Engines
from app.main import create_app
from dialogue.actions.http import ActionServer
from dialogue.assistant import Assistant
from dialogue.generate.types import GenerationRequest, Refused
from dialogue.knowledge.types import Entry, Hit, SearchResult, Thresholds
from dialogue.project import load_project
from dialogue.types import OnPartial

DESK = Path(__file__).parent.parent / "dialogue" / "bots" / "desk"
SECRET = "13800138000"
PARKING = Entry("parking", ("parking",), {"en": "About parking."})


class Shelf:
    """Has something near to everything, and an answer to nothing."""

    async def search(self, query: str, **_: Any) -> SearchResult:
        hit = Hit(PARKING, "parking", 0.1, 0.1, 0.1)
        return SearchResult(query, "nothing", (hit,), Thresholds(answer=0.6, suggest=0.2))

    async def related(self, entry_id: str, *, limit: int = 3) -> Sequence[Entry]:
        return ()


class Writer:
    ready = True

    async def generate(
        self, request: GenerationRequest, on_partial: OnPartial | None = None
    ) -> Refused:
        if "fail" in request.question:
            raise RuntimeError(f"no words for {request.question}")
        return Refused("ungrounded")

    async def close(self) -> None:
        return None


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What this process traces; its provider can be set only once."""
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield exporter
    exporter.shutdown()


def say(socket: WebSocketTestSession, text: str) -> None:
    """Until it is answered."""
    event = {"type": "send", "client_msg_id": f"id-{abs(hash(text))}", "content": {"text": text}}
    socket.send_text(json.dumps(event))
    while True:
        heard = json.loads(socket.receive_text())
        if heard["type"] == "message" and heard["message"]["author"]["type"] == "bot":
            return


def connected(found: Sequence[ReadableSpan], root: ReadableSpan) -> list[ReadableSpan]:
    """The root's trace, every span of which has its parent in it."""
    own = [s for s in found if s.context.trace_id == root.context.trace_id]
    ids = {s.context.span_id for s in own}
    assert [s.name for s in own if s.parent is None] == ["message"]
    assert all(s.parent.span_id in ids for s in own if s.parent is not None)
    return own


def test_a_message_is_one_trace_without_its_words(
    spans: InMemorySpanExporter, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    asked: list[httpx.Request] = []

    def act(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"events": [], "responses": [{"text": "done"}]})

    async def build(settings: Settings, database: Database) -> Engines:
        actions = ActionServer("http://actions/webhook", transport=httpx.MockTransport(act))
        assistant = Assistant.build(
            load_project(DESK),
            actions=actions,
            knowledge=Shelf(),  # type: ignore[arg-type]
            generator=Writer(),
        )
        return Engines(parser=ScriptedParser(), assistant=assistant, close=(assistant.close,))

    settings = Settings(_env_file=None, home=tmp_path, voice="none", environment="development")
    with TestClient(create_app(settings, build)) as client:
        session = client.post("/api/visitor/session", json={"language": "en"}).json()
        with client.websocket_connect("/ws") as socket:
            socket.send_text(json.dumps({"type": "hello", "token": session["token"]}))
            for text in ("crash", "nlu_fallback", "nlu_fallback fail"):
                say(socket, f"{text} {SECRET}")
    found = spans.get_finished_spans()
    roots = [span for span in found if span.name == "message"]
    assert len(roots) == 3
    acted, wrote, failed = (connected(found, root) for root in roots)
    common = {"message", "turn", "nlu", "dialogue", "decide", "db.write", "faq"}
    assert {span.name for span in acted} == common | {"action"}
    assert {span.name for span in wrote} == common | {"generation"}

    action = next(span for span in acted if span.name == "action")
    assert action.attributes == {"lingxi.action": "action_crash"}
    version, trace_id, parent, _ = asked[0].headers["traceparent"].split("-")
    assert (version, int(trace_id, 16)) == ("00", action.context.trace_id)
    assert int(parent, 16) == action.context.span_id

    broken = next(span for span in failed if span.name == "generation")
    assert broken.status.description == "RuntimeError"
    told = json.dumps([json.loads(span.to_json()) for span in found])
    assert SECRET not in told
    line = next(line for line in capfd.readouterr().err.splitlines() if "turn_failed" in line)
    assert trace.format_trace_id(broken.context.trace_id) in line
    assert session["conversation_id"] in line
