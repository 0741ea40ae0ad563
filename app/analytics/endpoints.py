"""``/api/analytics``: what was going on, for supervisors and admins."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.analytics.export import Format, TableName, export
from app.analytics.periods import Period
from app.analytics.schemas import Report
from app.analytics.service import report
from app.auth.dependencies import SignedInSupervisor
from app.models.base import now
from app.services import ReaderLanguage, Services, UsedServices

router = APIRouter(prefix="/api/analytics", tags=["analytics"])
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Asked(BaseModel):
    """Whole days at the office, both included; the last thirty where none are named."""

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    days: int | None = Field(None, ge=1, le=366)
    """So many until today, where the office is: its day may not be the reader's."""


AskedPeriod = Annotated[Asked, Query()]


async def _report(to: Services, asked: Asked) -> Report:
    def work(session: Session) -> Report:
        zone = to.widget.hours(session).zone
        today = now().astimezone(zone).date()
        first, last = asked.first, asked.last
        if asked.days is not None:
            first, last = today - timedelta(days=asked.days - 1), today
        return report(session, Period.of(first, last, zone, today))

    return await to.database.read(work)


@router.get("")
async def analytics(_by: SignedInSupervisor, to: UsedServices, asked: AskedPeriod) -> Report:
    return await _report(to, asked)


class ExportAsked(Asked):
    format: Format = "xlsx"
    table: TableName = "days"


@router.get("/export", response_class=Response)
async def export_file(
    _by: SignedInSupervisor,
    to: UsedServices,
    reader: ReaderLanguage,
    asked: Annotated[ExportAsked, Query()],
) -> Response:
    """A workbook of everything, or one table as CSV; no cell is computed as a formula."""
    found = await _report(to, asked)
    kind, table = asked.format, asked.table
    data = await asyncio.to_thread(export, found, kind, table, to.words, reader)
    name = f"lingxi-{'' if kind == 'xlsx' else f'{table}-'}{found.first}-{found.last}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=MEDIA_TYPES[kind], headers=headers)
