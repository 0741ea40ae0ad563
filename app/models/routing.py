from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ID_CHARS, Base, Names, new_id


class Team(Base):
    """Agents who share work. Teams route chats; they hide none."""

    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(sa.String(ID_CHARS), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    intents: Mapped[tuple[str, ...]] = mapped_column(Names, default=())
    """Customers who last asked for one of these come to this team."""


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[str] = mapped_column(
        sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[str] = mapped_column(sa.ForeignKey("agents.id"), primary_key=True, index=True)


class Skill(Base):
    """Something that some agents know well, and what customers ask for who need it."""

    __tablename__ = "skills"

    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    intents: Mapped[tuple[str, ...]] = mapped_column(Names, default=())


class DeskSettings(Base):
    """How the desk works: one row, `app.handoff.rules.Rules` as JSON."""

    __tablename__ = "desk_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
