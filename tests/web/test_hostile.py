"""Hostile text through every field that people write, in real Chromium, on both sides.

Each field gets a mark of its own and an attempt to run; the test fails where anything runs, asks
another server, leads elsewhere than http, https and mailto, or is complained about by the content
security policy, and where a field's mark was never seen: then it was not tried at all.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Page, expect
from web_pages import AgentDesk, Widget, admin_of, settings_of, visit

pytestmark = pytest.mark.slow

SHORT = "<img/src=x/onerror=top.pwned=1>"
LONG = [
    "<script>top.pwned=1;alert(1)</script>",
    '<img src=x onerror="top.pwned=1;alert(2)">',
    '"><svg onload="top.pwned=1;alert(3)">',
    "[tap](javascript:top.pwned=4) [tap](data:text/html,<script>alert(5)</script>)",
    "![pixel](https://tracker.example/pixel.png) <https://tracker.example>",
    '<iframe srcdoc="<script>top.pwned=1</script>"></iframe><style>*{display:none}</style>',
    "{{constructor.constructor('alert(6)')()}} ${alert(7)} %3Cscript%3Ealert(8)%3C/script%3E",
    "`</textarea><script>alert(9)</script>` &lt;b&gt; \u202eevil\u202c",
]
REMOTE = "https://tracker.example/pixel.png"
LOOK = """() => {
    const inside = [...document.querySelectorAll("*")];
    const named = inside.flatMap(one => [one.value, one.title, one.alt, one.ariaLabel, one.placeholder]);
    const links = [...document.querySelectorAll("a[href], area[href]")].map(one => one.protocol);
    const harm = "script:not([src]), [onerror], [onload], [srcdoc], object, embed, base, meta[http-equiv=refresh]";
    return {
        texts: [document.body.innerText, document.title, ...named].filter(one => typeof one === "string"),
        links: links.filter(one => !["http:", "https:", "mailto:"].includes(one)),
        harm: [...document.querySelectorAll(harm)].map(one => one.outerHTML),
        pictures: [...document.images].map(one => one.src)
            .filter(src => !/^(data|blob):/.test(src) && !src.startsWith(location.origin)),
        pwned: window.top.pwned ?? null,
    };
}"""
SHOWN = f"mark => ({LOOK})().texts.some(text => text.includes(mark))"
BELOW = (
    "knowledge/entries/hostile",
    "knowledge/import",
    "knowledge/unanswered",
    "knowledge/test?q=zqquestionq<img/src=x/onerror=top.pwned=1>",
    "knowledge/regression",
    "knowledge/synonyms",
    "knowledge/lint",
)
SHOWN_AT = {
    "/dashboard/knowledge/entries/hostile": ("question", "answer", "category", "keyword", "source"),
    "/dashboard/settings/hours": ("holiday",),
}
"""What each page of these is waited for to show."""
HARMLESS: dict[str, Any] = {"links": [], "harm": [], "pictures": [], "pwned": None}


@dataclass
class Corpus:
    """What was planted, and what was seen of it."""

    base: str
    planted: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)

    def __call__(self, name: str, payload: str = SHORT) -> str:
        mark = f"zq{name}q"
        self.planted.add(mark)
        return mark + payload

    def watch(self, page: Page) -> None:
        page.on("dialog", lambda dialog: (self.trouble.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((self.base, "blob:", "data:"))
                else self.trouble.append(request.url)
            ),
        )

    def look(self, frame: Page | Frame, *shown: str) -> None:
        """What is told to be shown there is waited for."""
        for name in shown:
            frame.wait_for_function(SHOWN, arg=f"zq{name}q")
        found = frame.evaluate(LOOK)
        text = "\n".join(found.pop("texts"))
        assert found == HARMLESS, frame.url
        self.seen |= {mark for mark in self.planted if mark in text}


def plant_at_the_desk(admin: httpx.Client, hostile: Corpus) -> None:
    """All that agents and owners name."""

    def post(path: str, **body: object) -> Any:
        answer = admin.post(path, json=body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    invited = post("/api/staff", email="x@example.com", name=hostile("agent"), role="agent")
    post("/api/teams", name=hostile("team"), intents=[], agent_ids=[invited["agent_id"]])
    post("/api/views", name=hostile("view"), shared=True, filters={"tag": "vip"})
    canned = {name: hostile(f"canned{name}") for name in ("title", "text")}
    post("/api/canned", shortcut=hostile("shortcut"), **canned)
    post(
        "/api/faq",
        id="hostile",
        publish=True,
        content={
            "questions": {"en": [hostile("question"), *LONG]},
            "answers": [{"language": "en", "text": hostile("answer", "\n\n".join(LONG))}],
            "category": hostile("category"),
            "keywords": [hostile("keyword")],
            "source": hostile("source"),
        },
    )


def plant_as_customer(base: str, hostile: Corpus) -> dict[str, str]:
    """Everything a customer's browser tells before the first message."""
    who = {
        "name": hostile("name"),
        "email": hostile("email", f"{SHORT}@x.example"),
        "page_url": hostile("page", f"javascript:top.pwned=1//{base}/?{SHORT}"),
        "language": "en",
    }
    session = httpx.post(f"{base}/api/visitor/session", json=who, timeout=60)
    session.raise_for_status()
    told: dict[str, str] = session.json()
    httpx.post(
        f"{base}/api/visitor/details",
        json={"answers": {"topic": hostile("prechat")}},
        headers={"Authorization": f"Bearer {told['token']}"},
        timeout=60,
    ).raise_for_status()
    return told


def reply_of(hostile: Corpus) -> str:
    """What the scripted bot is to answer: generated text, cards, buttons, addresses."""
    button = {"title": hostile("button"), "payload": hostile("payload", "javascript:alert(1)")}
    card = {
        "title": hostile("card"),
        "subtitle": hostile("subtitle"),
        "image_url": REMOTE,
        "buttons": [{"title": hostile("cardbutton"), "payload": "/x"}],
    }
    citation = {"entry_id": "hostile", "title": hostile("cited"), "url": "javascript:top.pwned=1"}
    return json.dumps(
        {
            "text": hostile("generated", "\n\n".join(LONG)),
            "buttons": [button],
            "elements": [card, {**card, "image_url": "javascript:top.pwned=1"}],
            "image": REMOTE,
            "attachment": "data:text/html,<script>top.pwned=1</script>",
            "citations": [citation],
        }
    )


def written_settings(hostile: Corpus) -> dict[str, object]:
    def both(name: str) -> dict[str, str]:
        return {"zh": SHORT, "en": hostile(name)}

    question = {"key": "topic", "label": both("asked")}
    return {
        "title": both("title"),
        "welcome": both("welcome"),
        "suggestions": {"zh": [], "en": [hostile("suggestion")]},
        "prechat": {"enabled": True, "intro": both("intro"), "questions": [question]},
        "proposals": [{"id": "hostile", "page": "*", "after_s": 0, "words": both("proposal")}],
        "holidays": [{"first": "2030-01-01", "last": "2030-01-02", "name": hostile("holiday")}],
    }


def chat(page: Page, base: str, hostile: Corpus, token: str) -> Widget:
    page.goto(f"{base}/?<script>alert(1)</script>#<img src=x onerror=alert(1)>")
    teaser = page.locator("lingxi-chat div[role=status]")
    expect(teaser).to_contain_text("zqproposalq")
    hostile.seen.add("zqproposalq")  # in a shadow root, where LOOK does not
    panel = f"{base}/widget/"
    page.goto(panel)
    widget = Widget.alone(page)
    hostile.look(page, "asked", "intro", "title")
    page.evaluate(
        "token => { localStorage.setItem('lingxi.token', token); localStorage.setItem('lingxi.told', '1') }",
        token,
    )
    page.reload()
    hostile.look(page, "welcome", "suggestion")
    name = f"{SHORT}/{hostile('file', ' onerror=top.pwned=1 &lt;b&gt;.txt')}"
    paper = {"name": name, "mimeType": "text/plain", "buffer": b"hello"}
    widget.get("input[type=file]").set_input_files([paper])
    expect(widget.get(".attachments small")).to_have_text(re.compile("B$"))
    hostile.look(page, "file")
    widget.ask(hostile("message", " ".join(LONG)), r"\S")
    widget.ask("reply " + reply_of(hostile), r"zqgeneratedq")
    widget.get("li.theirs").get_by_label("Quote").last.click()
    widget.ask(f"{LONG[0]} echo", r"\S")  # names a hostile intent, too
    widget.ask("faq " + hostile("missed"), r"do not know")
    widget.say("human " + hostile("handoff"))
    expect(widget.get(".banner")).to_be_visible()
    said = ("message", "missed", "handoff")
    hostile.look(page, *said, "generated", "cited", "button", "card", "subtitle", "cardbutton")
    return widget


def read_the_chat(window: Page, base: str, hostile: Corpus, conversation: str) -> None:
    """All that an agent can open beside it."""
    window.goto(f"{base}/dashboard/inbox/{conversation}?view=all")
    card = ("name", "email", "page", "prechat")
    hostile.look(window, "generated", "note", "tagged", "view", *card)
    for name in ("Why?", "Understanding"):
        window.get_by_role("button", name=name).first.click()
        expect(window.get_by_test_id("why")).to_be_visible()
        hostile.look(window)
    window.get_by_role("button", name="Claim conversation").click()
    box = window.get_by_role("textbox", name="Reply")
    for text in LONG:
        box.fill(text)
        box.press("Enter")
        expect(box).to_have_value("")
    box.fill("/")
    expect(window.get_by_role("option")).to_have_count(1)
    hostile.look(window, "shortcut", "cannedtitle", "cannedtext")
    box.fill("")
    window.get_by_label("Search customers and messages").fill("zqmessageq")
    expect(window.locator("mark")).not_to_have_count(0)
    hostile.look(window)
    window.get_by_label("Search customers and messages").fill("")
    window.get_by_role("button", name="More actions").first.click()  # the conversation's
    window.get_by_role("menuitem", name="Transfer").click()
    hostile.look(window, "team", "agent")


def read_every_page(window: Page, base: str, hostile: Corpus) -> None:
    """Whatever a navigation leads to, and what lies below."""
    links = window.get_by_role("navigation").get_by_role("link")
    pages = [f"/dashboard/{page}" for page in BELOW]
    for path in pages:  # grows while it is read
        window.goto(base + path)
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        window.wait_for_load_state("networkidle")
        expect(window.locator(".mantine-Loader-root, .mantine-Skeleton-root")).to_have_count(0)
        hostile.look(window, *SHOWN_AT.get(path, ()))
        for frame in window.frames[1:]:
            hostile.look(frame)
        found = links.evaluate_all("links => links.map(link => link.pathname)")
        pages += [page for page in found if page not in pages]
    assert len(pages) > len(BELOW) + 4


def test_nothing_that_people_write_runs(scripted: str, chromium: Browser) -> None:
    hostile = Corpus(scripted)
    desk_options = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}}
    with (
        admin_of(scripted) as admin,
        settings_of(scripted, **written_settings(hostile)),
        visit(chromium, locale="en-GB") as (context, page, complaints),
        visit(chromium, **desk_options) as (_, window, desk_complaints),
    ):
        plant_at_the_desk(admin, hostile)
        told = plant_as_customer(scripted, hostile)
        conversation = told["conversation_id"]
        hostile.watch(page)
        hostile.watch(window)
        widget = chat(page, scripted, hostile, told["token"])
        path = f"/api/conversations/{conversation}"
        admin.patch(path, json={"tags": [hostile("tagged")]}).raise_for_status()
        AgentDesk(window).log_in(scripted)
        desk_complaints.clear()  # before the login, the desk asks who we are and is told: nobody
        note = {"text": hostile("note", " ".join(LONG))}
        admin.post(f"{path}/notes", json=note).raise_for_status()
        read_the_chat(window, scripted, hostile, conversation)
        expect(widget.get("li.theirs[data-author=agent]")).to_have_count(len(LONG))
        hostile.look(page)
        read_every_page(window, scripted, hostile)
        assert context.pages == [page]
        assert (hostile.trouble, complaints, desk_complaints) == ([], [], [])
        assert hostile.planted - hostile.seen == set(), "planted, but shown nowhere"
        admin.post(f"{path}/close")
