"""``/api/audit``: who did what to what, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.audit import service
from app.audit.types import AuditAnswer, AuditQuery, AuditState
from app.auth.dependencies import SignedInAdmin
from app.services import UsedServices

router = APIRouter(prefix="/api/audit", tags=["audit"])


@router.get("")
async def entries(
    _admin: SignedInAdmin, to: UsedServices, asked: Annotated[AuditQuery, Query()]
) -> AuditAnswer:
    """One page of the log, the latest first."""
    return await to.database.read(lambda s: service.page(s, asked))


@router.get("/state")
async def state(_admin: SignedInAdmin, to: UsedServices) -> AuditState:
    """Every entry's hash is computed anew: whether any was changed or taken out."""
    return await to.database.read(service.state)
