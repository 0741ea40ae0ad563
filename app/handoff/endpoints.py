"""The desk's REST: the inbox, a conversation's card, and what an agent may do with it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from app.auth.dependencies import SignedInAgent
from app.handoff.schemas import (
    CannedIn,
    CannedListAnswer,
    CannedOut,
    CardOut,
    ConversationAnswer,
    DetailAnswer,
    InboxAnswer,
    TransferRequest,
    VisitorOut,
)
from app.handoff.views import View
from app.services import UsedServices

router = APIRouter(prefix="/api", tags=["desk"])


@router.get("/conversations")
async def inbox(
    agent: SignedInAgent,
    to: UsedServices,
    view: View = "all",
    q: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> InboxAnswer:
    def work(session: Session) -> InboxAnswer:
        page = to.handoff.list(session, agent.id, view, q, before, limit)
        counts = to.handoff.counts(session, agent.id)
        return InboxAnswer(items=page.items, counts=counts, next=page.next)

    return await to.database.read(work)


@router.get("/conversations/{conversation_id}")
async def detail(conversation_id: str, _agent: SignedInAgent, to: UsedServices) -> DetailAnswer:
    def work(session: Session) -> DetailAnswer:
        found = to.handoff.detail(session, conversation_id)
        card = found.card
        return DetailAnswer(
            conversation=found.summary,
            visitor=VisitorOut.model_validate(found.visitor, from_attributes=True),
            handoff=CardOut.model_validate(card, from_attributes=True) if card else None,
        )

    return await to.database.read(work)


@router.post("/conversations/{conversation_id}/transfer")
async def transfer(
    conversation_id: str, body: TransferRequest, agent: SignedInAgent, to: UsedServices
) -> ConversationAnswer:
    summary = await to.database.write(
        lambda s: to.handoff.act(s, conversation_id, "transfer", agent, body.agent_id)
    )
    return ConversationAnswer(conversation=summary)


@router.post("/conversations/{conversation_id}/{command}")
async def act(
    conversation_id: str,
    command: Literal["claim", "release", "hand_back", "close", "reopen"],
    agent: SignedInAgent,
    to: UsedServices,
) -> ConversationAnswer:
    """Take a conversation, put it back, give it to the bot, end it, or open it again."""
    summary = await to.database.write(lambda s: to.handoff.act(s, conversation_id, command, agent))
    return ConversationAnswer(conversation=summary)


# --- canned responses -----------------------------------------------------------------------


@router.get("/canned")
async def list_canned(_agent: SignedInAgent, to: UsedServices) -> CannedListAnswer:
    rows = await to.database.read(to.canned.all)
    return CannedListAnswer(
        items=[CannedOut.model_validate(row, from_attributes=True) for row in rows]
    )


@router.post("/canned", status_code=201)
async def add_canned(body: CannedIn, agent: SignedInAgent, to: UsedServices) -> CannedOut:
    row = await to.database.write(
        lambda s: to.canned.add(s, agent.id, body.shortcut, body.title, body.text)
    )
    return CannedOut.model_validate(row, from_attributes=True)


@router.put("/canned/{canned_id}")
async def change_canned(
    canned_id: str, body: CannedIn, agent: SignedInAgent, to: UsedServices
) -> CannedOut:
    row = await to.database.write(
        lambda s: to.canned.change(s, agent.id, canned_id, body.shortcut, body.title, body.text)
    )
    return CannedOut.model_validate(row, from_attributes=True)


@router.delete("/canned/{canned_id}", status_code=204)
async def delete_canned(canned_id: str, agent: SignedInAgent, to: UsedServices) -> None:
    await to.database.write(lambda s: to.canned.delete(s, agent.id, canned_id))
