"""SQL about the audit log, for those who read it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.audit.types import AuditQuery
from app.models import Agent, AuditEntry

Found = Sequence[tuple[AuditEntry, str | None, str | None]]
"""An entry, its actor's name and its subject's, where they are agents."""


def page(session: Session, asked: AuditQuery) -> Found:
    actor, subject = aliased(Agent), aliased(Agent)
    query = (
        sa.select(AuditEntry, actor.name, subject.name)
        .outerjoin(actor, actor.id == AuditEntry.actor)
        .outerjoin(subject, subject.id == AuditEntry.subject)
        .order_by(AuditEntry.position.desc())
        .limit(asked.limit + 1)
    )
    for condition in _conditions(asked):
        query = query.where(condition)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _conditions(asked: AuditQuery) -> list[sa.ColumnElement[bool]]:
    named = asked.model_dump(include={"actor", "action", "subject"}, exclude_none=True)
    found = [getattr(AuditEntry, name) == value for name, value in named.items()]
    if asked.since is not None:
        found.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        found.append(AuditEntry.at < asked.until)
    if asked.before is not None:
        found.append(AuditEntry.position < asked.before)
    return found


def actions(session: Session) -> Sequence[str]:
    return session.scalars(sa.select(AuditEntry.action).distinct().order_by("action")).all()


def actors(session: Session) -> Sequence[tuple[str, str | None]]:
    """(id, name where it is an agent's)."""
    rows = session.execute(
        sa.select(AuditEntry.actor, Agent.name)
        .outerjoin(Agent, Agent.id == AuditEntry.actor)
        .distinct()
    )
    return [(row[0], row[1]) for row in rows]
