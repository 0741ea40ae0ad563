"""How the knowledge gets better: why something is answered, what was asked in vain, test questions."""

from __future__ import annotations

import asyncio

from app_client import Customer, Desk
from app_faq import PATIENCE_S, added, checked, content, told, word


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
