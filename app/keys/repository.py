"""SQL about other programs' keys."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import Agent, ApiKey


def all_keys(session: Session) -> Sequence[tuple[ApiKey, str]]:
    """(key, the name of who made it), the latest first."""
    rows = session.execute(
        sa.select(ApiKey, Agent.name)
        .join(Agent, Agent.id == ApiKey.created_by)
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    )
    return [(key, name) for key, name in rows]


def by_id(session: Session, key_id: str) -> ApiKey | None:
    return session.get(ApiKey, key_id)


def by_hash(session: Session, secret_hash: str) -> ApiKey | None:
    return session.scalar(sa.select(ApiKey).where(ApiKey.secret_hash == secret_hash))


def count_open(session: Session) -> int:
    query = sa.select(sa.func.count()).where(ApiKey.revoked_at.is_(None))
    return session.scalar(query) or 0
