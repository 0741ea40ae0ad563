"""Every page of the dashboard: in both languages and themes, on a desk and on a phone."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, expect
from web_pages import ANSWER_MS, SCHEMES, AgentDesk, admin_of, show_in, visit

FOLDER = "pages"
QUALITY = 62
"""Of WebP: text stays sharp, a picture takes some 25 KB."""
LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
STORED = "lingxi.dashboard.language"
CHECK_UP_MS = 5 * ANSWER_MS
"""The knowledge's check-up compares every entry with every other."""


class Screen(NamedTuple):
    ending: str
    """Of the picture's name."""
    width: int
    height: int


SCREENS = (Screen("", 1440, 900), Screen("-phone", 390, 780))
PAGES = {
    "inbox": "inbox",
    "conversation": "inbox/{conversation}?view=mine",
    "why": "inbox/{conversation}?view=mine",
    "knowledge": "knowledge",
    "knowledge-entry": "knowledge/entries/warranty-length",
    "knowledge-test": "knowledge/test?q=能开票不",
    "knowledge-unanswered": "knowledge/unanswered",
    "knowledge-regression": "knowledge/regression",
    "knowledge-import": "knowledge/import",
    "knowledge-synonyms": "knowledge/synonyms",
    "knowledge-lint": "knowledge/lint",
    "analytics": "analytics?days=7",
    "widget": "widget",
    "bot": "bot",
    "settings-agents": "settings/agents",
    "settings-teams": "settings/teams",
    "settings-hours": "settings/hours",
    "settings-programs": "settings/programs",
    "settings-privacy": "settings/privacy",
    "settings-audit": "settings/audit",
    "settings-operations": "settings/operations",
}


SETTINGS: list[tuple[str, str, dict[str, object]]] = [
    ("PUT", "skills/Coffee machines 咖啡机", {"intents": ["product_question"]}),
    ("PUT", "skills/Refunds 退款", {"intents": ["request_refund"]}),
    ("POST", "keys", {"name": "CRM", "scopes": ["conversations", "knowledge:read"]}),
    (
        "POST",
        "webhooks",
        {
            "name": "Warehouse 仓库",
            "url": "https://hooks.example.com/lingxi",
            "events": ["handoff.requested", "conversation.closed"],
        },
    ),
    *(
        ("POST", "canned", {"shortcut": shortcut, "title": title, "text": text})
        for shortcut, title, text in (
            ("hi", "问候", "{{name}}您好，我是{{agent}}，很高兴为您服务。"),
            ("wait", "请稍候", "好的，我查一下订单 {{order}}，请稍候。"),
        )
    ),
    *(
        ("POST", "faq/synonyms", {"words": words})
        for words in (["发票", "fapiao", "invoice"], ["保修", "质保", "warranty"])
    ),
    *(
        ("POST", "faq/cases", {"query": query, "entry_id": entry})
        for query, entry in (
            ("保修多久", "warranty-length"),
            ("how long is the guarantee", "warranty-length"),
            ("能开火锅店吗", None),
        )
    ),
]
"""What an owner has set up, so that no page is empty."""
ASKED = {
    "grace": ["Do you sell gift cards?", "Is there a discount for teachers?"],
    "haoran": ["保修期多长？", "你们有教师优惠吗", "老师买东西打折吗"],
    "omar": ["Where is my order A10023?", "great, thanks!", "any discount for school teachers"],
    "yutong": ["运费怎么算？", "太慢了，气死我了", "转人工"],
    "lena": ["How can I get an invoice?", "Do you deliver by drone?"],
}
"""By customers of another channel: what the bot could answer, and what not."""


def take_pages(browser: Browser, base: str, out: Path) -> None:
    """One browser for each screen: signed out first, then page by page."""
    folder = out / FOLDER
    set_up(base)
    for screen in SCREENS:
        size = {"width": screen.width, "height": screen.height}
        with visit(browser, viewport=size, locale="en-GB") as (_, page, _):
            page.goto(f"{base}/dashboard/")
            take(page, folder, "login", screen)
            page.evaluate(f"localStorage.setItem('{STORED}', 'en')")
            AgentDesk(page).log_in(base)
            mine = page.request.get(f"{base}/api/conversations?view=mine").json()["items"]
            known = {"conversation": mine[0]["id"]}
            for name, path in PAGES.items():
                page.goto(f"{base}/dashboard/{path.format_map(known)}")
                take(page, folder, name, screen)


def take(page: Page, folder: Path, name: str, screen: Screen) -> None:
    for language in LANGUAGES:
        page.evaluate(f"localStorage.setItem('{STORED}', '{language}')")
        page.reload()
        settle(page)
        if name == "why":
            page.locator("article button[data-author=bot]").nth(1).click()
            expect(page.get_by_test_id("why")).to_be_visible()
        for scheme in SCHEMES:
            show_in(page, scheme)
            page.wait_for_timeout(300)
            keep(page, folder / f"{name}{screen.ending}-{language}-{scheme}.webp")
        show_in(page, "light")


def set_up(base: str) -> None:
    with admin_of(base) as admin:
        me = admin.get("/api/me").json()["agent"]["id"]
        for name, who in (("Jun 阿俊", "jun@example.com"), ("Anna Berg", "anna@example.com")):
            admin.post("/api/staff", json={"name": name, "email": who}).raise_for_status()
        for method, path, body in SETTINGS:
            admin.request(method, f"/api/{path}", json=body).raise_for_status()
        team = {"name": "After sales 售后", "intents": ["request_refund"], "agent_ids": [me]}
        admin.post("/api/teams", json=team).raise_for_status()
        for sender, said in ASKED.items():
            for message in said:
                body = {"sender": sender, "message": message}
                admin.post("/webhooks/rest/webhook", json=body, timeout=120).raise_for_status()
        version = admin.get("/api/bot").json()["models"][0]["id"]
        admin.post(f"/api/bot/models/{version}/judge").raise_for_status()
        while admin.get("/api/bot").json()["run"]["state"] == "running":
            time.sleep(1)


def settle(page: Page) -> None:
    """Nothing loads any more. The socket stays open, so the network is never idle for good."""
    expect(page.locator("#main, h1").first).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(".mantine-Loader-root, .mantine-Skeleton-root")).to_have_count(
        0, timeout=CHECK_UP_MS
    )
    page.wait_for_timeout(900)


def keep(page: Page, path: Path) -> None:
    shot = page.screenshot(animations="disabled", caret="hide")
    Image.open(io.BytesIO(shot)).convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    print(f"docs/images/{FOLDER}/{path.name} {path.stat().st_size // 1000} KB", flush=True)
