from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.models.agents import Role


class LoginRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320)
    password: str = Field(max_length=1000)


class AgentOut(BaseModel):
    id: str
    email: str
    name: str
    role: Role
    available: bool


class AgentAnswer(BaseModel):
    agent: AgentOut


class AgentRow(AgentOut):
    online: bool
    """Has a dashboard open."""


class AgentsAnswer(BaseModel):
    items: list[AgentRow]


class AvailabilityRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    available: bool


class DevelopmentLogin(BaseModel):
    email: str
    password: str


class LoginHint(BaseModel):
    """How to sign in on a development server; null elsewhere."""

    development_login: DevelopmentLogin | None
