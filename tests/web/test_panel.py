"""The widget's panel in Chromium, before a bot that does what it is told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, Route, expect
from web_pages import Widget, ask_from_elsewhere, settings_of, token_of, visit

from app.hours import DAYS

FULL = {"error": {"code": "too_many", "words": "Very many people at once. One moment."}}

KETTLES = [
    {"title": f"Kettle {n}", "buttons": [{"title": f"Take {n}", "payload": f"echo {n}"}]}
    for n in range(4)
]
RICH = {"text": "Have a look", "buttons": [], "image": None, "attachment": None, "citations": []}
BRING = """kind => {
    const data = new DataTransfer();
    data.items.add(new File(["hello"], `${kind}.txt`, { type: "text/plain" }));
    const how = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
    const box = document.getElementById("composer");
    if (kind === "drop") box.dispatchEvent(new DragEvent("dragover", how));
    box.dispatchEvent(kind === "drop" ? new DragEvent(kind, how) : new ClipboardEvent(kind, how));
}"""
"""A file dropped on the panel, or pasted into the field."""


def refuse(route: Route) -> None:
    route.fulfill(status=429, content_type="application/json", body=json.dumps(FULL))


def test_what_is_refused_says_why_and_is_tried_again(scripted: str, chromium: Browser) -> None:
    with visit(chromium, locale="en-GB") as (_, page, _):
        page.route("**/api/visitor/session", refuse)
        page.goto(scripted)
        panel = Widget.on(page).open()
        expect(panel.get(".banner.warn")).to_contain_text("Very many people at once")
        panel.say("echo written meanwhile")
        page.unroute("**/api/visitor/session")
        page.route("**/api/visitor/files?*", lambda route: route.abort())
        # "Try now", unless the widget has just tried by itself
        panel.get(".banner button").evaluate_all("found => found.forEach(one => one.click())")
        expect(panel.theirs).to_contain_text("written meanwhile")
        expect(panel.get(".banner")).to_have_count(0)

        note = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"hello"}
        panel.get("input[type=file]").set_input_files([note])  # type: ignore[list-item]
        expect(panel.get(".attachments [role=alert]")).to_contain_text("Please try again")
        page.unroute("**/api/visitor/files?*")
        panel.get(".attachments").get_by_label("Upload note.txt again").click()
        expect(panel.get(".attachments small")).to_have_text("5 B")
        panel.say("two files")
        expect(panel.get("li.own .paper")).to_contain_text("note.txt")

        expect(panel.theirs).to_have_count(3)
        panel.theirs.nth(1).get_by_label("Quote").click()  # not the last of its group
        panel.say("echo this one")
        expect(panel.own.last.locator(".quote")).to_contain_text("first")


def test_what_is_read_in_one_tab_is_read_in_the_other(scripted: str, chromium: Browser) -> None:
    with visit(chromium, locale="en-GB") as (context, page, _):

        def shop(tab: Page) -> Widget:
            tab.goto(scripted)
            return Widget.on(tab)

        one = shop(page).open()
        one.ask("echo hello", "hello")
        other = shop(context.new_page())
        expect(other.page.locator("lingxi-chat iframe")).to_be_attached()
        one.launcher.click()
        ask_from_elsewhere(scripted, token_of(page), "echo are you there")
        for tab in (one, other):
            expect(tab.badge).to_have_text("1")
        one.page.bring_to_front()
        one.launcher.click()
        expect(other.badge).to_have_text("")
        other.page.bring_to_front()
        other.launcher.click()
        other.get("[aria-haspopup=menu]").click()
        other.get("[role=menuitem]").first.click()
        expect(one.box).to_have_attribute("placeholder", "请输入您的问题…")


def test_cards_thumbs_and_files_brought_by_hand(scripted: str, chromium: Browser) -> None:
    with visit(chromium, locale="en-GB") as (context, page, complaints):
        page.goto(f"{scripted}/widget/")
        panel = Widget.alone(page)
        panel.say(f"reply {json.dumps(RICH | {'elements': KETTLES})}")
        strip = panel.get(".cards ul")
        expect(strip.locator(".card")).to_have_count(4)
        panel.get(".slide").get_by_role("button", name="Next").click()
        scrolled = "strip => strip.scrollLeft > 0"
        page.wait_for_function(scrolled, arg=strip.element_handle())
        panel.get(".card").get_by_role("button", name="Take 1").click()
        expect(panel.own.last).to_have_text(re.compile("Take 1"))

        other = Widget.alone(context.new_page())
        other.page.goto(f"{scripted}/widget/")
        thumbs = [one.theirs.last.get_by_label("Helpful", exact=True) for one in (panel, other)]
        expect(thumbs[1]).to_have_attribute("aria-pressed", "false")
        thumbs[0].click()
        for thumb in thumbs:
            expect(thumb).to_have_attribute("aria-pressed", "true")

        for number, kind in enumerate(("drop", "paste"), 1):
            page.evaluate(BRING, kind)
            expect(panel.get(".attachments li")).to_have_count(number)
            expect(panel.get(".attachments")).to_contain_text(f"{kind}.txt")
        expect(panel.get(".attachments progress")).to_have_count(0)
        panel.say("both of these")
        expect(panel.own.last.locator(".paper")).to_have_count(2)
        assert complaints == []


def test_what_is_spoken_is_read_before_it_is_sent(scripted: str, chromium: Browser) -> None:
    with visit(chromium, locale="en-GB") as (_, page, complaints):
        page.goto(scripted)
        panel = Widget.on(page).open()
        panel.get("button.mic").click()
        expect(panel.get(".recorder")).to_contain_text("Listening")
        worth_hearing = re.compile(r"0:0[2-9]|0:[1-5]\d")
        expect(panel.get(".recorder time")).to_have_text(worth_hearing)
        panel.get(".recorder").get_by_label("Done speaking").click()
        expect(panel.box).to_have_value(re.compile(r"^\d+ samples$"))
        expect(panel.own).to_have_count(0)
        panel.box.press("End")
        panel.box.press_sequentially(" of tea")
        panel.box.press("Enter")
        expect(panel.own).to_have_text(re.compile("samples of tea"))
        panel.get("button.mic").click()
        expect(panel.get(".recorder")).to_contain_text("Listening")
        page.keyboard.press("Escape")
        expect(panel.box).to_have_value("")
        assert complaints == []


def test_out_of_hours_the_customer_leaves_a_message(scripted: str, chromium: Browser) -> None:
    tomorrow = DAYS[(datetime.now(UTC) + timedelta(days=2)).weekday()]
    away = {"zh": "周一见", "en": "Back on **Monday**"}
    closed = {"office_hours": f"{tomorrow} 09:00-10:00", "away": away}
    with settings_of(scripted, **closed), visit(chromium, locale="en-GB") as (_, page, _):
        page.goto(f"{scripted}/widget/")
        panel = Widget.alone(page)
        panel.get("button.human").click()
        expect(panel.get(".banner")).to_contain_text("Back on")
        expect(panel.notices.last).to_contain_text("leave your message")
        panel.say("please call me")
        expect(panel.get("li.own:not(.pending)")).to_have_text(re.compile("call me"))
