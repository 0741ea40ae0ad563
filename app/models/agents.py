from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Names, UtcDateTime, new_id, now

Role = Literal["agent", "supervisor", "admin"]


class Agent(Base):
    """A person who works at the desk."""

    __tablename__ = "agents"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)
    """Lower case: addresses are compared without it."""
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(sa.String(10), default="agent")
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    oidc_subject: Mapped[str | None] = mapped_column(sa.String(600), unique=True, index=True)
    """``<issuer>|<subject>`` of who signs in through an identity provider."""
    available: Mapped[bool] = mapped_column(default=True)
    disabled: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    """Those they serve; none named means all."""
    skills: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    max_chats: Mapped[int | None]
    """How many open chats at once; None means what the desk's settings say."""
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a chat was last given to them; whose turn it is goes by that."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class AgentSession(Base):
    """A login; the cookie's 256-bit token is kept as a hash only."""

    __tablename__ = "agent_sessions"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgentPresence(Base):
    """An open dashboard; refreshed while it lives, so that a dead worker's rows grow stale."""

    __tablename__ = "agent_presence"

    connection_id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True)
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"), index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
