"""SQL about teams, skills, the desk's settings, and who may be given a chat."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import (
    Agent,
    Conversation,
    DeskSettings,
    HandoffRecord,
    Skill,
    Team,
    TeamMember,
    Turn,
)

SETTINGS_ID = 1


def settings(session: Session) -> DeskSettings | None:
    return session.get(DeskSettings, SETTINGS_ID)


def put_settings(session: Session, rules: Mapping[str, Any]) -> None:
    row = settings(session)
    if row is None:
        session.add(DeskSettings(id=SETTINGS_ID, rules=dict(rules)))
    else:
        row.rules = dict(rules)
    session.flush()


def lock_settings(session: Session) -> None:
    """One worker at a time gives out chats."""
    session.get(DeskSettings, SETTINGS_ID, with_for_update=True)


# --- teams and skills -----------------------------------------------------------------------


def teams(session: Session) -> Sequence[Team]:
    return session.scalars(sa.select(Team).order_by(Team.name)).all()


def team_named(session: Session, name: str) -> Team | None:
    return session.scalar(sa.select(Team).where(Team.name == name))


def members(session: Session) -> dict[str, set[str]]:
    """Agents' ids by team."""
    found: dict[str, set[str]] = {}
    for team_id, agent_id in session.execute(sa.select(TeamMember.team_id, TeamMember.agent_id)):
        found.setdefault(team_id, set()).add(agent_id)
    return found


def set_members(session: Session, team_id: str, agent_ids: Collection[str]) -> None:
    session.execute(sa.delete(TeamMember).where(TeamMember.team_id == team_id))
    session.add_all(TeamMember(team_id=team_id, agent_id=agent_id) for agent_id in agent_ids)
    session.flush()


def forget_team(session: Session, team: Team) -> None:
    session.execute(
        sa.update(Conversation).where(Conversation.team_id == team.id).values(team_id=None)
    )
    session.execute(sa.delete(TeamMember).where(TeamMember.team_id == team.id))
    session.delete(team)
    session.flush()


def skills(session: Session) -> Sequence[Skill]:
    return session.scalars(sa.select(Skill).order_by(Skill.name)).all()


# --- who gets a chat ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued conversation, and what it needs."""

    row: Conversation
    left_agent_id: str | None
    """Who had it and put it back."""


def waiting(session: Session, limit: int) -> list[Waiting]:
    """The most urgent first, of those the longest waiting."""
    rows = session.execute(
        sa.select(Conversation, HandoffRecord.agent_id)
        .outerjoin(HandoffRecord, HandoffRecord.id == Conversation.handoff_id)
        .where(Conversation.owner == "queued")
        .order_by(Conversation.rank.desc(), Conversation.queued_at, Conversation.id)
        .limit(limit)
    )
    return [Waiting(row, agent_id) for row, agent_id in rows]


def is_anybody_waiting(session: Session) -> bool:
    query = sa.select(Conversation.id).where(Conversation.owner == "queued").limit(1)
    return session.scalar(query) is not None


def open_chats(session: Session) -> dict[str, int]:
    """How many conversations each agent has, those put off not counted."""
    rows = session.execute(
        sa.select(Conversation.agent_id, sa.func.count())
        .where(Conversation.owner == "agent", Conversation.snoozed_until.is_(None))
        .group_by(Conversation.agent_id)
    )
    return {str(agent_id): count for agent_id, count in rows}


def agents(session: Session, ids: Collection[str]) -> Sequence[Agent]:
    return session.scalars(sa.select(Agent).where(Agent.id.in_(ids), ~Agent.disabled)).all()


def recent_intents(session: Session, conversation_id: str, limit: int) -> list[str]:
    """What the customer asked for last, latest first."""
    rows = session.scalars(
        sa.select(Turn.intent)
        .where(Turn.conversation_id == conversation_id, Turn.intent.is_not(None))
        .order_by(Turn.created_at.desc())
        .limit(limit)
    )
    return [intent for intent in rows if intent]


def due_snoozes(session: Session, at: datetime, limit: int) -> Sequence[str]:
    return session.scalars(
        sa.select(Conversation.id).where(Conversation.snoozed_until <= at).limit(limit)
    ).all()
