"""``/api/auth``, ``/api/me``, ``/api/agents``: signing in and out."""

from __future__ import annotations

import asyncio
import hashlib

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.auth.cookies import clear_login, set_login
from app.auth.dependencies import SignedInAgent
from app.auth.schemas import (
    AgentAnswer,
    AgentOut,
    AgentRow,
    AgentsAnswer,
    AvailabilityRequest,
    CodeRequest,
    DevelopmentLogin,
    EnrolmentAnswer,
    LoginHint,
    LoginRequest,
    PasswordRequest,
    ProviderHint,
    RecoveryCodes,
    SecondFactorState,
)
from app.auth.service import AgentIdentity
from app.config import DEVELOPMENT_AGENT
from app.errors import Forbidden, Refused, Unauthenticated
from app.services import UsedServices, address_of

router = APIRouter(prefix="/api", tags=["agents"])


@router.get("/auth/hint")
async def login_hint(to: UsedServices) -> LoginHint:
    provider = ProviderHint(name=to.oidc.name, url="/api/auth/oidc/start") if to.oidc else None
    if to.settings.environment != "development":
        return LoginHint(provider=provider, development_login=None)
    email, password = DEVELOPMENT_AGENT
    known = DevelopmentLogin(email=email, password=password)
    return LoginHint(provider=provider, development_login=known)


@router.post("/auth/login")
async def log_in(
    body: LoginRequest, request: Request, response: Response, to: UsedServices
) -> AgentAnswer:
    """Sign in. Counted by address, and by address and account: nobody can lock another out."""
    if not to.gateway.origins.allowed(request):
        raise Forbidden("bad_origin")
    address = address_of(request)
    account = _account(body.email)
    known = await to.database.read(lambda s: to.auth.password_hash(s, body.email))
    await to.limits.check("login_attempt", address, "too_many_logins")
    right = await asyncio.to_thread(to.auth.verify, known, body.password)
    if not right or known is None:
        await to.limits.check("login", f"{address} {account}", "too_many_logins")
        raise Unauthenticated("bad_credentials")

    if body.code:  # whoever knows the password may not try all codes
        await to.limits.check("code", account, "too_many_logins")

    def enter(session: Session) -> tuple[AgentIdentity, str]:
        agent, token = to.auth.log_in(session, body.email)
        to.second_factor.check(session, agent.id, body.code)
        return agent, token

    agent, token = await to.database.write(enter)
    set_login(response, token, secure=to.secure_cookies)
    return AgentAnswer(agent=_out(agent))


@router.post("/auth/logout", status_code=204)
async def log_out(agent: SignedInAgent, response: Response, to: UsedServices) -> None:
    await to.database.write(lambda s: to.auth.log_out(s, agent))
    clear_login(response, secure=to.secure_cookies)


@router.get("/me")
async def me(agent: SignedInAgent) -> AgentAnswer:
    return AgentAnswer(agent=_out(agent))


@router.put("/me/availability")
async def set_availability(
    body: AvailabilityRequest, agent: SignedInAgent, to: UsedServices
) -> AgentAnswer:
    await to.database.write(lambda s: to.auth.set_available(s, agent.id, body.available))
    shown = _out(agent).model_copy(update={"available": body.available})
    return AgentAnswer(agent=shown)


@router.put("/me/password", status_code=204)
async def change_password(body: PasswordRequest, agent: SignedInAgent, to: UsedServices) -> None:
    """One's own, by whoever knows the old one; other places where it was used are signed out."""
    await to.limits.check("login", f"password {agent.id}", "too_many_logins")
    known = await to.database.read(lambda s: to.auth.password_hash(s, agent.email))
    if not await asyncio.to_thread(to.auth.verify, known, body.old):
        raise Refused("wrong_password")
    digest = await asyncio.to_thread(to.auth.hash_password, body.new)
    await to.database.write(lambda s: to.staff.change_own_password(s, agent, digest))


@router.get("/agents")
async def agents(_agent: SignedInAgent, to: UsedServices) -> AgentsAnswer:
    def work(session: Session) -> AgentsAnswer:
        present = to.auth.online(session)
        return AgentsAnswer(
            items=[
                AgentRow(
                    id=row.id,
                    email=row.email,
                    name=row.name,
                    role=row.role,
                    available=row.available,
                    online=row.id in present,
                )
                for row in to.auth.agents(session)
            ]
        )

    return await to.database.read(work)


@router.get("/me/second-factor")
async def second_factor(agent: SignedInAgent, to: UsedServices) -> SecondFactorState:
    return SecondFactorState(
        on=await to.database.read(lambda s: to.second_factor.is_on(s, agent.id))
    )


@router.post("/me/second-factor")
async def begin_second_factor(agent: SignedInAgent, to: UsedServices) -> EnrolmentAnswer:
    """A secret for an authenticator; asked for at logins once a code of it was shown."""
    begun = await to.database.write(lambda s: to.second_factor.begin(s, agent.id, agent.email))
    return EnrolmentAnswer(secret=begun.secret, uri=begun.uri, svg=begun.svg)


@router.put("/me/second-factor")
async def confirm_second_factor(
    body: CodeRequest, agent: SignedInAgent, to: UsedServices
) -> RecoveryCodes:
    await to.limits.check("code", _account(agent.email), "too_many_logins")
    codes = await to.database.write(lambda s: to.second_factor.confirm(s, agent.id, body.code))
    return RecoveryCodes(codes=codes)


@router.post("/me/second-factor/end", status_code=204)
async def end_second_factor(body: CodeRequest, agent: SignedInAgent, to: UsedServices) -> None:
    await to.limits.check("code", _account(agent.email), "too_many_logins")
    await to.database.write(lambda s: to.second_factor.end(s, agent.id, body.code))


def _account(email: str) -> str:
    """Names it among what is counted, without saying whose it is."""
    return hashlib.sha256(email.lower().encode()).hexdigest()


def _out(agent: AgentIdentity) -> AgentOut:
    return AgentOut(
        id=agent.id,
        email=agent.email,
        name=agent.name,
        role=agent.role,
        available=agent.available,
    )
