"""The widget's and the dashboard's REST about messages, and the two sockets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request, WebSocket
from sqlalchemy.orm import Session
from starlette.routing import WebSocketRoute

from app.auth.dependencies import KnownVisitor, SignedInAgent
from app.chat.agent_gateway import AgentConnection
from app.chat.events import Seq
from app.chat.gateway import VisitorConnection, encode
from app.chat.schemas import MessagesAnswer, SessionAnswer, SessionRequest, Why
from app.errors import Refused
from app.services import UsedServices, address_of, services

router = APIRouter(tags=["chat"])
PAGE = 100


@router.post("/api/visitor/session")
async def visitor_session(
    body: SessionRequest, request: Request, to: UsedServices
) -> SessionAnswer:
    """Who this customer is: the same as before with a known token, else a new one.

    With `identity`, the customer whom the host site vouches for, on any device.
    """
    await to.limits.check("session", address_of(request))
    for text in (body.name, body.email, body.page_url):
        if text and "\0" in text:
            raise Refused("bad_text")

    person = to.auth.person_of(body.identity) if body.identity else None

    def work(session: Session) -> SessionAnswer:
        if person is None:
            visitor, token = to.auth.admit_visitor(
                session, body.token, body.name, body.email, body.language
            )
        else:
            visitor, token, was = to.auth.admit_person(session, person, body.token, body.language)
            if was is not None:
                to.chat.adopt(session, was, visitor.id)
            to.chat.rename(session, visitor.id, visitor.name)
        conversation_id = to.chat.enter(
            session, visitor.id, body.language, voice=None, page_url=body.page_url
        )
        return SessionAnswer(token=token, visitor_id=visitor.id, conversation_id=conversation_id)

    return await to.database.write(work)


@router.get("/api/visitor/messages")
async def visitor_messages(
    visitor: KnownVisitor,
    to: UsedServices,
    after_seq: Seq = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> MessagesAnswer:
    """The customer's own history, for those who come without a socket."""

    def work(session: Session) -> MessagesAnswer:
        id_ = to.chat.latest_id(session, visitor.id)
        found = to.chat.messages_after(session, id_, after_seq, limit) if id_ else []
        return MessagesAnswer(items=[encode(m, visitor.id).message for m in found])

    return await to.database.read(work)


@router.get("/api/conversations/{conversation_id}/messages")
async def messages(
    conversation_id: str,
    agent: SignedInAgent,
    to: UsedServices,
    after_seq: Seq | None = None,
    before_seq: Seq | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> MessagesAnswer:
    """Oldest first: from after `after_seq`, else the last ones before `before_seq`."""

    def work(session: Session) -> MessagesAnswer:
        to.chat.opened(session, conversation_id)
        if after_seq is not None:
            found = to.chat.messages_after(session, conversation_id, after_seq, limit)
        else:
            found = to.chat.messages_before(session, conversation_id, before_seq, limit)
        return MessagesAnswer(items=[encode(m, agent.id).message for m in found])

    return await to.database.read(work)


@router.get("/api/conversations/{conversation_id}/turns/{message_id}")
async def why(
    conversation_id: str,
    message_id: str,
    _agent: SignedInAgent,
    to: UsedServices,
    explain: bool = False,
) -> Why:
    """Of a customer's message or the bot's answer to it: what was understood and decided.

    With `explain` also each word's share in it and the nearest examples, by the model of now.
    """
    understanding, trace = await to.database.read(
        lambda s: to.chat.why(s, conversation_id, message_id)
    )
    if not (explain and understanding and to.engine):
        return Why(understanding=understanding, trace=trace)
    found = await to.engine.explain(str(understanding["text"]))
    words = asdict(found) | {"model_id": found.understanding.model_id}
    del words["understanding"]
    return Why(understanding=understanding, trace=trace, explanation=words)


async def visitor_socket(websocket: WebSocket) -> None:
    await VisitorConnection(services(websocket).gateway, websocket).serve()


async def agent_socket(websocket: WebSocket) -> None:
    await AgentConnection(services(websocket).gateway, websocket).serve()


SOCKETS = [WebSocketRoute("/ws", visitor_socket), WebSocketRoute("/ws/agent", agent_socket)]
"""Looked for before all other routes, and without FastAPI's dependencies, which each open socket
would hold on to: after a restart everybody comes back at once, and stays.
"""
