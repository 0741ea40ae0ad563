"""The public help centre: searched as one types, read without a script, nothing private in it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.app.app_client import Desk
from tests.app.test_faq import PATIENCE_S, added, content, word


async def found(public: httpx.AsyncClient, query: str, wanted: str) -> dict[str, Any]:
    """The best hit, as soon as it is the one `wanted`."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await public.get("/api/help/search", params={"q": query, "language": "zh"})
            items: list[dict[str, Any]] = answer.json()["items"]
            if items and items[0]["entry_id"] == wanted:
                return items[0]
            await asyncio.sleep(0.2)


async def test_a_published_entry_is_found_marked_and_read(base: str, desk: Desk) -> None:
    name = word()
    entry = await added(desk, f"{name}怎么保养？", f"<b>{name}</b> 请避免暴晒。")
    async with httpx.AsyncClient(base_url=base) as public:
        hit = await found(public, name, entry["id"])
        assert {"text": name, "match": True} in hit["title"]
        for begun in (name[:-2], f"{name}怎"):
            assert (await found(public, begun, entry["id"]))["entry_id"] == entry["id"]
        page = await public.get("/help", params={"q": name, "language": "zh"})
        assert f"<mark>{name}</mark>" in page.text
        article = await public.get(f"/help/{entry['id']}", params={"language": "zh"})
        assert "避免暴晒" in article.text
        assert "<b>" not in article.text.split("<article>")[1]  # an answer is text
        assert name in (await public.get("/help", params={"language": "zh"})).text


async def test_a_category_is_called_as_its_reader_would_and_small_words_are_not_marked(
    base: str, desk: Desk
) -> None:
    name = word()
    entry = await added(
        desk, f"where is the {name}", "In the box.", category=f"{name}盒 / Box {name}"
    )
    async with httpx.AsyncClient(base_url=base) as public:
        hit = await found(public, f"where is the {name}", entry["id"])
        marked = {part["text"] for part in hit["title"] if part["match"]}
        assert name in marked
        assert not marked & {"is", "the"}
        for language, called, other in (
            ("zh", f"{name}盒", f"Box {name}"),
            ("en", f"Box {name}", f"{name}盒"),
        ):
            page = (await public.get("/help", params={"language": language})).text
            assert f"<h2>{called}</h2>" in page
            assert other not in page


async def test_drafts_and_odd_input_show_nothing(base: str, desk: Desk) -> None:
    name = word()
    body = {"content": content(f"{name}还没发布？", "草稿。"), "publish": False}
    draft = (await desk.http.post("/api/faq", json=body)).json()
    async with httpx.AsyncClient(base_url=base) as public:
        assert (await public.get(f"/help/{draft['id']}")).status_code == 404
        assert (await public.get("/help/assets/..%2Fservice.py")).status_code == 404
        for odd in ("", " ", "\u0000", "(((", "<script>", "%"):
            answer = await public.get("/api/help/search", params={"q": odd})
            assert answer.status_code == 200, odd
            assert name not in answer.text
        assert (await public.get("/api/help/search", params={"q": "x" * 201})).status_code == 422
        shown = await public.get("/help", params={"q": "<script>alert(1)</script>"})
        assert "<script>alert" not in shown.text
