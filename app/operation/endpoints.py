"""``/api/operations``: the ladder of degradation as it stands, and its drills; for admins."""

from __future__ import annotations

from fastapi import APIRouter

from app.auth.dependencies import SignedInAdmin
from app.operation.drills import Part
from app.operation.types import DrillRequest, Ladder
from app.services import UsedServices

router = APIRouter(prefix="/api/operations", tags=["operation"])


@router.get("")
async def ladder(_admin: SignedInAdmin, to: UsedServices) -> Ladder:
    """Each part is asked just now, in this worker."""
    return await to.operation.ladder()


@router.post("/drills/{part}")
async def start_drill(
    part: Part, body: DrillRequest, admin: SignedInAdmin, to: UsedServices
) -> Ladder:
    """The part plays dead, in every worker, until its time is over or an admin ends it."""
    await to.operation.start(part, body.seconds, admin.id)
    return await to.operation.ladder()


@router.delete("/drills/{part}")
async def end_drill(part: Part, admin: SignedInAdmin, to: UsedServices) -> Ladder:
    await to.operation.end(part, admin.id)
    return await to.operation.ladder()
