"""``make screenshots``: the pictures of ``docs/images``, taken of the running product."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

import httpx
from page_pictures import FOLDER, take_pages
from page_pictures import keep as keep_small
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from web_pages import SCHEMES, AgentDesk, Widget, visit
from web_product import CHROMIUM_FLAGS, find_chromium, product

OUT = Path(__file__).resolve().parents[2] / "docs/images"
MAX_BYTES = 300_000
SET_ASIDE = """() => fetch('/api/conversations/' + location.pathname.split('/').at(-1), {
    method: 'PATCH', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({priority: 'high', tags: ['refund', 'VIP']}),
})"""
"""What the agent whose desk is shown has set on the conversation."""
WIDE = {"width": 1280, "height": 820}
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 780}
PANEL = {"width": 420, "height": 700}
CHATS = {
    "en": [
        ("Where is my order A10023?", r"A10023"),
        ("How can I get an invoice?", r"invoice"),
        ("Do you ship to Hong Kong?", r"Hong Kong"),
    ],
    "zh": [("订单 A10023 到哪了？", r"A10023"), ("运费险是什么？", r"运费险")],
}


def main() -> None:
    (OUT / FOLDER).mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        product(Path(home)) as base,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        take_widget(browser, base)
        take_desk(browser, base)
        take_pages(browser, base, OUT)
        browser.close()


def keep(page: Page, name: str) -> None:
    """Without moving parts and passing notes, packed as tightly as PNG allows."""
    page.wait_for_timeout(900)
    packed = io.BytesIO()
    shot = page.screenshot(animations="disabled", caret="hide")
    Image.open(io.BytesIO(shot)).convert("RGB").save(packed, "PNG", optimize=True)
    shot = packed.getvalue()
    assert len(shot) <= MAX_BYTES, f"{name}: expected {MAX_BYTES} bytes at most, got {len(shot)}"
    (OUT / f"{name}.png").write_bytes(shot)
    print(f"docs/images/{name}.png {len(shot) // 1000} KB")


def take_widget(browser: Browser, base: str) -> None:
    """The README's picture, and the panel in both languages and themes, alone and on a phone."""
    with visit(browser, viewport=PANEL, device_scale_factor=2) as (_, page, _):
        chinese_refund(open_alone(page, base))
        keep(page, "widget-zh")
    for locale, language in (("en-GB", "en"), ("zh-CN", "zh")):
        with visit(browser, viewport=PANEL, device_scale_factor=1.5, locale=locale) as (_, page, _):
            widget = open_alone(page, base)
            for question, answer in CHATS[language]:
                widget.ask(question, answer)
            page.wait_for_timeout(900)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                keep_small(page, OUT / FOLDER / f"panel-{language}-{scheme}.webp")
        with visit(browser, viewport=PHONE, device_scale_factor=1.5, locale=locale) as (_, page, _):
            page.goto(base)
            Widget.on(page).open()
            expect(Widget.on(page).get(".welcome li button").first).to_be_visible()
            page.wait_for_timeout(900)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                keep_small(page, OUT / FOLDER / f"panel-phone-{language}-{scheme}.webp")
    with visit(browser, viewport=WIDE) as (_, page, _):
        page.goto(base)
        Widget.on(page).open()
        expect(Widget.on(page).get(".welcome li button").first).to_be_visible()
        page.wait_for_timeout(900)
        keep_small(page, OUT / FOLDER / "demo.webp")


def open_alone(page: Page, base: str, **who: str) -> Widget:
    page.goto(f"{base}/widget/")
    if who:
        # Its own customer first, else it would still put that one's token in place of ours.
        expect(Widget.alone(page).get(".welcome li button").first).to_be_visible()
        page.wait_for_function("() => localStorage.getItem('lingxi.token')")
        session = httpx.post(f"{base}/api/visitor/session", json=who).raise_for_status()
        keep_token = "token => localStorage.setItem('lingxi.token', token)"
        page.evaluate(keep_token, session.json()["token"])
        page.reload()
    widget = Widget.alone(page)
    expect(widget.get(".welcome li button").first).to_be_visible()
    return widget


def chinese_refund(widget: Widget) -> None:
    widget.ask("我想给 A10023 这一单退货", r"原因")
    widget.ask("漏水了", r"239")


def take_desk(browser: Browser, base: str) -> None:
    with (
        visit(browser, viewport=PANEL) as (_, first, _),
        visit(browser, viewport=PANEL, locale="en-GB") as (_, second, _),
        visit(browser, viewport=DESK, locale="en-GB") as (_, window, _),
    ):
        desk = AgentDesk(window).log_in(base)
        page_url = "https://shop.example/zh/kettle"
        refund = open_alone(first, base, name="林梅", email="linmei@example.com", page_url=page_url)
        refund.ask("订单 A10023 到哪了？", r"A10023")
        chinese_refund(refund)
        refund.say("转人工客服")
        waiting = open_alone(second, base, name="Emma Clarke", email="emma@example.com")
        waiting.ask("How can I get an invoice?", r"invoice")
        waiting.ask("The kettle is broken again, this is really disappointing", r"\S")
        waiting.say("I want to talk to a human")
        for widget in (refund, waiting):
            expect(widget.get(".banner")).to_be_visible()

        rows = window.get_by_role("link").filter(has_text=re.compile("waiting", re.IGNORECASE))
        rows.filter(has_text="中").first.click()
        window.get_by_role("button", name="Claim conversation").click()
        desk.reply("您好，我是小美。退款我看到了，马上为您处理。")
        refund.say("好的，谢谢！")
        expect(window.get_by_role("log")).to_contain_text("好的，谢谢")
        window.evaluate(SET_ASIDE)
        window.get_by_role("tab", name="Private note").click()
        note = window.get_by_role("textbox", name="Private note")
        note.fill("金额 ¥239 已核对，等财务打款。")
        note.press("Enter")
        expect(window.get_by_role("log")).to_contain_text("等财务打款")
        window.get_by_role("tab", name="Reply").click()
        refund.say("大概多久能到账？")
        expect(window.get_by_role("region", name="Suggested from the knowledge")).to_be_visible()
        expect(window.locator(".mantine-Notification-root")).to_have_count(0, timeout=20_000)
        keep(window, "dashboard-conversation")


if __name__ == "__main__":
    main()
