"""The owner's knowledge by its REST doors, and what customers get of it in the chat."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import jwt
from app_client import Customer, Desk
from app_faq import PATIENCE_S, added, checked, content, told, word
from conftest import IDENTITY_SECRET


async def test_the_project_is_seeded_and_an_edit_reaches_the_chat(
    customer: Customer, desk: Desk
) -> None:
    seeded = checked(await desk.http.get("/api/faq/return-window"))
    assert seeded["status"] == "published"
    assert [version["action"] for version in seeded["history"]] == ["seeded"]
    asked = f"how much is the {word()}"
    entry = await added(desk, asked, "Nine yuan.")
    assert entry["live"], entry
    await told(customer, asked, "Nine yuan.")
    change = {"content": content(asked, "Ten yuan."), "version": 1, "publish": True}
    checked(await desk.http.put(f"/api/faq/{entry['id']}", json=change))
    await told(customer, asked, "Ten yuan.")
    checked(await desk.http.delete(f"/api/faq/{entry['id']}"))
    await told(customer, asked, "I do not know")


async def test_a_draft_waits_until_it_is_published(customer: Customer, desk: Desk) -> None:
    asked = f"where is the {word()}"
    entry = await added(desk, asked, "Here.")
    path = f"/api/faq/{entry['id']}"
    draft = {"content": content(asked, "There."), "version": 1}
    changed = checked(await desk.http.put(path, json=draft))
    assert (changed["status"], changed["version"], changed["published_version"]) == (
        "changed",
        2,
        1,
    )
    await told(customer, asked, "Here.")
    again = await desk.http.put(path, json=draft)
    assert checked(again, 409)["error"]["code"] == "version_conflict"
    checked(await desk.http.post(f"{path}/publish"))
    await told(customer, asked, "There.")
    checked(await desk.http.post(f"{path}/revert", json={"number": 1}))
    await told(customer, asked, "Here.")
    history = checked(await desk.http.get(path))["history"]
    assert [(v["number"], v["action"], v["live"]) for v in history] == [
        (3, "reverted", True),
        (2, "edited", False),
        (1, "created", False),
    ]
    assert {v["author"] for v in history} == {desk.name}
    assert history[1]["published_at"]


async def test_validity_begins_and_ends(customer: Customer, desk: Desk) -> None:
    asked = f"is there a {word()} sale"
    past = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2021-01-01T00:00:00Z"}
    over = await added(desk, asked, "It is over.", **past)
    assert (over["status"], over["live"]) == ("published", False)
    now = await added(desk, asked, "Yes!", valid_until="2999-01-01T00:00:00Z")
    assert now["live"]
    await told(customer, asked, "Yes!")


async def seen_by(desk: Desk, query: str, audience: str) -> list[dict[str, Any]]:
    body = {"query": query, "audience": audience}
    found: list[dict[str, Any]] = checked(await desk.http.post("/api/faq/search", json=body))[
        "candidates"
    ]
    return found


async def test_an_entry_is_told_to_its_audience_alone(base: str, desk: Desk) -> None:
    name = word()
    open_to_all = await added(desk, f"where is the {name} shop", "On the corner.")
    for audience in ("verified", "staff"):
        asked = f"what is the {name} {audience} discount"
        entry = await added(desk, asked, f"{audience} twenty.", audience=audience)
        assert entry["content"]["audience"] == audience
    proof = jwt.encode({"sub": name, "exp": time.time() + 600}, IDENTITY_SECRET)
    known = await Customer.arrive(base, identity={"jwt": proof})
    stranger = await Customer.arrive(base)
    verified, staff = (f"what is the {name} {who} discount" for who in ("verified", "staff"))
    await told(known, verified, "verified twenty.")
    await told(stranger, verified, "I do not know")
    await told(known, staff, "I do not know")
    async with httpx.AsyncClient(base_url=base) as public:
        found = await public.get("/api/help/search", params={"q": name, "language": "en"})
        assert [item["entry_id"] for item in found.json()["items"]] == [open_to_all["id"]]
        assert "twenty" not in (await public.get("/help", params={"q": name})).text
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found_as = await seen_by(desk, staff, "staff")
            if found_as[0]["audience"] == "staff":
                break
            await asyncio.sleep(0.1)
    assert {one["audience"] for one in found_as} == {"everyone", "verified", "staff"}
    for who in ("everyone", "verified"):
        for one in await seen_by(desk, staff, who):
            assert one["audience"] in ("everyone", who), one
    exported = (await desk.http.get("/api/faq/export", params={"format": "json"})).json()
    assert {"verified", "staff"} <= {entry.get("audience") for entry in exported}
    odd = {"content": content(name, "A.", audience="nobody"), "publish": True}
    assert (await desk.http.post("/api/faq", json=odd)).status_code == 422


async def test_what_the_owner_calls_the_same_is_answered_the_same(
    customer: Customer, desk: Desk
) -> None:
    official, slang = word(), word()
    await added(desk, f"how do I renew the {official}", "Come by with it.")
    asked = f"how do I renew the {slang}"
    await told(customer, asked, "I do not know")
    body = {"words": [official, slang.upper()]}
    group = checked(await desk.http.post("/api/faq/synonyms", json=body), 201)
    assert group["updated_by"] == desk.name
    await told(customer, asked, "Come by with it.")
    await told(customer, f"how do I renew the {slang}s", "I do not know")  # another word
    listed = checked(await desk.http.get("/api/faq/synonyms"))["items"]
    assert group in listed
    taken = await desk.http.post("/api/faq/synonyms", json={"words": [slang, word()]})
    assert checked(taken, 409)["error"]["code"] == "synonym_taken"
    for odd in ([official], [official, official.upper()], ["a", "b"], [official, "x" * 41]):
        refused = await desk.http.post("/api/faq/synonyms", json={"words": odd})
        assert refused.status_code == 422, odd
    path = f"/api/faq/synonyms/{group['id']}"
    assert (await desk.http.put(path, json={"words": [official, word()]})).status_code == 200
    await told(customer, asked, "I do not know")
    assert (await desk.http.delete(path)).status_code == 204
    assert (await desk.http.delete(path)).status_code == 404


async def test_lists_are_filtered_counted_and_paged(desk: Desk) -> None:
    unique = word()
    for number in range(3):
        await added(desk, f"{unique} {number}", "A.", category=unique)
    body = {"content": content(f"{unique} draft", "A.", category=unique)}
    checked(await desk.http.post("/api/faq", json=body), 201)
    params = {"q": unique.upper(), "limit": 2}
    page = checked(await desk.http.get("/api/faq", params=params))
    assert page["total"] == 4
    assert [item["title"] for item in page["items"]] == [f"{unique} draft", f"{unique} 2"]
    assert {"name": unique, "entries": 4} in page["categories"]
    rest = checked(await desk.http.get("/api/faq", params={**params, "offset": 2}))
    assert [item["title"] for item in rest["items"]] == [f"{unique} 1", f"{unique} 0"]
    drafts = checked(
        await desk.http.get("/api/faq", params={"category": unique, "status": "draft"})
    )
    assert drafts["total"] == 1
    assert page["counts"]["draft"] >= 1
    over = await added(desk, f"{unique} over", "A.", valid_until="2021-01-01T00:00:00Z")
    for wanted, total in (
        ({"status": "expired"}, 1),
        ({"language": "en"}, 5),
        ({"language": "zh"}, 0),
        ({"lacking": "zh"}, 5),
    ):
        found = checked(await desk.http.get("/api/faq", params={"q": unique, **wanted}))
        assert found["total"] == total, wanted
    assert page["counts"]["expired"] < found["counts"]["expired"]
    assert over["status"] == "published"


async def test_who_may_do_what(base: str, desk: Desk, second_desk: Desk) -> None:
    entry = await added(desk, f"what is {word()}", "That.")
    draft = checked(
        await second_desk.http.post("/api/faq", json={"content": content("a", "b")}), 201
    )
    assert draft["status"] == "draft"
    refused = [
        await second_desk.http.post(f"/api/faq/{draft['id']}/publish"),
        await second_desk.http.delete(f"/api/faq/{entry['id']}"),
        await second_desk.http.post("/api/faq/import", files={"file": ("a.csv", b"")}),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    async with httpx.AsyncClient(base_url=base) as nobody:
        for path in ("", "/return-window", "/export", "/unanswered", "/cases"):
            assert (await nobody.get(f"/api/faq{path}")).status_code == 401
        assert (await nobody.post("/api/faq", json={})).status_code == 401


async def test_bad_content_is_refused(desk: Desk) -> None:
    bad: list[dict[str, Any]] = [
        {**content("a", "b"), "questions": {}},
        {**content("a", "b"), "questions": {"fr": ["a"]}},
        {**content("a", "b"), "answers": []},
        {**content("a", "b"), "answers": [{"language": "en", "channel": "rest", "text": "b"}]},
        {**content("a", "b"), "answers": content("a", "b")["answers"] * 2},
        content("a\0b", "c"),
        content("a", "b", valid_from="2026-02-01T00:00:00Z", valid_until="2026-01-01T00:00:00Z"),
        content("a", "b", unknown=1),
    ]
    for body in bad:
        answer = await desk.http.post("/api/faq", json={"content": body})
        assert answer.status_code == 422, (body, answer.text)
    taken = await desk.http.post(
        "/api/faq", json={"id": "return-window", "content": content("a", "b")}
    )
    assert checked(taken, 409)["error"]["code"] == "faq_exists"
    assert (await desk.http.get("/api/faq/no-such-entry")).status_code == 404
