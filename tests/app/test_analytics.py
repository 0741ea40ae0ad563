"""A small history of a week, planted in the database, and every figure of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest_asyncio
from app_client import Desk
from conftest import Server
from sqlalchemy.orm import Session

from app.db import Database
from app.models import (
    Agent,
    Conversation,
    HandoffRecord,
    StoredMessage,
    Turn,
    Visitor,
    new_id,
)

WEEK = {"from": "2024-03-04", "to": "2024-03-10"}
MONDAY = datetime(2024, 3, 4, 1, 0, tzinfo=UTC)
"""Nine o'clock at the office, which is in Shanghai."""


class History:
    """Conversations as the gateway would have left them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.visitor = new_id()
        session.add(Visitor(id=self.visitor))
        session.flush()

    def agent(self, name: str) -> str:
        agent = Agent(id=new_id(), email=f"{new_id()}@example.com", name=name, password_hash="-")
        self.session.add(agent)
        self.session.flush()
        return agent.id

    def chat(self, at: datetime, **fields: Any) -> Conversation:
        row = Conversation(
            id=new_id(), visitor_id=self.visitor, created_at=at, updated_at=at, last_seq=1, **fields
        )
        self.session.add(row)
        self.session.flush()
        return row

    def message(
        self, chat: Conversation, at: datetime, author: Any, text: str = "", **fields: Any
    ) -> None:
        self.session.add(
            StoredMessage(
                conversation_id=chat.id,
                seq=chat.last_seq,
                author_type=author,
                author_id=fields.pop("author_id", author),
                content={"text": text},
                created_at=at,
                **fields,
            )
        )
        chat.last_seq += 1

    def question(
        self, chat: Conversation, at: datetime, text: str, route: str = "faq", **fields: Any
    ) -> None:
        turn = Turn(
            id=new_id(),
            conversation_id=chat.id,
            state="done",
            created_at=at,
            route=route,
            intent=fields.pop("intent", None),
            sentiment=fields.pop("sentiment", "neutral"),
        )
        self.session.add(turn)
        self.message(chat, at, "visitor", text, turn_id=turn.id)
        self.message(chat, at, "bot", "an answer", turn_id=turn.id, **fields)

    def handoff(self, chat: Conversation, at: datetime, **fields: Any) -> None:
        record = HandoffRecord(id=new_id(), conversation_id=chat.id, created_at=at, **fields)
        chat.handoff_id = record.id
        self.session.add(record)


def plant(session: Session) -> None:
    history = History(session)
    mei, jun = history.agent("=Mei"), history.agent("Jun")
    minute = timedelta(minutes=1)

    by_bot = history.chat(MONDAY, rating=5, owner="closed")
    history.question(by_bot, MONDAY, "where is it", intent="track", feedback="up")
    history.question(by_bot, MONDAY + minute, "thanks", intent="thanks", sentiment="positive")

    # 23:30 on Tuesday at the office is still Tuesday's, though Tuesday begins on Monday in London.
    late = MONDAY + timedelta(days=1, hours=14, minutes=30)
    quiet = history.chat(late)
    history.question(
        quiet, late, "Are you open?", "fallback", feedback="down", sentiment="negative"
    )
    history.question(quiet, late + minute, "are you OPEN?", "fallback", intent="hours")

    asked = MONDAY + timedelta(days=2)
    human = history.chat(asked, rating=2)
    history.question(human, asked, "a human!", "handoff", intent="human")
    history.handoff(
        human,
        asked,
        reason="requested",
        agent_id=mei,
        claimed_at=asked + 2 * minute,
        ended_at=asked + 30 * minute,
        outcome="closed",
    )
    history.message(human, asked + 3 * minute, "agent", "hello", author_id=mei)
    history.message(human, asked + 4 * minute, "agent", "solved", author_id=mei)

    second = history.chat(asked + minute, rating=4)
    history.handoff(
        second,
        asked + minute,
        reason="anger",
        agent_id=jun,
        claimed_at=asked + 5 * minute,
        ended_at=asked + 11 * minute,
        outcome="closed",
    )
    history.message(second, asked + 6 * minute, "agent", "hello", author_id=jun)

    ticket = history.chat(asked + timedelta(days=4))  # Sunday, the last day of the week
    history.handoff(ticket, asked + timedelta(days=4), kind="ticket", reason="requested")

    history.chat(asked, channel="rest").last_seq = 0  # opened, and nothing said
    history.chat(MONDAY - timedelta(hours=10))  # the week before
    history.chat(MONDAY + timedelta(days=7) - timedelta(hours=9))  # midnight: the week after


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def planted(shared_server: Server) -> None:
    database = Database(shared_server.database_url)
    await database.write(plant)
    await database.close()


async def test_the_figures_of_a_week_are_exact(desk: Desk, planted: None) -> None:
    answer = await desk.http.get("/api/analytics", params=WEEK)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["zone"] == "Asia/Shanghai"
    assert report["figures"] == {
        "conversations": 5,
        "customer_messages": 5,
        "to_human": 3,
        "over": 5,
        "resolved_by_bot": 2,
        "bot_answers": 5,
        "missed": 2,
        "first_response_s": 240.0,
        "first_response_p90_s": 300.0,
        "waiting_s": 180.0,
        "resolution_s": 1200.0,
        "left_messages": 1,
        "ratings": 3,
        "stars": 3.67,
        "satisfied": 2,
        "thumbs_up": 1,
        "thumbs_down": 1,
    }
    assert report["before"]["conversations"] == 1
    assert report["before"]["first_response_s"] is None
    days = {day["day"]: day for day in report["days"]}
    assert len(days) == 7
    tuesday = {name: days["2024-03-05"][name] for name in ("conversations", "missed", "negative")}
    assert tuesday == {"conversations": 1, "missed": 2, "negative": 1}
    assert [days[f"2024-03-{number:02}"]["to_human"] for number in (4, 6, 10)] == [0, 2, 1]
    assert days["2024-03-08"]["conversations"] == 0
    hours = {(d, h): n for d, row in enumerate(report["hours"]) for h, n in enumerate(row) if n}
    assert hours == {(0, 9): 2, (1, 23): 2, (2, 9): 1}
    assert report["stars"] == [0, 1, 0, 1, 1]
    assert report["routes"] == {"faq": 2, "fallback": 2, "handoff": 1}
    assert report["reasons"] == {"requested": 2, "anger": 1}
    assert {"intent": "hours", "count": 1, "missed": 1} in report["intents"]
    assert [(q["text"], q["count"]) for q in report["missed"]] == [("are you OPEN?", 2)]
    mei, jun = sorted(report["agents"], key=lambda row: row["name"])
    assert mei["name"] == "=Mei"
    assert (mei["chats"], mei["replies"], mei["first_response_s"], mei["stars"]) == (1, 2, 180, 2)
    assert (jun["chats"], jun["resolution_s"], jun["ratings"]) == (1, 600, 1)


async def test_exports_hold_the_same_and_no_formula(desk: Desk, planted: None) -> None:
    english = {"Accept-Language": "en"}
    file = await desk.http.get("/api/analytics/export", params=WEEK, headers=english)
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    assert book.sheetnames == ["Overview", "By day", "By agent", "Intents", "Missed questions"]
    figures = {row[0]: row[1:] for row in book["Overview"].iter_rows(values_only=True)}
    assert figures["Conversations"] == (5, 1)
    params = {**WEEK, "format": "csv", "table": "agents"}
    text = (await desk.http.get("/api/analytics/export", params=params)).content.decode("utf-8-sig")
    assert text.startswith("客服,接待会话,回复")
    assert "'=Mei,1,2," in text
    assert "\n=Mei" not in text


async def test_a_period_that_is_none_is_refused_in_words(desk: Desk) -> None:
    for params, code in [
        ({"from": "2024-03-10", "to": "2024-03-04"}, "period_backwards"),
        ({"from": "2020-01-01", "to": "2024-03-04"}, "period_too_long"),
        ({"from": "yesterday"}, "bad_request"),
    ]:
        answer = await desk.http.get("/api/analytics", params=params)
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == code


async def test_agents_see_no_colleagues_figures(second_desk: Desk) -> None:
    for path in ("/api/analytics", "/api/analytics/export"):
        assert (await second_desk.http.get(path)).status_code == 403


async def test_the_last_days_end_with_the_office_s_today(desk: Desk) -> None:
    before = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    told = (await desk.http.get("/api/analytics", params={"days": 7})).json()
    after = datetime.now(ZoneInfo(told["zone"])).date()
    assert date.fromisoformat(told["last"]) in (before, after)
    assert date.fromisoformat(told["last"]) - date.fromisoformat(told["first"]) == timedelta(6)
