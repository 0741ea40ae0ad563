"""The widget's panel in Chromium, before a bot that does what it is told."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, Page, Route, expect
from web_pages import Widget, ask_from_elsewhere, token_of, visit

FULL = {"error": {"code": "too_many", "words": "Very many people at once. One moment."}}


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
