"""``/ws``: a customer's socket. Decodes an event, calls one service, encodes the answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.websockets import WebSocket

from app.auth.service import AuthService, VisitorIdentity
from app.chat.doors import OpenSockets, Origins
from app.chat.events import (
    Ack,
    Author,
    Cancel,
    ClientEvent,
    Error,
    Feedback,
    Hello,
    Message,
    MessageEvent,
    OwnerChanged,
    Partial,
    PeerRead,
    PeerTyping,
    Rate,
    Read,
    Recall,
    RequestHuman,
    Reset,
    Send,
    SetVoice,
    Typing,
    VoiceReady,
    Welcome,
    client_event,
)
from app.chat.hints import (
    CustomerErased,
    Hint,
    MessageChanged,
    MessageSaved,
    OwnerMoved,
    PartialNow,
    ReadNow,
    SeqReached,
    TroubleNow,
    TypingNow,
    VoiceNow,
)
from app.chat.hub import Hub
from app.chat.intake import Intake
from app.chat.messages import without_client_id
from app.chat.outbox import Outbox, Reach
from app.chat.reader import Opened
from app.chat.service import ChatService
from app.chat.socket import CloseSocket, Socket, bad_event, client_msg_id_in
from app.chat.writer import Sent
from app.db import Database
from app.errors import LingxiError, NotFound, Refused, Unauthenticated
from app.handoff.service import HandoffService
from app.handoff.types import Place
from app.limits import RateLimits
from app.metrics import Metrics
from app.words import Words
from dialogue.tracing import root_span
from nlu.types import Language

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Gateway:
    """What every socket needs; built once."""

    database: Database
    chat: ChatService
    intake: Intake
    handoff: HandoffService
    auth: AuthService
    hub: Hub
    limits: RateLimits
    words: Words
    origins: Origins
    sockets: OpenSockets
    metrics: Metrics

    async def read_messages(self, conversation_id: str, after_seq: int) -> list[Message]:
        return await self.database.read(
            lambda s: self.chat.messages_after(s, conversation_id, after_seq)
        )


@dataclass(frozen=True, slots=True)
class _State:
    """What a hello is answered with."""

    opened: Opened
    place: Place
    seen: int
    """Up to there the tab has the messages."""
    missed: list[Message]


class VisitorConnection:
    """One tab of one customer."""

    def __init__(self, gateway: Gateway, websocket: WebSocket) -> None:
        self._to = gateway
        self._outbox = Outbox(gateway.read_messages, lambda m: encode(m, self.visitor_id))
        self.socket = Socket(websocket, self._outbox, gateway.words)
        self.socket.on_refused = gateway.metrics.refused
        self._visitor = VisitorIdentity("", "", "zh")
        self.visitor_id = ""
        self._conversation_id = ""
        self._heard: list[Hint] | None = []
        """Hints from before the greeting is done; None afterwards."""

    async def serve(self) -> None:
        """From the first frame to the last."""
        await self.socket.websocket.accept()
        try:
            with self._to.sockets.opened(self.socket):
                await self._greet(await self._hello())
                await self.socket.run(self._handle)
        except CloseSocket as close:
            await self.socket.close(close)
        except LingxiError as error:
            await self.socket.refuse(error)
        finally:
            self._to.hub.unsubscribe(self._conversation_id, self)

    # --- greeting ---------------------------------------------------------------------------

    async def _hello(self) -> Hello:
        text = await self.socket.first_frame()
        try:
            event = client_event.validate_json(text)
        except ValidationError:
            raise Refused("hello_expected") from None
        if not isinstance(event, Hello):
            raise Refused("hello_expected")
        if event.language:
            self.socket.language = event.language
        return event

    async def _greet(self, hello: Hello) -> None:
        self._welcome(hello, await self._enter(hello))

    async def _enter(self, hello: Hello) -> _State:
        """Show the token, subscribe, and find everything up to now.

        Who comes back, as all do after a restart, writes nothing and reads once. What is told
        between that and the subscription would go unheard: then it is read again.
        """
        to = self._to
        delivered = to.hub.delivered

        def known(session: Session) -> tuple[VisitorIdentity, _State | None]:
            visitor = to.auth.visitor_of(session, hello.token)
            opened = to.chat.entered(session, visitor.id, *_entrance(hello))
            return visitor, self._state(session, hello, opened) if opened else None

        self._visitor, state = await to.database.read(known)
        self.visitor_id = self._visitor.id
        if state is None:
            self._conversation_id = id_ = await to.database.write(
                lambda s: to.chat.enter(s, self.visitor_id, *_entrance(hello))
            )
        else:
            self._conversation_id = id_ = state.opened.conversation_id
        to.hub.subscribe(id_, self)
        if state is None or to.hub.delivered != delivered:
            state = await to.database.read(lambda s: self._state(s, hello, to.chat.opened(s, id_)))
        return state

    def _state(self, session: Session, hello: Hello, opened: Opened) -> _State:
        to, id_ = self._to, opened.conversation_id
        seen = hello.last_seq if _resumes(hello, opened) else 0
        missed = to.chat.messages_after(session, id_, seen) if seen < opened.last_seq else []
        waits = opened.owner == "queued"
        place = to.handoff.place(session, id_) if waits else Place(None, None)
        return _State(opened, place, seen, missed)

    def _welcome(self, hello: Hello, state: _State) -> None:
        opened, place = state.opened, state.place
        if not hello.language:
            self.socket.language = opened.language
        self._outbox.put(
            Welcome(
                conversation_id=opened.conversation_id,
                epoch=opened.epoch,
                owner=opened.owner,
                agent_name=opened.agent_name,
                queue_position=place.position,
                expected_wait_s=place.expected_wait_s,
                last_seq=opened.last_seq,
                peer_read_seq=opened.peer_read_seq,
            )
        )
        if not _resumes(hello, opened) and (hello.last_seq > 0 or hello.epoch is not None):
            self._outbox.put(Reset(epoch=opened.epoch))
        self._outbox.follow(opened.conversation_id, state.seen)
        for message in state.missed:
            self._outbox.put(Reach(opened.conversation_id, message.seq, message))
        self._outbox.put(Reach(opened.conversation_id, opened.last_seq))
        held, self._heard = self._heard or [], None
        for hint in held:
            self.hear(hint)

    # --- what the customer sends ------------------------------------------------------------

    async def _handle(self, text: str) -> None:
        try:
            await self._do(client_event.validate_json(text))
        except ValidationError as error:
            self.socket.refused(bad_event(error), client_msg_id_in(text))
        except LingxiError as error:
            self.socket.refused(error, client_msg_id_in(text))
        except Exception:
            log.exception("event_failed", conversation=self._conversation_id)
            self.socket.refused(LingxiError(), client_msg_id_in(text))
        else:
            self.socket.behaved()

    async def _do(self, event: ClientEvent) -> None:
        to, id_ = self._to, self._conversation_id
        match event:
            case Send():
                await self._send(event)
            case Typing():
                await to.limits.check("typing", self.visitor_id)
                to.hub.publish(
                    TypingNow(
                        conversation_id=id_, who="visitor", on=bool(event.text), draft=event.text
                    )
                )
            case Hello():
                raise Refused("bad_event")
            case _:
                await to.limits.check("event", self.visitor_id)
                await to.database.write(lambda s: self._unit(s, event))

    async def _send(self, event: Send) -> None:
        to = self._to
        await to.limits.check("send", self.visitor_id)
        with root_span("message", conversation=self._conversation_id, channel="widget"):
            await self._accept(event)

    async def _accept(self, event: Send) -> None:
        to = self._to
        began = time.perf_counter()
        author = Author(type="visitor", id=self.visitor_id, name=self._visitor.name)
        message = await to.intake.accept(
            Sent(self._conversation_id, author, event.client_msg_id, event.content)
        )
        to.metrics.acks.observe(time.perf_counter() - began)
        self._outbox.put(
            Ack(
                client_msg_id=event.client_msg_id,
                seq=message.seq,
                message_id=message.id,
                created_at=message.created_at,
            )
        )

    def _unit(self, session: Session, event: ClientEvent) -> None:
        to, id_ = self._to, self._conversation_id
        match event:
            case Read(seq=seq):
                to.chat.read(session, id_, Author(type="visitor", id=self.visitor_id), seq)
            case Feedback(message_id=message_id, value=value):
                to.chat.feedback(session, id_, self.visitor_id, message_id, value)
            case Recall(message_id=message_id):
                author = Author(type="visitor", id=self.visitor_id)
                to.chat.recall(session, id_, author, message_id)
            case Rate(stars=stars, comment=comment):
                to.chat.rate(session, id_, self.visitor_id, stars, comment)
            case RequestHuman():
                to.handoff.ask(session, id_, self.visitor_id)
            case Cancel():
                to.handoff.cancel(session, id_, self.visitor_id)
            case SetVoice(on=on):
                to.chat.set_voice(session, id_, on)
            case _:
                raise NotFound()

    # --- what the customer hears ------------------------------------------------------------

    def hear(self, hint: Hint) -> None:
        if self._heard is not None:
            self._heard.append(hint)
            return
        out = self._outbox
        match hint:
            case MessageSaved(message=message):
                out.put(Reach(hint.conversation_id, message.seq, message))
            case MessageChanged(message=message):
                out.put(encode(message, self.visitor_id))
            case SeqReached(seq=seq):
                out.put(Reach(hint.conversation_id, seq), replaces="seq")
            case OwnerMoved():
                out.put(
                    OwnerChanged(
                        owner=hint.owner,
                        agent_name=hint.agent_name,
                        queue_position=hint.queue_position,
                        expected_wait_s=hint.expected_wait_s,
                    )
                )
            case PartialNow():
                out.put(Partial(turn_id=hint.turn_id, text=hint.text), replaces="partial")
            case TypingNow(who="bot" | "agent" as who, on=on):
                out.put(PeerTyping(who=who, on=on), replaces=f"typing {who}")
            case ReadNow(who="bot" | "agent", seq=seq):
                out.put(PeerRead(seq=seq), replaces="read")
            case VoiceNow():
                out.put(VoiceReady(message_id=hint.message_id, url=hint.url))
            case CustomerErased():
                self.socket.end(Unauthenticated.close_code, "erased")
            case TroubleNow():
                words = self._to.words.code(hint.code, self.socket.language)
                out.put(Error(code=hint.code, words=words, retry_after_s=hint.retry_after_s))
            case _:
                pass  # what only agents hear


def _entrance(hello: Hello) -> tuple[Language | None, bool, str | None]:
    return hello.language, hello.voice, hello.page_url


def _resumes(hello: Hello, opened: Opened) -> bool:
    return hello.epoch == opened.epoch and hello.last_seq <= opened.last_seq


def encode(message: Message, reader_id: str) -> MessageEvent:
    """For the wire; a client id is told to its own author alone."""
    own = message if message.author.id == reader_id else without_client_id(message)
    return MessageEvent.model_construct(message=own)
