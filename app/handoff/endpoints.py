"""The desk's REST: the inbox, a conversation's card, and what an agent may do with it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from app.auth.dependencies import SignedInAdmin, SignedInAgent
from app.chat.agent_events import ConversationSummary
from app.handoff.rules import Rules
from app.handoff.schemas import (
    CannedIn,
    CannedListAnswer,
    CannedOut,
    CardOut,
    ConversationAnswer,
    ConversationChange,
    DeskAnswer,
    DetailAnswer,
    InboxAnswer,
    InboxQuery,
    RoutingIn,
    RoutingOut,
    SkillIn,
    SkillOut,
    SkillsAnswer,
    TeamIn,
    TeamOut,
    TeamsAnswer,
    TransferRequest,
    VisitorOut,
)
from app.handoff.views import Filters
from app.services import UsedServices

router = APIRouter(prefix="/api", tags=["desk"])
SkillName = Annotated[str, Path(min_length=1, max_length=60)]


@router.get("/conversations")
async def inbox(
    agent: SignedInAgent, to: UsedServices, asked: Annotated[InboxQuery, Query()]
) -> InboxAnswer:
    """One page of a view, narrowed by filters; and how many each view holds."""
    filters = Filters.model_validate(asked.model_dump(exclude={"before", "limit"}))

    def work(session: Session) -> InboxAnswer:
        page = to.handoff.list(session, agent.id, filters, asked.before, asked.limit)
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
    def work(session: Session) -> ConversationSummary:
        if body.team_id is not None:
            return to.handoff.to_team(session, conversation_id, agent, body.team_id)
        return to.handoff.act(session, conversation_id, "transfer", agent, body.agent_id)

    return ConversationAnswer(conversation=await to.database.write(work))


@router.patch("/conversations/{conversation_id}")
async def change(
    conversation_id: str, body: ConversationChange, agent: SignedInAgent, to: UsedServices
) -> ConversationAnswer:
    """Urgency, tags and team, by any agent; snooze and hold, by whoever has the chat."""

    def work(session: Session) -> ConversationSummary:
        triage, asked = to.triage, body.model_fields_set
        row = triage.lock(session, conversation_id)
        if body.priority is not None:
            triage.set_priority(session, row, body.priority)
        if body.tags is not None:
            triage.set_tags(session, row, body.tags)
        if "team_id" in asked:
            triage.set_team(session, row, body.team_id)
        if "snoozed_until" in asked:
            triage.snooze(session, row, agent, body.snoozed_until)
        if body.held is not None:
            triage.hold(session, row, agent, body.held)
        return triage.done(session, row, agent, sorted(asked))

    return ConversationAnswer(conversation=await to.database.write(work))


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


# --- how the desk works ---------------------------------------------------------------------


@router.get("/desk")
async def desk(_agent: SignedInAgent, to: UsedServices) -> DeskAnswer:
    def work(session: Session) -> DeskAnswer:
        return DeskAnswer(
            rules=to.rules.read(session),
            teams=[TeamOut.model_validate(team) for team in to.teams.all(session)],
            skills=[SkillOut.model_validate(skill) for skill in to.teams.skills(session)],
            tags=to.triage.tags(session),
        )

    return await to.database.read(work)


@router.put("/desk/rules")
async def set_rules(body: Rules, admin: SignedInAdmin, to: UsedServices) -> Rules:
    """Who gets a chat, and how long a customer waits at most."""
    return await to.database.write(lambda s: to.rules.write(s, admin.id, body))


@router.get("/teams")
async def teams(_agent: SignedInAgent, to: UsedServices) -> TeamsAnswer:
    found = await to.database.read(to.teams.all)
    return TeamsAnswer(items=[TeamOut.model_validate(team) for team in found])


@router.post("/teams", status_code=201)
async def add_team(body: TeamIn, admin: SignedInAdmin, to: UsedServices) -> TeamOut:
    team = await to.database.write(
        lambda s: to.teams.put(s, admin, None, body.name, body.intents, body.agent_ids)
    )
    return TeamOut.model_validate(team)


@router.put("/teams/{team_id}")
async def change_team(
    team_id: str, body: TeamIn, admin: SignedInAdmin, to: UsedServices
) -> TeamOut:
    team = await to.database.write(
        lambda s: to.teams.put(s, admin, team_id, body.name, body.intents, body.agent_ids)
    )
    return TeamOut.model_validate(team)


@router.delete("/teams/{team_id}", status_code=204)
async def delete_team(team_id: str, admin: SignedInAdmin, to: UsedServices) -> None:
    """Its chats stay in the queue, for everybody."""
    await to.database.write(lambda s: to.teams.delete(s, admin, team_id))


@router.get("/skills")
async def skills(_agent: SignedInAgent, to: UsedServices) -> SkillsAnswer:
    rows = await to.database.read(to.teams.skills)
    return SkillsAnswer(items=[SkillOut.model_validate(row) for row in rows])


@router.put("/skills/{name}")
async def put_skill(
    name: SkillName, body: SkillIn, admin: SignedInAdmin, to: UsedServices
) -> SkillOut:
    row = await to.database.write(lambda s: to.teams.put_skill(s, admin, name, body.intents))
    return SkillOut.model_validate(row)


@router.delete("/skills/{name}", status_code=204)
async def delete_skill(name: SkillName, admin: SignedInAdmin, to: UsedServices) -> None:
    await to.database.write(lambda s: to.teams.delete_skill(s, admin, name))


@router.get("/agents/{agent_id}/routing")
async def routing(agent_id: str, _agent: SignedInAgent, to: UsedServices) -> RoutingOut:
    row = await to.database.read(lambda s: to.auth.agent_named(s, agent_id))
    return RoutingOut.model_validate(row)


@router.put("/agents/{agent_id}/routing")
async def set_routing(
    agent_id: str, body: RoutingIn, admin: SignedInAdmin, to: UsedServices
) -> RoutingOut:
    row = await to.database.write(
        lambda s: to.teams.set_routing(
            s, admin, agent_id, body.languages, body.skills, body.max_chats
        )
    )
    return RoutingOut.model_validate(row)


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
