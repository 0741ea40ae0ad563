"""Every page of the dashboard: in English and light, in Chinese and dark, and on a phone."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal, NamedTuple

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from web_pages import ANSWER_MS, AgentDesk, visit

from app.config import DEVELOPMENT_AGENT

FOLDER = "pages"
QUALITY = 78
"""Of WebP: text stays sharp, a picture takes some 40 KB."""


class Look(NamedTuple):
    name: str
    language: Literal["en", "zh"]
    scheme: Literal["light", "dark"]
    width: int
    height: int


LOOKS = (
    Look("en", "en", "light", 1440, 900),
    Look("zh-dark", "zh", "dark", 1440, 900),
    Look("phone", "zh", "light", 390, 780),
)
PAGES = {
    "inbox": "inbox",
    "conversation": "inbox/{conversation}?view=mine",
    "knowledge": "knowledge",
    "knowledge-entry": "knowledge/entries/warranty-length",
    "knowledge-test": "knowledge/test?q=能开票不",
    "knowledge-unanswered": "knowledge/unanswered",
    "knowledge-regression": "knowledge/regression",
    "knowledge-import": "knowledge/import",
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
]
"""What an owner has set up, so that no page is empty."""


def take_pages(browser: Browser, base: str, out: Path) -> None:
    """One browser for each look: signed out first, then page by page."""
    folder = out / FOLDER
    folder.mkdir(exist_ok=True)
    set_up(base)
    for look in LOOKS:
        size = {"width": look.width, "height": look.height}
        with visit(browser, viewport=size, color_scheme=look.scheme, locale="en-GB") as visited:
            _, page, _ = visited
            page.goto(f"{base}/dashboard/")
            page.evaluate(f"localStorage.setItem('lingxi.dashboard.language', '{look.language}')")
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            keep(page, folder / f"login-{look.name}.webp")
            page.evaluate("localStorage.setItem('lingxi.dashboard.language', 'en')")
            AgentDesk(page).log_in(base)
            page.evaluate(f"localStorage.setItem('lingxi.dashboard.language', '{look.language}')")
            mine = page.request.get(f"{base}/api/conversations?view=mine").json()["items"]
            known = {"conversation": mine[0]["id"]}
            for name, path in PAGES.items():
                page.goto(f"{base}/dashboard/{path.format_map(known)}")
                settle(page)
                keep(page, folder / f"{name}-{look.name}.webp")


def set_up(base: str) -> None:
    email, password = DEVELOPMENT_AGENT
    with httpx.Client(base_url=f"{base}/api", headers={"Origin": base}, timeout=60) as http:
        login = http.post("/auth/login", json={"email": email, "password": password})
        me = login.raise_for_status().json()["agent"]["id"]
        for name, who in (("Jun 阿俊", "jun@example.com"), ("Anna Berg", "anna@example.com")):
            http.post("/staff", json={"name": name, "email": who}).raise_for_status()
        for method, path, body in SETTINGS:
            http.request(method, f"/{path}", json=body).raise_for_status()
        team = {"name": "After sales 售后", "intents": ["request_refund"], "agent_ids": [me]}
        http.post("/teams", json=team).raise_for_status()


def settle(page: Page) -> None:
    """Nothing loads any more. The socket stays open, so the network is never idle for good."""
    expect(page.locator("#main").first).to_be_visible(timeout=ANSWER_MS)
    expect(page.locator(".mantine-Loader-root, .mantine-Skeleton-root")).to_have_count(
        0, timeout=ANSWER_MS
    )
    page.wait_for_timeout(900)


def keep(page: Page, path: Path) -> None:
    shot = page.screenshot(animations="disabled", caret="hide")
    Image.open(io.BytesIO(shot)).convert("RGB").save(path, "WEBP", quality=QUALITY, method=6)
    print(f"docs/images/{FOLDER}/{path.name} {path.stat().st_size // 1000} KB")
