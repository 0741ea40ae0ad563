"""Messages of many customers, written together: each as if it were alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

import pytest
import pytest_asyncio
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.auth.service import AuthService
from app.chat.events import Author, SendContent
from app.chat.intake import MAX_TOGETHER, Intake
from app.chat.service import ChatService
from app.chat.writer import ChatWriter, Owed, Sent
from app.db import Database
from app.errors import Conflict, NotFound
from app.models import StoredFile, StoredMessage, Turn
from app.words import Words

CUSTOMERS = 30
FILE = "k" * 32
T = TypeVar("T")


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.chat = ChatService(Words.load())
        self.owed: list[str] = []
        self.begun: list[list[str]] = []
        self.intake = Intake(database, self.chat, self)
        self.customers: list[tuple[str, Author]] = []

    def begin(self, session: Session, owed: Owed) -> None:
        """Only noted: the turn is left for later."""
        self.begun.append([message.content["text"] for message in owed.messages])

    def more_came(self, conversation_id: str, begun: object = None) -> None:
        self.owed.append(conversation_id)

    async def open(self) -> None:
        def arrive(session: Session) -> tuple[str, Author]:
            visitor, _ = AuthService().admit_visitor(session, None, None, None, "zh")
            return self.chat.start(session, visitor.id).id, Author(type="visitor", id=visitor.id)

        for _ in range(CUSTOMERS):
            self.customers.append(await self.database.write(arrive))

    def sent(self, who: int, id_: str, text: str, **more: object) -> Sent:
        conversation, author = self.customers[who]
        return Sent(conversation, author, id_, SendContent.model_validate({"text": text, **more}))

    async def all(self, model: type[T]) -> list[T]:
        return await self.database.read(lambda s: list(s.scalars(sa.select(model))))


@pytest_asyncio.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    desk = Desk(database)
    await desk.open()
    running = asyncio.create_task(desk.intake.run())
    yield desk
    running.cancel()


async def test_many_at_once_keep_each_order_and_owe_one_turn_each(desk: Desk) -> None:
    asked = [
        desk.sent(who, f"message-{n}", f"第 {n} 句") for n in range(4) for who in range(CUSTOMERS)
    ]
    assert len(asked) > MAX_TOGETHER
    messages = await asyncio.gather(*(desk.intake.accept(one) for one in asked))
    for who, (conversation, _) in enumerate(desk.customers):
        own = [m for m in messages if m.conversation_id == conversation]
        assert [(m.seq, m.content.text) for m in own] == [
            (n + 1, f"第 {n} 句") for n in range(4)
        ], who
    turns = await desk.all(Turn)
    assert sorted(t.conversation_id for t in turns) == sorted(c for c, _ in desk.customers)
    assert len(desk.owed) == len(asked)


async def test_a_turn_may_begin_with_its_message_where_no_other_is_open(desk: Desk) -> None:
    await desk.intake.accept(desk.sent(0, "message-a", "the first"))
    await desk.intake.accept(desk.sent(0, "message-b", "goes with it"))
    assert desk.begun == [["the first"]]
    for state in ("running", "done"):
        await desk.database.write(lambda s, to=state: s.execute(sa.update(Turn).values(state=to)))
        await desk.intake.accept(desk.sent(0, f"message-{state}", f"after one that is {state}"))
    assert desk.begun == [["the first"], ["after one that is done"]]


async def test_who_is_refused_changes_nothing_and_spoils_nobody(desk: Desk) -> None:
    conversation, author = desk.customers[0]

    def upload(session: Session) -> None:
        file = StoredFile(
            key=FILE,
            conversation_id=conversation,
            author_id=author.id,
            digest="d",
            name="a.txt",
            media_type="text/plain",
            size=1,
        )
        session.add(file)

    await desk.database.write(upload)
    results = await asyncio.gather(
        desk.intake.accept(desk.sent(1, "message-a", "hello")),
        desk.intake.accept(desk.sent(1, "message-a", "hello")),
        desk.intake.accept(desk.sent(1, "message-a", "something else")),
        desk.intake.accept(
            Sent(conversation, desk.customers[2][1], "message-b", SendContent(text="not mine"))
        ),
        desk.intake.accept(desk.sent(0, "message-c", "two files", files=[FILE, "x" * 32])),
        desk.intake.accept(desk.sent(3, "message-d", "hi")),
        return_exceptions=True,
    )
    assert results[0] == results[1]
    assert [type(r) for r in results[2:5]] == [Conflict, NotFound, NotFound]
    assert sorted(m.content["text"] for m in await desk.all(StoredMessage)) == ["hello", "hi"]
    assert [file.message_id for file in await desk.all(StoredFile)] == [None]
    assert len(await desk.all(Turn)) == 2


async def test_what_breaks_one_breaks_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ChatWriter._shown

    def breaks(self: ChatWriter, session: Session, row: object, *more: object) -> object:
        if row.id == desk.customers[5][0]:  # type: ignore[attr-defined]
            raise RuntimeError("a fault of ours")
        return shown(self, session, row, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(ChatWriter, "_shown", breaks)
    results = await asyncio.gather(
        *(desk.intake.accept(desk.sent(who, "message-1", "hello")) for who in range(10)),
        return_exceptions=True,
    )
    assert [type(r) for who, r in enumerate(results) if who == 5] == [RuntimeError]
    assert len(await desk.all(StoredMessage)) == 9


async def test_many_take_no_more_statements_than_two(desk: Desk) -> None:
    async def statements(who: range) -> list[str]:
        seen: list[str] = []

        def work(session: Session) -> None:
            connection = session.connection()
            sa.event.listen(connection, "before_cursor_execute", lambda *a: seen.append(a[2]))
            desk.chat.accept_all(session, [desk.sent(n, "message-1", "hello") for n in who])
            session.flush()

        await desk.database.write(work)
        return seen

    few, many = await statements(range(2)), await statements(range(2, CUSTOMERS))
    assert len(few) == len(many), (few, many)
