"""Health for orchestrators and figures for Prometheus."""

from __future__ import annotations

import asyncio
import shutil

import sqlalchemy as sa
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from app.db import is_sqlite
from app.errors import DatabaseUnavailable
from app.services import UsedServices

router = APIRouter(tags=["operation"])
LEAST_FREE_BYTES = 64 * 1024**2
"""Below it the database could fail within one burst of messages."""


class Readiness(BaseModel):
    ready: bool
    database: bool
    hub: bool
    turns: bool
    """Whether the bot answers."""
    disk: bool
    """Whether there is room for what is sent."""


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process runs its event loop. Restart it when this fails."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(to: UsedServices, response: Response) -> Readiness:
    """Whether to send customers here. The hub is no condition: one worker serves without it."""
    try:
        await to.database.read(lambda s: s.execute(sa.text("SELECT 1")).scalar())
        database = True
    except DatabaseUnavailable:
        database = False
    turns = to.runner.alive
    free = (await asyncio.to_thread(shutil.disk_usage, to.settings.home)).free
    disk = free > LEAST_FREE_BYTES or not is_sqlite(to.settings.sqlalchemy_url)
    state = Readiness(
        ready=database and turns and disk,
        database=database,
        hub=await to.hub.ready(),
        turns=turns,
        disk=disk,
    )
    response.status_code = 200 if state.ready else 503
    return state


@router.get("/metrics", include_in_schema=False)
async def metrics(to: UsedServices) -> Response:
    return Response(to.metrics.text(), media_type=CONTENT_TYPE_LATEST)
