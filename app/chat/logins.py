"""Ends the sockets of logins that ended elsewhere: on another worker, or by expiry."""

from __future__ import annotations

import asyncio

import structlog

from app.auth.service import AuthService
from app.chat.agent_gateway import AgentConnection
from app.chat.hints import SessionEnded
from app.chat.hub import INBOX, Hub
from app.db import Database
from app.errors import DatabaseUnavailable

LOOK_EVERY_S = 3.0

log = structlog.get_logger(__name__)


async def end_logins(database: Database, auth: AuthService, hub: Hub) -> None:
    """Until cancelled: whoever's login is gone has no socket 5 s later."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        held = {
            listener.agent.token_hash
            for listener in hub.listeners(INBOX)
            if isinstance(listener, AgentConnection) and listener.agent
        }
        if not held:
            continue
        try:
            ended = await database.read(lambda s, held=held: auth.ended_logins(s, sorted(held)))  # type: ignore[misc]
        except DatabaseUnavailable as error:
            log.warning("logins_not_checked", code=error.code)
            continue
        for token_hash in ended:
            hub.deliver(SessionEnded(token_hash=token_hash))
