"""Who may use the knowledge's REST: who is signed in, and programs whose key is for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from app.auth.dependencies import require_agent, require_supervisor
from app.auth.service import AgentIdentity
from app.keys.dependencies import ShownBearer, key_shown
from app.keys.types import KeyIdentity, Scope


def _as_author(key: KeyIdentity) -> AgentIdentity:
    """An admin made the key to write: what it writes may be published."""
    return AgentIdentity(key.id, "", key.name, "supervisor", available=False, token_hash="")


def _agent_or_key(scope: Scope) -> Callable[..., Awaitable[AgentIdentity]]:
    async def allowed(request: Request, shown: ShownBearer) -> AgentIdentity:
        key = await key_shown(request, shown, scope)
        return await require_agent(request) if key is None else _as_author(key)

    return allowed


async def _supervisor_or_key(request: Request, shown: ShownBearer) -> AgentIdentity:
    key = await key_shown(request, shown, "knowledge:write")
    if key is not None:
        return _as_author(key)
    return await require_supervisor(await require_agent(request))


KnowledgeReader = Annotated[AgentIdentity, Depends(_agent_or_key("knowledge:read"))]
KnowledgeWriter = Annotated[AgentIdentity, Depends(_agent_or_key("knowledge:write"))]
KnowledgeKeeper = Annotated[AgentIdentity, Depends(_supervisor_or_key)]
"""Supervisors and admins."""
