"""Reading the audit log, and telling whether it is whole."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.audit import chain, repository
from app.audit.types import Actor, AuditAnswer, AuditQuery, AuditRow, AuditState


def page(session: Session, asked: AuditQuery) -> AuditAnswer:
    found = repository.page(session, asked)
    shown = found[: asked.limit]
    return AuditAnswer(
        items=[
            AuditRow(
                position=entry.position,
                at=entry.at,
                actor=entry.actor,
                actor_name=actor,
                action=entry.action,
                subject=entry.subject,
                subject_name=subject,
                detail=entry.detail,
            )
            for entry, actor, subject in shown
        ],
        next=shown[-1][0].position if len(found) > asked.limit else None,
    )


def state(session: Session) -> AuditState:
    entries, broken = chain.check(session)
    return AuditState(
        entries=entries,
        first_broken=broken,
        actions=list(repository.actions(session)),
        actors=[Actor(id=id_, name=name) for id_, name in repository.actors(session)],
    )
