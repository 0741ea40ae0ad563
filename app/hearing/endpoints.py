"""``POST /api/visitor/speech``: a recording in, its words out, for the customer to read first."""

from __future__ import annotations

from fastapi import APIRouter, Request

from app.auth.dependencies import KnownVisitor
from app.hearing.types import Heard
from app.services import UsedServices
from nlu.types import Language

router = APIRouter(tags=["voice"])


@router.post("/api/visitor/speech")
async def write_down(
    request: Request, visitor: KnownVisitor, to: UsedServices, language: Language = "zh"
) -> Heard:
    """The body is the recording, a minute at most, as a browser's recorder makes it."""
    await to.limits.check("hearing", visitor.id)
    return await to.hearing.write_down(await request.body(), language)
