"""Files come in by the sender's token or login, and go out to whoever was told their address."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse

from app.auth.dependencies import KnownVisitor, SignedInAgent
from app.chat.events import WireFile
from app.errors import NotFound
from app.services import UsedServices

router = APIRouter(tags=["files"])
Name = Annotated[str, Query(min_length=1, max_length=500)]
OUT_HEADERS = {
    # Nothing of a file may run, be framed, or be guessed to be something else.
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
    "Referrer-Policy": "no-referrer",
}


@router.post("/api/visitor/files", status_code=201)
async def customer_sends(
    name: Name, request: Request, visitor: KnownVisitor, to: UsedServices
) -> WireFile:
    """The body is the file. Its last path segment of `url` goes into `send`'s `files`."""
    await to.limits.check("upload", visitor.id)
    conversation_id = await to.database.read(lambda s: to.chat.latest_id(s, visitor.id))
    if conversation_id is None:
        raise NotFound()
    return await to.files.receive(request.stream(), name, conversation_id, visitor.id)


@router.post("/api/conversations/{conversation_id}/files", status_code=201)
async def agent_sends(
    conversation_id: str, name: Name, request: Request, agent: SignedInAgent, to: UsedServices
) -> WireFile:
    """As a customer does, by an agent."""
    await to.limits.check("upload", agent.id)
    await to.database.read(lambda s: to.chat.opened(s, conversation_id))
    return await to.files.receive(request.stream(), name, conversation_id, agent.id)


@router.head("/files/{key}", include_in_schema=False)
@router.get("/files/{key}", response_class=FileResponse)
async def fetch(
    key: Annotated[str, Path(max_length=64)], request: Request, to: UsedServices
) -> Response:
    """The key is the permission: 192 random bits that only the two sides were told."""
    handed = await to.files.hand_out(key)
    headers = {**OUT_HEADERS, "ETag": f'"{handed.digest}"'}
    if f'"{handed.digest}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(
        handed.path, media_type=handed.media_type, filename=handed.name, headers=headers
    )
