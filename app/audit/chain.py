"""The audit log: append-only, each entry's hash covers the one before, so that tampering shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.models import AuditEntry, now

GENESIS = "0" * 64
AUDIT_LOCK = 7316
AT_ONCE = 1000
"""Entries held in memory while the whole log is checked."""


def record(
    session: Session,
    actor: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Append who did what to what. No personal data belongs into `detail`."""
    if session.get_bind().dialect.name == "postgresql":  # one appends at a time
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(AUDIT_LOCK)))
    last = session.scalar(sa.select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1))
    entry = AuditEntry(
        position=last.position + 1 if last else 1,
        actor=actor,
        action=action,
        subject=subject,
        detail=dict(detail or {}),
        at=now(),
        chain="",
    )
    entry.chain = _chain(last.chain if last else GENESIS, entry)
    session.add(entry)
    session.flush()


def check(session: Session) -> tuple[int, int | None]:
    """How many entries there are, and the position of the first that does not follow from the one
    before; None if all do."""
    chain, count, broken = GENESIS, 0, None
    entries = sa.select(AuditEntry).order_by(AuditEntry.position)
    for entry in session.scalars(entries.execution_options(yield_per=AT_ONCE)):
        count += 1
        if broken is None and (entry.position != count or entry.chain != _chain(chain, entry)):
            broken = entry.position
        chain = entry.chain
    return count, broken


def hash_at(session: Session, position: int) -> str | None:
    """What an entry has in its chain; None where there is none."""
    entry = session.get(AuditEntry, position)
    return entry.chain if entry else None


def _chain(before: str, entry: AuditEntry) -> str:
    content = [before, entry.position, entry.actor, entry.action, entry.subject, entry.detail]
    return hashlib.sha256(
        json.dumps([*content, entry.at.isoformat()], sort_keys=True).encode()
    ).hexdigest()
