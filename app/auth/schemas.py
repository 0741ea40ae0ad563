from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.models.agents import Role


class LoginRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320)
    password: str = Field(max_length=1000)
    code: str = Field(default="", max_length=40)
    """Of an authenticator, or a recovery code; asked for by `code_wanted`."""


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


class ProviderHint(BaseModel):
    """Of the identity provider's button at the login page."""

    name: str
    url: str


class LoginHint(BaseModel):
    provider: ProviderHint | None
    """How to sign in on a development server; null elsewhere."""

    development_login: DevelopmentLogin | None


class CodeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(default="", max_length=40)


class PasswordRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=1000)
    new: str = Field(max_length=1000)


class SecondFactorState(BaseModel):
    on: bool


class EnrolmentAnswer(BaseModel):
    """Shown once, to be put into an authenticator."""

    secret: str
    uri: str
    svg: str


class RecoveryCodes(BaseModel):
    codes: list[str]
    """Each opens the account once, without the authenticator."""
