"""SQL about who works at the desk, for those who say who does."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import Agent, AgentSession


def everybody(session: Session) -> Sequence[Agent]:
    """Also those who have left, last."""
    return session.scalars(sa.select(Agent).order_by(Agent.disabled, Agent.name)).all()


def lock_admins(session: Session) -> set[str]:
    """Those who are not disabled; two of them cannot remove each other at once."""
    rows = session.scalars(
        sa.select(Agent).where(Agent.role == "admin", ~Agent.disabled).with_for_update()
    )
    return {agent.id for agent in rows}


def forget_logins(session: Session, agent_id: str, but: str = "") -> list[str]:
    """The hashes of what no longer opens anything; `but` is the login that stays."""
    theirs = (AgentSession.agent_id == agent_id, AgentSession.token_hash != but)
    hashes = list(session.scalars(sa.select(AgentSession.token_hash).where(*theirs)))
    session.execute(sa.delete(AgentSession).where(*theirs))
    return hashes
