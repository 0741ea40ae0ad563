"""``/api/privacy``: find, hand out and forget one customer. For admins; each use is in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.auth.dependencies import SignedInAdmin
from app.services import UsedServices

router = APIRouter(prefix="/api/privacy", tags=["privacy"])


class CustomerOut(BaseModel):
    id: str
    name: str
    email: str | None
    external_id: str | None
    conversations: int
    created_at: datetime
    seen_at: datetime


class CustomersAnswer(BaseModel):
    items: list[CustomerOut]


class Retention(BaseModel):
    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=36_500)] | None
    """Conversations without a word for so long are forgotten; null keeps everything."""


@router.get("/customers")
async def find(
    _admin: SignedInAdmin,
    to: UsedServices,
    q: Annotated[str, Query(min_length=1, max_length=320)] = "",
) -> CustomersAnswer:
    """Customers of exactly this id, e-mail address, outer name or name."""
    found = await to.privacy.find(q.strip()) if q.strip() else []
    return CustomersAnswer(
        items=[
            CustomerOut(
                id=row.id,
                name=row.name,
                email=row.email,
                external_id=row.external_id,
                conversations=count,
                created_at=row.created_at,
                seen_at=row.seen_at,
            )
            for row, count in found
        ]
    )


@router.get("/customers/{visitor_id}")
async def export(visitor_id: str, admin: SignedInAdmin, to: UsedServices) -> Response:
    """Everything that is kept of a customer, by table, as a JSON file."""
    found = await to.privacy.export(visitor_id, admin.id)
    return Response(
        orjson.dumps(found, option=orjson.OPT_INDENT_2),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="customer-{visitor_id[:32]}.json"'},
    )


@router.delete("/customers/{visitor_id}", status_code=204)
async def erase(visitor_id: str, admin: SignedInAdmin, to: UsedServices) -> None:
    """Forget a customer for good: conversations, files, clips; it cannot be undone."""
    await to.privacy.erase(visitor_id, admin.id)


@router.get("/retention")
async def retention(_admin: SignedInAdmin, to: UsedServices) -> Retention:
    return Retention(days=await to.database.read(to.privacy.kept_days))


@router.put("/retention")
async def set_retention(body: Retention, admin: SignedInAdmin, to: UsedServices) -> Retention:
    """It holds at once: what is older is forgotten for good."""
    await to.privacy.keep_for(body.days, admin.id)
    return body
