"""Customers who come by another program: their messages, and the dialogue behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from weakref import WeakValueDictionary

from sqlalchemy.orm import Session

from app.auth.service import AuthService
from app.chat.events import Author, Message, SendContent
from app.chat.hints import Hint, MessageSaved, PartialNow, SeqReached, TurnEnded
from app.chat.hub import Hub
from app.chat.reader import Answer
from app.chat.service import ChatService
from app.db import Database
from app.errors import Busy, NotFound
from app.models import new_id
from dialogue.types import StoredEvent

LOOK_AGAIN_S = 1.0
"""A hint may be lost; the database is asked this often besides."""
PATIENCE_S = 120.0
"""Far beyond a turn's own deadline: the database was locked for long."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A customer as another program names them."""

    channel: str
    name: str
    visitor_id: str
    conversation_id: str


class _Progress:
    """Hears how far the bot is."""

    def __init__(self) -> None:
        self.text = ""
        self.news = asyncio.Event()

    def hear(self, hint: Hint) -> None:
        if isinstance(hint, PartialNow):
            self.text = hint.text
        if isinstance(hint, PartialNow | MessageSaved | TurnEnded | SeqReached):
            self.news.set()

    async def wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self.news.wait()
        except TimeoutError:
            return


class ChannelService:
    def __init__(self, database: Database, auth: AuthService, chat: ChatService, hub: Hub) -> None:
        self._database = database
        self._auth = auth
        self._chat = chat
        self._hub = hub
        self._talking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """One request after the other in a conversation, else the bot would merge them."""

    async def enter(self, channel: str, name: str) -> Sender:
        """The customer of this name and their conversation, made if there is none."""

        def work(session: Session) -> Sender:
            visitor = self._auth.outer_visitor(session, channel, name)
            id_ = self._chat.latest_id(session, visitor.id)
            id_ = id_ or self._chat.start(session, visitor.id, channel).id
            return Sender(channel, name, visitor.id, id_)

        return await self._database.write(work)

    async def history(self, channel: str, name: str) -> list[StoredEvent]:
        """The dialogue's events; none of whoever never wrote."""

        def work(session: Session) -> list[StoredEvent]:
            visitor_id = self._auth.outer_visitor_id(session, channel, name)
            id_ = self._chat.latest_id(session, visitor_id) if visitor_id else None
            return self._chat.history(session, id_) if id_ else []

        return await self._database.read(work)

    async def tell(self, sender: Sender, text: str, answered: bool = True) -> Message:
        """Save what the customer wrote."""
        author = Author(type="visitor", id=sender.visitor_id, name=sender.name)
        content = SendContent(text=text)
        return await self._database.write(
            lambda s: self._chat.accept(
                s, sender.conversation_id, author, new_id(), content, answered
            )
        )

    async def converse(self, sender: Sender, text: str) -> AsyncIterator[str | Answer]:
        """Save what the customer wrote; yield a reply's text as it is written, and the answer
        whenever it has one message more; the last one is done.

        While a human owns the conversation there is none to wait for. Raises `Busy`.
        """
        lock = self._talking.setdefault(sender.conversation_id, asyncio.Lock())
        async with lock:
            async for heard in self._converse(sender, text):
                yield heard

    async def _converse(self, sender: Sender, text: str) -> AsyncIterator[str | Answer]:
        progress = _Progress()
        self._hub.subscribe(sender.conversation_id, progress)
        try:
            async with asyncio.timeout(PATIENCE_S):
                asked, shown, told = await self.tell(sender, text), "", 0
                while True:
                    progress.news.clear()
                    answer = await self._answer(asked)
                    if answer.done or len(answer.messages) > told:
                        told = len(answer.messages)
                        yield answer
                    if answer.done:
                        return
                    await progress.wait()
                    if progress.text != shown:
                        shown = progress.text
                        yield shown
        except TimeoutError:
            raise Busy("overloaded", retry_after_s=5) from None
        finally:
            self._hub.unsubscribe(sender.conversation_id, progress)

    async def _answer(self, asked: Message) -> Answer:
        return await self._database.read(lambda s: self._chat.answer_to(s, asked.id))

    async def ask(self, sender: Sender, text: str) -> list[Message]:
        """What is answered to `text`."""
        async for heard in self.converse(sender, text):
            if isinstance(heard, Answer) and heard.done:
                return heard.messages
        raise NotFound()
