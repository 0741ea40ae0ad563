"""``/ws/agent``: a dashboard's socket, authenticated by the login cookie and its Origin."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket

from app.auth.cookies import COOKIE
from app.auth.service import REFRESH_PRESENCE_S, AgentIdentity
from app.chat.agent_events import (
    AgentClientEvent,
    AgentHello,
    AgentMessageEvent,
    AgentPeerRead,
    AgentRead,
    AgentRecall,
    AgentSend,
    AgentTyping,
    AgentWelcome,
    ConversationChanged,
    Mentioned,
    NoteChanged,
    Unwatch,
    Viewing,
    VisitorTyping,
    Watch,
    agent_client_event,
)
from app.chat.events import Ack, Author, Message
from app.chat.gateway import Gateway
from app.chat.hints import (
    AgentCalled,
    Hint,
    MessageChanged,
    MessageSaved,
    NoteTold,
    ReadNow,
    RowChanged,
    SeqReached,
    SessionEnded,
    TypingNow,
    ViewingNow,
)
from app.chat.hub import INBOX
from app.chat.messages import without_client_id
from app.chat.outbox import Outbox, Reach
from app.chat.socket import CloseSocket, Socket, bad_event, client_msg_id_in
from app.errors import DatabaseUnavailable, Forbidden, LingxiError, Refused, Unauthenticated
from app.models.base import new_id

MAX_WATCHED = 50

log = structlog.get_logger(__name__)


class AgentConnection:
    """One dashboard tab of one agent."""

    def __init__(self, gateway: Gateway, websocket: WebSocket) -> None:
        self._to = gateway
        self._outbox = Outbox(gateway.read_messages, self._encode)
        self.socket = Socket(websocket, self._outbox, gateway.words)
        self.socket.on_refused = gateway.metrics.refused
        self._id = new_id()
        self.agent: AgentIdentity | None = None
        self._watched: set[str] = set()

    async def serve(self) -> None:
        await self.socket.websocket.accept()
        agent: AgentIdentity | None = None
        try:
            if not self._to.origins.ours(self.socket.websocket):
                raise Forbidden("bad_origin")
            with self._to.sockets.opened(self.socket):
                agent = self.agent = await self._hello()
                self._to.hub.subscribe(INBOX, self)
                self._outbox.put(AgentWelcome(agent_id=agent.id, name=agent.name, role=agent.role))
                presence = asyncio.create_task(self._stay_present(agent))
                try:
                    await self.socket.run(self._handle)
                finally:
                    presence.cancel()
                    await asyncio.wait([presence])
        except CloseSocket as close:
            await self.socket.close(close)
        except LingxiError as error:
            await self.socket.refuse(error)
        finally:
            await self._leave(agent)

    async def _hello(self) -> AgentIdentity:
        text = await self.socket.first_frame()
        try:
            event = agent_client_event.validate_json(text)
        except ValidationError:
            raise Refused("hello_expected") from None
        if not isinstance(event, AgentHello):
            raise Refused("hello_expected")
        self.socket.language = event.language
        cookie = self.socket.websocket.cookies.get(COOKIE)
        return await self._to.database.read(lambda s: self._to.auth.agent_of(s, cookie))

    async def _stay_present(self, agent: AgentIdentity) -> None:
        """Refresh that this agent is here, and end when the login has ended elsewhere."""
        to = self._to
        while True:
            try:
                await to.database.write(lambda s: to.auth.see(s, self._id, agent.id))
            except DatabaseUnavailable as error:
                log.warning("presence_not_saved", agent=agent.id, code=error.code)
            await asyncio.sleep(REFRESH_PRESENCE_S)

    async def _leave(self, agent: AgentIdentity | None) -> None:
        self._to.hub.unsubscribe(INBOX, self)
        for conversation_id in tuple(self._watched):
            self._unwatch(conversation_id)
        if agent is not None:
            with suppress(DatabaseUnavailable):  # else the row grows stale by itself
                await self._to.database.write(lambda s: self._to.auth.unsee(s, self._id))

    # --- what the agent sends ---------------------------------------------------------------

    async def _handle(self, text: str) -> None:
        try:
            await self._do(agent_client_event.validate_json(text), self._known())
        except ValidationError as error:
            self.socket.refused(bad_event(error), client_msg_id_in(text))
        except LingxiError as error:
            self.socket.refused(error, client_msg_id_in(text))
        except Exception:
            log.exception("event_failed", agent=self.agent.id if self.agent else None)
            self.socket.refused(LingxiError(), client_msg_id_in(text))
        else:
            self.socket.behaved()

    def _known(self) -> AgentIdentity:
        if self.agent is None:
            raise Unauthenticated()
        return self.agent

    async def _do(self, event: AgentClientEvent, agent: AgentIdentity) -> None:
        to = self._to
        match event:
            case Watch():
                await self._watch(event)
            case Unwatch(conversation_id=id_):
                self._unwatch(id_)
            case AgentSend():
                await self._send(event, agent)
            case AgentTyping(conversation_id=id_, on=on):
                if id_ in self._watched:
                    to.hub.publish(
                        TypingNow(
                            conversation_id=id_,
                            who="agent",
                            on=on,
                            name=agent.name,
                            draft="" if on else None,
                        )
                    )
            case AgentRead(conversation_id=id_, seq=seq):
                author = Author(type="agent", id=agent.id, name=agent.name)
                await to.database.write(lambda s: to.chat.read(s, id_, author, seq))
            case AgentRecall(conversation_id=id_, message_id=message_id):
                author = Author(type="agent", id=agent.id, name=agent.name)
                await to.database.write(lambda s: to.chat.recall(s, id_, author, message_id))
            case AgentHello():
                raise Refused("bad_event")

    async def _send(self, event: AgentSend, agent: AgentIdentity) -> None:
        to = self._to
        await to.limits.check("send", agent.id)
        author = Author(type="agent", id=agent.id, name=agent.name)
        message = await to.database.write(
            lambda s: to.chat.accept(
                s, event.conversation_id, author, event.client_msg_id, event.content
            )
        )
        self._outbox.put(
            Ack(
                client_msg_id=event.client_msg_id,
                seq=message.seq,
                message_id=message.id,
                created_at=message.created_at,
            )
        )

    async def _watch(self, event: Watch) -> None:
        to, id_ = self._to, event.conversation_id
        if len(self._watched) >= MAX_WATCHED and id_ not in self._watched:
            self._unwatch(next(iter(self._watched)))
        self._watched.add(id_)
        self._outbox.follow(id_, event.last_seq)
        to.hub.subscribe(id_, self)

        def last_seq(session: Session) -> int:
            return to.chat.opened(session, id_).last_seq

        try:
            self._outbox.put(Reach(id_, await to.database.read(last_seq)))
        except LingxiError:
            self._unwatch(id_)
            raise
        self._tell_viewing(id_)

    def _unwatch(self, id_: str) -> None:
        if id_ in self._watched:
            self._watched.discard(id_)
            self._outbox.unfollow(id_)
            self._to.hub.unsubscribe(id_, self)
            self._tell_viewing(id_)

    def _tell_viewing(self, id_: str) -> None:
        names = {
            listener.agent.name
            for listener in self._to.hub.listeners(id_)
            if isinstance(listener, AgentConnection) and listener.agent
        }
        self._to.hub.publish(ViewingNow(conversation_id=id_, agents=sorted(names)))

    # --- what the agent hears ---------------------------------------------------------------

    def hear(self, hint: Hint) -> None:
        out, id_ = self._outbox, hint.conversation_id
        match hint:
            case RowChanged(summary=summary):
                out.put(ConversationChanged(conversation=summary), replaces=f"row {id_}")
            case MessageSaved(message=message):
                out.put(Reach(id_, message.seq, message))
            case MessageChanged(message=message):
                out.put(self._encode(message))
            case SeqReached(seq=seq):
                out.put(Reach(id_, seq), replaces=f"seq {id_}")
            case TypingNow(who="visitor" | "agent" as who):
                event = VisitorTyping(
                    conversation_id=id_, who=who, name=hint.name, draft=hint.draft
                )
                if not (who == "agent" and self.agent and hint.name == self.agent.name):
                    out.put(event, replaces=f"typing {who} {id_}")
            case ReadNow(who="visitor" | "agent" as who, seq=seq):
                out.put(AgentPeerRead(conversation_id=id_, who=who, seq=seq))
            case ViewingNow(agents=agents):
                out.put(Viewing(conversation_id=id_, agents=agents), replaces=f"viewing {id_}")
            case NoteTold(note=note, deleted_id=deleted_id):
                out.put(NoteChanged(conversation_id=id_, note=note, deleted_id=deleted_id))
            case AgentCalled(agent_id=agent_id, note=note, visitor_name=visitor_name):
                if self.agent is not None and self.agent.id == agent_id:
                    out.put(Mentioned(note=note, visitor_name=visitor_name))
            case SessionEnded(token_hash=token_hash):
                if self.agent is not None and self.agent.token_hash == token_hash:
                    self.socket.end(Unauthenticated.close_code, "signed out")
            case _:
                pass  # what only customers hear

    def _encode(self, message: Message) -> AgentMessageEvent:
        own = self.agent is not None and message.author.id == self.agent.id
        shown = message if own else without_client_id(message)
        return AgentMessageEvent.model_construct(message=shown)
