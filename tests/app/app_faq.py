"""What tests of the knowledge have in common: entries by REST, imports, and what the chat says."""

from __future__ import annotations

import asyncio
import io
import secrets
from typing import Any

import httpx
from app_client import Customer, Desk
from PIL import Image

PATIENCE_S = 30.0
ZH = {"Accept-Language": "zh"}
EN = {"Accept-Language": "en"}


def content(question: str, answer: str, **more: Any) -> dict[str, Any]:
    return {
        "questions": {"en": [question]},
        "answers": [{"language": "en", "text": answer}],
        **more,
    }


def word() -> str:
    """A word that no other entry has."""
    return "zq" + "".join(secrets.choice("bcdfghklmnprtvwxz") for _ in range(8))


async def added(desk: Desk, question: str, answer: str, **more: Any) -> dict[str, Any]:
    body = {"content": content(question, answer, **more), "publish": True}
    return checked(await desk.http.post("/api/faq", json=body), 201)


def checked(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def told(customer: Customer, question: str, wanted: str) -> None:
    """The chat answers `question` with `wanted`, at the latest after a while."""
    async with asyncio.timeout(PATIENCE_S), customer.talk() as talk:
        while True:
            await talk.send(f"faq {question}")
            reply = await talk.message("bot")
            if reply["content"]["text"] == wanted:
                return
            await asyncio.sleep(0.1)


async def files_told(customer: Customer, question: str) -> list[dict[str, Any]]:
    """Those that come with the answer, at the latest after a while."""
    async with asyncio.timeout(PATIENCE_S), customer.talk() as talk:
        while True:
            await talk.send(f"faq {question}")
            files: list[dict[str, Any]] = (await talk.message("bot"))["content"]["files"]
            if files:
                return files
            await asyncio.sleep(0.1)


def picture_bytes() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, "PNG")
    return out.getvalue()


async def imported(desk: Desk, name: str, data: bytes, **params: Any) -> dict[str, Any]:
    """The import's status at its end."""
    headers = params.pop("headers", EN)
    answer = await desk.http.post(
        "/api/faq/import", files={"file": (name, data)}, params=params, headers=headers
    )
    assert answer.status_code == 200, answer.text
    status: dict[str, Any] = answer.json()
    async with asyncio.timeout(PATIENCE_S):
        while status["state"] == "running":
            await asyncio.sleep(0.1)
            status = (await desk.http.get(f"/api/faq/import/{status['id']}")).json()
    return status


async def entry(desk: Desk, entry_id: str) -> dict[str, Any]:
    answer = await desk.http.get(f"/api/faq/{entry_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
