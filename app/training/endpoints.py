"""The bot page's REST; `app.training.schemas` lists it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query

from app.auth.dependencies import SignedInAgent, SignedInSupervisor
from app.services import UsedServices
from app.training.schemas import BotOut, CompareOut, RunOut, TrainRequest

router = APIRouter(prefix="/api/bot", tags=["bot"])
Version = Annotated[str, Query(max_length=100)]


@router.get("")
async def bot(_agent: SignedInAgent, to: UsedServices) -> BotOut:
    """What the bot understands, its models, and the run under way."""
    return await to.training.overview()


@router.post("/run", status_code=202)
async def train(body: TrainRequest, agent: SignedInSupervisor, to: UsedServices) -> RunOut:
    """Train the next model beside the one that serves."""
    return await to.training.train(agent, body)


@router.delete("/run", status_code=204)
async def stop(_agent: SignedInSupervisor, to: UsedServices) -> None:
    await to.training.stop()


@router.post("/models/{version}/judge", status_code=202)
async def judge(version: str, agent: SignedInSupervisor, to: UsedServices) -> RunOut:
    """Judge a model on the held-out examples."""
    return await to.training.judge(agent, version)


@router.post("/models/{version}/live")
async def put_live(version: str, agent: SignedInSupervisor, to: UsedServices) -> BotOut:
    """Serve with this model from now on: a newer one, or an older one again."""
    return await to.training.put_live(agent, version)


@router.get("/compare")
async def compare(
    left: Version, right: Version, _agent: SignedInAgent, to: UsedServices
) -> CompareOut:
    """What the second model answers otherwise than the first, on the held-out examples."""
    return await asyncio.to_thread(to.training.compare, left, right)
