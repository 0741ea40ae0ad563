"""What an operator would look for in the database, in file modes, and at other servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.audit import chain
from app.config import Settings
from app.db import Database
from app.faq.shared_vectors import told as vectors_told
from app.findings import Finding
from app.models import Agent, Webhook

ANSWER_S = 5.0


def modes(settings: Settings) -> Iterator[Finding]:
    """Files that hold customers' words or secrets, and may be read by everybody on the machine."""
    open_to_all = [
        str(path)
        for path in (settings.home / "lingxi.db", Path(".env"))
        if path.is_file() and path.stat().st_mode & 0o004
    ]
    if settings.environment == "production" and open_to_all:
        words = f"everybody on this machine may read {', '.join(open_to_all)}"
        yield Finding("warning", "file modes", words, f"chmod o= {' '.join(open_to_all)}")
    else:
        yield Finding("ok", "file modes", "nothing secret is open to all")


async def records(settings: Settings) -> list[Finding]:
    """Of a database at the newest revision."""
    database = Database(settings.sqlalchemy_url)
    try:
        found = await database.read(lambda session: list(_records(session)))
        return [*found, await vectors_told(settings, database)]
    finally:
        await database.close()


def _records(session: Session) -> Iterator[Finding]:
    admins = sa.select(sa.func.count()).where(Agent.role == "admin", ~Agent.disabled)
    if session.scalar(admins):
        yield Finding("ok", "admins", f"{session.scalar(admins)} may sign in")
    else:
        remedy = "lingxi agent add you@example.com --name You --role admin"
        yield Finding("warning", "admins", "nobody may change settings", remedy)
    count, broken = chain.check(session)
    if broken is None:
        yield Finding("ok", "audit log", f"{count} entries, whole")
    else:
        words = f"entry {broken} does not follow from the one before: it was tampered with"
        yield Finding("problem", "audit log", words, "compare it with a backup")
    off = session.scalars(sa.select(Webhook.name).where(Webhook.disabled_reason.is_not(None))).all()
    if off:
        words = f"switched off after failing: {', '.join(off)}"
        yield Finding("warning", "webhooks", words, "mend the other side, then switch them on")


async def others(settings: Settings) -> AsyncIterator[Finding]:
    """Servers that this one asks, if any."""
    asked = [
        ("sign-in provider", settings.oidc_issuer, "/.well-known/openid-configuration"),
        ("action server", settings.action_endpoint, ""),
    ]
    if settings.generation == "openai":
        asked.append(("language model", settings.openai_base_url, "/models"))
    async with httpx.AsyncClient(timeout=ANSWER_S) as client:
        for subject, base, path in asked:
            if base is not None:
                yield await _asked(client, subject, base.rstrip("/") + path)


async def _asked(client: httpx.AsyncClient, subject: str, url: str) -> Finding:
    try:
        async with asyncio.timeout(ANSWER_S):
            answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        words = f"expected an answer of {url}, got none: {type(error).__name__}"
        return Finding("warning", subject, words, "is it running, and reachable from here?")
    return Finding("ok", subject, f"{url} answers ({answer.status_code})")
