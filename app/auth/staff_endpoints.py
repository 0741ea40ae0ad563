"""``/api/staff``: who works at the desk, for admins."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.auth.dependencies import SignedInAdmin
from app.auth.schemas import AgentRow
from app.auth.staff import new_password
from app.models.agents import Role
from app.services import Services, UsedServices

router = APIRouter(prefix="/api/staff", tags=["agents"])
Email = Annotated[str, Field(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class StaffRow(AgentRow):
    disabled: bool
    languages: list[str]
    skills: list[str]
    max_chats: int | None
    created_at: datetime


class StaffAnswer(BaseModel):
    items: list[StaffRow]


class InviteRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    name: Name
    role: Role = "agent"


class ChangeRequest(BaseModel):
    """Only what is named is changed."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    role: Role | None = None
    disabled: bool | None = None


class PasswordAnswer(BaseModel):
    agent_id: str
    email: str
    password: str
    """Shown this once: only its hash is kept."""


@router.get("")
async def staff(_admin: SignedInAdmin, to: UsedServices) -> StaffAnswer:
    """Everybody, also those who are disabled."""
    return await to.database.read(lambda s: _rows(to, s))


@router.post("", status_code=201)
async def invite(body: InviteRequest, admin: SignedInAdmin, to: UsedServices) -> PasswordAnswer:
    """A new agent with a password to pass on."""
    password = new_password()
    digest = await asyncio.to_thread(to.auth.hash_password, password)
    agent = await to.database.write(
        lambda s: to.staff.add(s, admin, body.email, body.name, body.role, digest)
    )
    return PasswordAnswer(agent_id=agent.id, email=agent.email, password=password)


@router.patch("/{agent_id}")
async def change(
    agent_id: str, body: ChangeRequest, admin: SignedInAdmin, to: UsedServices
) -> StaffAnswer:
    """Name, role, disabled. A new role or a disabled account is signed out within seconds."""

    def work(session: Session) -> StaffAnswer:
        if body.name is not None:
            to.staff.rename(session, admin, agent_id, body.name)
        if body.role is not None:
            to.staff.set_role(session, admin, agent_id, body.role)
        if body.disabled is not None:
            to.staff.set_disabled(session, admin, agent_id, body.disabled)
        return _rows(to, session)

    return await to.database.write(work)


@router.post("/{agent_id}/password")
async def reset_password(agent_id: str, admin: SignedInAdmin, to: UsedServices) -> PasswordAnswer:
    """A new password to pass on; whoever knew the old one is signed out."""
    password = new_password()
    digest = await asyncio.to_thread(to.auth.hash_password, password)
    agent = await to.database.write(lambda s: to.staff.set_password(s, admin, agent_id, digest))
    return PasswordAnswer(agent_id=agent.id, email=agent.email, password=password)


def _rows(to: Services, session: Session) -> StaffAnswer:
    present = to.auth.online(session)
    return StaffAnswer(
        items=[
            StaffRow(
                id=row.id,
                email=row.email,
                name=row.name,
                role=row.role,
                available=row.available,
                online=row.id in present,
                disabled=row.disabled,
                languages=list(row.languages),
                skills=list(row.skills),
                max_chats=row.max_chats,
                created_at=row.created_at,
            )
            for row in to.staff.everybody(session)
        ]
    )
