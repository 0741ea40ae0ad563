"""The owner's knowledge by its REST doors, and what customers get of it in the chat."""

from __future__ import annotations

import asyncio
import io
import json
import secrets
import time
from typing import Any

import httpx
import jwt
from app_client import Customer, Desk
from conftest import IDENTITY_SECRET
from PIL import Image

PATIENCE_S = 20.0


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


async def test_a_hit_test_says_why(desk: Desk) -> None:
    asked = f"how heavy is the {word()}"
    entry = await added(desk, asked, "Two kilos.")
    async with asyncio.timeout(PATIENCE_S):
        while True:  # until the new index is in its place
            answer = await desk.http.post(
                "/api/faq/search", json={"query": asked}, headers={"Accept-Language": "en"}
            )
            found = checked(answer)
            if found["candidates"][0]["entry_id"] == entry["id"]:
                break
            await asyncio.sleep(0.1)
    assert found["verdict"] == "answer"
    best = found["candidates"][0]
    assert (best["entry_id"], best["answer"]) == (entry["id"], "Two kilos.")
    assert best["score"] >= found["thresholds"]["answer"]
    assert "word for word" in found["why"]
    nothing = checked(await desk.http.post("/api/faq/search", json={"query": word()}))
    assert nothing["verdict"] == "nothing"
    assert "没有" in nothing["why"]  # no answer, or nothing at all to compare with


async def test_unanswered_questions_become_an_entry(customer: Customer, desk: Desk) -> None:
    thing = word()
    asked = [f"do you sell a {thing}", f"do you sell {thing}"]
    async with customer.talk() as talk:
        for question in asked:
            await talk.send(f"faq {question}")
            await talk.message("bot", "I do not know")
    listed = checked(await desk.http.get("/api/faq/unanswered"))
    mine = [c for c in listed["items"] if thing in c["title"]]
    assert [(c["size"], c["language"]) for c in mine] == [(2, "en")]
    assert {q["reason"] for q in mine[0]["questions"]} == {"unanswered"}
    ids = [q["message_id"] for q in mine[0]["questions"]]
    body = {"message_ids": ids, "content": content(asked[0], "We do."), "publish": True}
    unknown = await desk.http.post("/api/faq/unanswered/entry", json={**body, "intent": "nope"})
    assert checked(unknown, 422)["error"]["code"] == "unknown_intent"
    body["intent"] = "refund"
    entry = checked(await desk.http.post("/api/faq/unanswered/entry", json=body), 201)
    assert entry["live"]
    left = checked(await desk.http.get("/api/faq/unanswered"))
    assert not [c for c in left["items"] if thing in c["title"]]
    cases = checked(await desk.http.get("/api/faq/cases"))["items"]
    assert {c["query"] for c in cases if c["entry_id"] == entry["id"]} == {
        f"faq {question}" for question in asked
    }
    examples = checked(await desk.http.get("/api/nlu/corrections"))["items"]
    mine = {(e["text"], e["intent"], e["entry_id"]) for e in examples if e["message_id"] in ids}
    assert mine == {(f"faq {question}", "refund", entry["id"]) for question in asked}
    await told(customer, asked[0], "We do.")


async def test_a_disliked_reply_becomes_a_phrasing_or_is_dismissed(
    customer: Customer, desk: Desk
) -> None:
    thing = word()
    async with customer.talk() as talk:
        for question in (f"echo {thing} one", f"echo {thing} two"):
            await talk.send(question)
            reply = await talk.message("bot", f"echo: {question}")  # not the last one, thumbed
            await talk.emit({"type": "feedback", "message_id": reply["id"], "value": "down"})
            await asyncio.sleep(0.2)
    entry = await added(desk, f"what about {word()}", "This.")
    async with asyncio.timeout(PATIENCE_S):
        while True:  # a thumb is written after its reply
            listed = checked(await desk.http.get("/api/faq/unanswered"))
            bad = {
                q["text"]: q["message_id"]
                for c in listed["items"]
                for q in c["questions"]
                if thing in q["text"]
            }
            if len(bad) == 2:
                break
            await asyncio.sleep(0.1)
    body = {"message_ids": [bad[f"echo {thing} one"]], "entry_id": entry["id"]}
    changed = checked(await desk.http.post("/api/faq/unanswered/entry", json=body), 201)
    assert f"echo {thing} one" in changed["content"]["questions"]["en"]
    assert changed["status"] == "changed"
    gone = {"message_ids": [bad[f"echo {thing} two"]]}
    assert (await desk.http.post("/api/faq/unanswered/dismiss", json=gone)).status_code == 204
    assert thing not in (await desk.http.get("/api/faq/unanswered")).text


async def test_what_breaks_the_regression_set_is_not_published(
    customer: Customer, desk: Desk
) -> None:
    asked = f"how long does the {word()} take"
    entry = await added(desk, asked, "A day.")
    case = checked(
        await desk.http.post("/api/faq/cases", json={"query": asked, "entry_id": entry["id"]}),
        201,
    )
    try:
        change = {"content": content("something else", "A day."), "version": 1, "publish": True}
        refused = await desk.http.put(f"/api/faq/{entry['id']}", json=change)
        error = checked(refused, 409)["error"]
        assert error["code"] == "check_failed"
        worse = error["check"]["worse"]
        assert [(w["query"], w["before"]) for w in worse] == [(asked, entry["id"])]
        assert (await desk.http.delete(f"/api/faq/{entry['id']}")).status_code == 409
        await told(customer, asked, "A day.")
        proposed = {"changes": [{"entry_id": entry["id"], "content": content(asked, "Two.")}]}
        fine = checked(await desk.http.post("/api/faq/check", json=proposed))
        assert (fine["blocks"], fine["worse"]) == (False, [])
        assert fine["passed_before"] == fine["passed_after"] >= 1
    finally:
        answer = await desk.http.delete(f"/api/faq/cases/{case['id']}")
    assert answer.status_code == 204
    checked(await desk.http.put(f"/api/faq/{entry['id']}", json=change))


async def test_what_goes_with_an_answer_reaches_the_customer_and_the_help_centre(
    customer: Customer, desk: Desk
) -> None:
    name = word()
    upload = desk.http.post("/api/faq/files?name=../map.png", content=picture_bytes())
    picture = checked(await upload, 201)
    assert (picture["name"], picture["width"]) == ("map.png", 60)
    paper = checked(await desk.http.post("/api/faq/files?name=a.txt", content=b"Open daily."), 201)
    body = content(f"where is the {name}", "Here.", attachments=[picture, paper])
    entry = checked(await desk.http.post("/api/faq", json={"content": body, "publish": True}), 201)
    files = await files_told(customer, f"where is the {name}")
    assert [file["url"] for file in files] == [picture["url"], paper["url"]]
    async with httpx.AsyncClient(base_url=customer.base) as public:
        fetched = await public.get(paper["url"])
        page = (await public.get(f"/help/{entry['id']}")).text
    assert (fetched.status_code, fetched.content) == (200, b"Open daily.")
    assert f'src="{picture["url"]}"' in page
    assert f'href="{paper["url"]}"' in page

    # A spreadsheet says nothing of attachments: they stay. Taken away, they are gone.
    row = [{"id": entry["id"], "questions": body["questions"], "answer": {"en": "There."}}]
    file = ("a.json", json.dumps(row).encode())
    checked(await desk.http.post("/api/faq/import", files={"file": file}))
    now = checked(await desk.http.get(f"/api/faq/{entry['id']}"))
    assert [file["url"] for file in now["content"]["attachments"]] == [
        picture["url"],
        paper["url"],
    ]
    for odd in ("/files/" + "x" * 32, "https://example.com/a.png", "/files/../a"):
        wrong = {**body, "attachments": [{"url": odd}]}
        put = await desk.http.put(
            f"/api/faq/{entry['id']}", json={"content": wrong, "version": now["version"]}
        )
        assert put.status_code in (404, 422), odd
