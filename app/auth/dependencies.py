"""For endpoints: who is asking. ``agent: Annotated[AgentIdentity, Depends(require_agent)]``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.auth.cookies import COOKIE
from app.auth.service import AgentIdentity, VisitorIdentity
from app.errors import Forbidden
from app.services import services

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def require_agent(request: Request) -> AgentIdentity:
    """Whoever holds a login cookie, asking from our own page. Raises `Unauthenticated`."""
    to = services(request)
    token = request.cookies.get(COOKIE)
    agent = await to.database.read(lambda s: to.auth.agent_of(s, token))
    if request.method not in SAFE_METHODS and not to.gateway.origins.allowed(request):
        raise Forbidden("bad_origin")
    return agent


async def require_admin(agent: Annotated[AgentIdentity, Depends(require_agent)]) -> AgentIdentity:
    """Raises `Unauthenticated`, `Forbidden`."""
    if agent.role != "admin":
        raise Forbidden()
    return agent


async def require_supervisor(
    agent: Annotated[AgentIdentity, Depends(require_agent)],
) -> AgentIdentity:
    """A supervisor or an admin. Raises `Unauthenticated`, `Forbidden`."""
    if agent.role not in ("supervisor", "admin"):
        raise Forbidden()
    return agent


async def require_visitor(request: Request) -> VisitorIdentity:
    """Whoever sends ``Authorization: Bearer <visitor token>``. Raises `Unauthenticated`."""
    to = services(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found = token.strip() if scheme.lower() == "bearer" else None
    return await to.database.read(lambda s: to.auth.visitor_of(s, found))


SignedInAgent = Annotated[AgentIdentity, Depends(require_agent)]
SignedInAdmin = Annotated[AgentIdentity, Depends(require_admin)]
SignedInSupervisor = Annotated[AgentIdentity, Depends(require_supervisor)]
KnownVisitor = Annotated[VisitorIdentity, Depends(require_visitor)]
