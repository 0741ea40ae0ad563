"""SQL about agents, their logins and visitors' tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import Agent, AgentPresence, AgentSession, SecondFactor, Visitor, VisitorDevice
from nlu.types import Language

TOKEN: sa.BindParameter[str] = sa.bindparam("token")
HAS_TOKEN = sa.or_(
    Visitor.token_hash == TOKEN,
    Visitor.id.in_(sa.select(VisitorDevice.visitor_id).where(VisitorDevice.token_hash == TOKEN)),
)
VISITOR_BY_TOKEN = sa.select(Visitor).where(HAS_TOKEN)
_columns = Visitor.__table__.c
# Columns instead of an object take half the time: all who were here ask after a restart.
WHO_HAS_TOKEN = sa.select(_columns.id, _columns.name, _columns.language).where(HAS_TOKEN)


def agent(session: Session, agent_id: str) -> Agent | None:
    return session.get(Agent, agent_id)


def agent_by_email(session: Session, email: str) -> Agent | None:
    return session.scalar(sa.select(Agent).where(Agent.email == email.lower()))


def agent_by_subject(session: Session, subject: str) -> Agent | None:
    return session.scalar(sa.select(Agent).where(Agent.oidc_subject == subject))


def agents(session: Session) -> Sequence[Agent]:
    return session.scalars(sa.select(Agent).where(~Agent.disabled).order_by(Agent.name)).all()


def login(session: Session, token_hash: str) -> tuple[AgentSession, Agent] | None:
    row = session.execute(
        sa.select(AgentSession, Agent)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(AgentSession.token_hash == token_hash)
    ).first()
    return None if row is None else (row[0], row[1])


def delete_login(session: Session, token_hash: str) -> None:
    session.execute(sa.delete(AgentSession).where(AgentSession.token_hash == token_hash))


def delete_expired_logins(session: Session, at: datetime) -> None:
    session.execute(sa.delete(AgentSession).where(AgentSession.expires_at < at))


def logins_among(session: Session, token_hashes: Sequence[str], at: datetime) -> set[str]:
    """Those of `token_hashes` that are still good."""
    rows = session.scalars(
        sa.select(AgentSession.token_hash)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(
            AgentSession.token_hash.in_(token_hashes),
            AgentSession.expires_at >= at,
            ~Agent.disabled,
        )
    )
    return set(rows)


def visitor_by_token(session: Session, token_hash: str) -> Visitor | None:
    """By the only token of an anonymous visitor, or one of a verified customer's devices."""
    return session.scalar(VISITOR_BY_TOKEN, {"token": token_hash})


def who_has_token(session: Session, token_hash: str) -> tuple[str, str, Language] | None:
    """(id, name, language) of the visitor whom `visitor_by_token` finds."""
    found = session.execute(WHO_HAS_TOKEN, {"token": token_hash}).first()
    return None if found is None else (found.id, found.name, found.language)


def devices(session: Session, visitor_id: str) -> Sequence[VisitorDevice]:
    """Latest first."""
    return session.scalars(
        sa.select(VisitorDevice)
        .where(VisitorDevice.visitor_id == visitor_id)
        .order_by(VisitorDevice.seen_at.desc())
    ).all()


def visitor_by_external_id(session: Session, external_id: str) -> Visitor | None:
    return session.scalar(sa.select(Visitor).where(Visitor.external_id == external_id))


def see(session: Session, connection_id: str, agent_id: str, at: datetime) -> None:
    row = session.get(AgentPresence, connection_id)
    if row is None:
        session.add(AgentPresence(connection_id=connection_id, agent_id=agent_id, seen_at=at))
    else:
        row.seen_at = at


def unsee(session: Session, connection_id: str) -> None:
    session.execute(sa.delete(AgentPresence).where(AgentPresence.connection_id == connection_id))


def forget_stale_presence(session: Session, before: datetime) -> None:
    session.execute(sa.delete(AgentPresence).where(AgentPresence.seen_at < before))


def agents_online(session: Session, since: datetime) -> set[str]:
    """Agents who have a dashboard open."""
    return set(
        session.scalars(sa.select(AgentPresence.agent_id).where(AgentPresence.seen_at >= since))
    )


def agents_present(session: Session, since: datetime) -> set[str]:
    """Agents who are available and have a dashboard open."""
    rows = session.scalars(
        sa.select(Agent.id)
        .join(AgentPresence, AgentPresence.agent_id == Agent.id)
        .where(AgentPresence.seen_at >= since, Agent.available, ~Agent.disabled)
    )
    return set(rows)


def second_factor(session: Session, agent_id: str, lock: bool = False) -> SecondFactor | None:
    """With `lock`, one login at a time: a code is taken once."""
    query = sa.select(SecondFactor).where(SecondFactor.agent_id == agent_id)
    return session.scalar(query.with_for_update() if lock else query)
