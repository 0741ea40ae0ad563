"""The widget in Chromium on the real product: networks that fail, hostile text, keys, eyes."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import jwt
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, expect
from web_pages import (
    SCHEMES,
    AgentDesk,
    Widget,
    ask_from_elsewhere,
    axe_violations,
    fits,
    frame_of,
    settings_of,
    show_in,
    token_of,
    visit,
    wait_until,
)
from web_product import IDENTITY_SECRET, build_web
from web_wire import host_site, wire_to

from app.chat.events import MAX_TEXT_CHARS
from app.config import Settings
from app.main import create_app

pytestmark = pytest.mark.slow


@pytest.fixture
def customer(shop: str, chromium: Browser) -> Iterator[Widget]:
    """An English customer with the panel open on the demo shop."""
    with visit(chromium, locale="en-GB", viewport={"width": 1200, "height": 800}) as (_, page, _):
        page.goto(shop)
        yield Widget.on(page).open()


def kept_texts(base: str, token: str) -> list[str]:
    """What the server has of this customer."""
    answer = httpx.get(
        f"{base}/api/visitor/messages", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )
    items = answer.raise_for_status().json()["items"]
    return [m["content"]["text"] for m in items if m["author"]["type"] == "visitor"]


def test_what_was_written_while_the_network_failed_arrives_once(
    shop: str, chromium: Browser
) -> None:
    with wire_to(shop) as wire, visit(chromium, locale="en-GB") as (_, page, _):
        page.goto(wire.base)
        widget = Widget.on(page).open()
        widget.ask("hello", r"\S")
        wire.deaf = True
        widget.say("where is order A10023")  # kept by the server, whose ack is lost
        expect(widget.get("li.pending")).to_have_count(1)
        token = token_of(page)
        wait_until(page, lambda: len(kept_texts(shop, token)) == 2, "two messages kept")
        wire.cut()
        expect(widget.get(".banner.warn")).to_be_visible()
        widget.say("do you ship abroad")
        widget.say("thanks a lot")
        expect(widget.get("li.pending")).to_have_count(3)
        wire.mend()
        # "Try now", unless the widget has just tried by itself
        widget.get(".banner button").evaluate_all("found => found.forEach(one => one.click())")
        expect(widget.get("li.pending")).to_have_count(0)
        expect(widget.get(".banner.warn")).to_have_count(0)
        said = ["hello", "where is order A10023", "do you ship abroad", "thanks a lot"]
        assert kept_texts(shop, token) == said
        assert [t.removeprefix("own: ") for t in widget.texts() if t.startswith("own")] == said


def test_two_tabs_show_one_conversation(shop: str, customer: Widget) -> None:
    customer.ask("hi", r"\S")
    page = customer.page.context.new_page()
    page.goto(shop)
    other = Widget.on(page).open()
    wait_until(page, lambda: other.texts() == customer.texts(), "the same in both")
    other.ask("Where is my order A10023?", r"A10023")
    customer.ask("can I get an invoice", r"invoice")
    expect(other.own).to_have_count(3)
    wait_until(page, lambda: other.texts() == customer.texts(), "the same in both")


def test_enter_that_picks_a_candidate_does_not_send(customer: Widget) -> None:
    customer.box.focus()
    keys = customer.page.context.new_cdp_session(customer.page)
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    keys.send(
        "Input.imeSetComposition", {"text": "tui huo", "selectionStart": 7, "selectionEnd": 7}
    )
    keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    keys.send("Input.insertText", {"text": "退货"})
    expect(customer.box).to_have_value("退货")
    expect(customer.own).to_have_count(0)
    customer.box.press("Shift+Enter")
    expect(customer.box).to_have_value("退货\n")
    customer.box.press("Enter")
    expect(customer.own).to_have_count(1)


def test_a_text_may_have_4000_characters_and_not_one_more(customer: Widget) -> None:
    send = customer.get("button.send")
    customer.box.fill("字" * (MAX_TEXT_CHARS + 1))
    expect(customer.get(".composer [role=alert]")).to_contain_text(str(MAX_TEXT_CHARS))
    expect(send).to_be_disabled()
    customer.box.press("Enter")
    expect(customer.own).to_have_count(0)
    longest = "😀" * MAX_TEXT_CHARS  # characters as the server counts them, not UTF-16 units
    customer.box.fill(longest)
    expect(send).to_be_enabled()
    send.click()
    expect(customer.get("li.own:not(.pending) .bubble")).to_have_text(longest)


def test_a_host_page_that_forbids_nearly_everything(shop: str, chromium: Browser) -> None:
    with host_site(shop) as url, visit(chromium, locale="en-GB") as (_, page, complaints):
        page.goto(url)
        style = "el => { const s = getComputedStyle(el); return [s.font, s.color, s.margin] }"
        before = page.locator("#text").evaluate(style)
        widget = Widget.on(page).open()
        widget.ask("Do you ship to Hong Kong?", r"Hong Kong")
        assert page.locator("#text").evaluate(style) == before
        assert page.evaluate("Object.keys(window).filter(name => /lingxi/i.test(name))") == []
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_and_dark_without_overflow_or_barriers(
    shop: str, chromium: Browser, scheme: str
) -> None:
    phone = {"viewport": {"width": 360, "height": 720}, "color_scheme": scheme}
    with visit(chromium, **phone) as (_, page, complaints):
        page.goto(shop)
        assert axe_violations(page) == []
        widget = Widget.on(page).open()
        frame = frame_of(page)
        expect(widget.get(".welcome li button").first).to_be_visible()
        assert axe_violations(frame) == []
        widget.ask("我想退货，订单 A10023，" + "https://example.com/" + "x" * 200, r"\S")
        widget.get("button.round").first.click()
        expect(widget.get("[role=menu]")).to_be_visible()
        assert axe_violations(frame) == []
        for one in (page, frame):
            fits(one)
        lines = widget.get(".scroll")
        assert lines.evaluate("el => el.scrollWidth <= el.clientWidth")
        assert complaints == []


LOOK_AWAY = """() => Object.defineProperty(document, "hidden", { value: true })"""
COUNT_NOTES = """() => {
    window.notes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) { window.notes++; return start.call(this, at); };
}"""


def test_an_answer_to_a_closed_panel_shows_on_the_launcher(shop: str, customer: Widget) -> None:
    customer.ask("hi", r"\S")
    expect(customer.badge).to_have_text("")
    customer.launcher.click()
    customer.page.evaluate(LOOK_AWAY)
    frame_of(customer.page).evaluate(COUNT_NOTES)
    ask_from_elsewhere(shop, token_of(customer.page), "where is order A10023")
    expect(customer.badge).to_have_text(re.compile(r"[1-9]"))
    expect(customer.launcher).to_have_accessible_name(re.compile(r"\([1-9] "))
    expect(customer.page).to_have_title(re.compile(r"^\([1-9]\) New messages"))
    frame_of(customer.page).wait_for_function("() => window.notes > 0")
    customer.launcher.click()
    expect(customer.badge).to_have_text("")


def test_the_launcher_wears_the_colour_and_corner_of_the_settings() -> None:
    build_web()
    app = create_app(Settings(_env_file=None, widget_color="#7b2d8e", widget_position="left"))
    script = TestClient(app).get("/widget.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "#7b2d8e" in script.text
    assert "%LINGXI" not in script.text


def test_what_the_build_compressed_is_sent_small(shop: str) -> None:
    page = httpx.get(f"{shop}/widget/").text
    path = re.search(r"/widget/app-[\w-]+\.js", page)
    assert path is not None
    for address in (f"{shop}{path[0]}", f"{shop}/widget.js"):
        plain = httpx.get(address, headers={"Accept-Encoding": "identity"})
        small = httpx.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert "content-encoding" not in plain.headers
        assert small.headers["content-encoding"] == "gzip"
        assert small.headers["content-type"].startswith("text/javascript")
        assert small.text == plain.text
        assert int(small.headers["content-length"]) < len(plain.content) / 2


def test_by_keyboard_alone(shop: str, chromium: Browser) -> None:
    with visit(chromium, locale="en-GB") as (_, page, _):
        page.goto(shop)
        widget = Widget.on(page)
        expect(widget.launcher).to_be_visible()
        keys = page.keyboard
        keys.press("Shift+Tab")  # the last thing on the page
        expect(widget.launcher).to_be_focused()
        keys.press("Enter")
        expect(widget.box).to_be_focused()
        keys.type("can I get an invoice")
        keys.press("Enter")
        expect(widget.theirs.last).to_contain_text("nvoice")
        keys.press("Shift+Tab")
        expect(widget.get(":focus")).to_have_count(1)
        menu = widget.get("[aria-haspopup=menu]")
        for _ in range(60):  # each answer has buttons of its own
            if menu.evaluate("el => el === document.activeElement"):
                break
            keys.press("Shift+Tab")
        keys.press("Enter")
        expect(widget.get("[role=menuitem]").first).to_be_focused()
        keys.press("ArrowDown")
        expect(widget.get("[role=menuitemcheckbox]").first).to_be_focused()
        keys.press("Escape")
        expect(menu).to_be_focused()
        keys.press("Escape")
        expect(widget.launcher).to_be_focused()
        expect(widget.launcher).to_have_attribute("aria-expanded", "false")


PICTURE = io.BytesIO()
Image.new("RGB", (320, 200), "teal").save(PICTURE, "PNG")


def test_a_picture_is_sent_quoted_and_taken_back(shop: str, customer: Widget) -> None:
    chooser = customer.get("input[type=file]")
    picture = {"name": "屋顶.png", "mimeType": "image/png", "buffer": PICTURE.getvalue()}
    program = {"name": "picture.png", "mimeType": "image/png", "buffer": b"MZ\x90\0\x03\0"}
    chooser.set_input_files([picture, program])
    expect(customer.get(".attachments [role=alert]")).to_contain_text("cannot be sent")
    expect(customer.get(".attachments small")).to_have_text(re.compile("B$"))
    customer.get(".attachments button").last.click()
    customer.box.fill("the roof leaks here")
    customer.box.press("Enter")
    shown = customer.get("li.own .shown img")
    expect(shown).to_be_visible()
    expect(customer.theirs.first).to_be_visible()
    assert axe_violations(frame_of(customer.page)) == []
    customer.get("li.own .shown").click()
    expect(customer.get("dialog.large")).to_be_visible()
    customer.page.keyboard.press("Escape")
    expect(customer.get("dialog.large")).to_be_hidden()
    expect(customer.box).to_be_visible()  # it was the picture's Escape, not the panel's

    customer.theirs.first.get_by_label("Quote").click()
    customer.say("what do you mean")
    quoting = customer.own.last
    expect(quoting.locator(".quote")).to_be_visible()
    expect(customer.get("li.own:not(.pending)")).to_have_count(2)
    quoting.hover()
    quoting.get_by_label("Take back").click()
    gone = customer.notices.filter(has_text="took a message back")
    expect(gone).to_be_visible()
    gone.get_by_role("button").click()
    expect(customer.box).to_have_value("what do you mean")
    assert "what do you mean" not in kept_texts(shop, token_of(customer.page))


def test_a_proposal_leads_to_questions_and_then_to_the_chat(shop: str, chromium: Browser) -> None:
    words = {"zh": "需要帮忙吗", "en": "May I help?"}
    questions = [
        {"key": "name", "label": {"zh": "姓名", "en": "Your name"}, "required": True},
        {"key": "email", "kind": "email", "label": {"zh": "邮箱", "en": "E-mail"}},
    ]
    changed = {
        "color": "#7b2d8e",
        "proposals": [{"id": "home", "page": "/", "after_s": 0, "words": words}],
        "prechat": {"enabled": True, "questions": questions},
    }
    with settings_of(shop, **changed), visit(chromium, locale="en-GB") as (_, page, complaints):
        page.goto(shop)
        teaser = page.locator("lingxi-chat div[role=status]")
        expect(teaser).to_contain_text("May I help?")
        assert axe_violations(page) == []
        launcher = page.locator("lingxi-chat button.l")
        expect(launcher).to_have_css("background-color", "rgb(123, 45, 142)")
        teaser.get_by_role("button").first.click()
        widget = Widget.on(page)
        expect(widget.get("h2")).to_have_text("May I help?")
        name = widget.get(".prechat").get_by_label("Your name")
        name.press("Enter")  # required: nothing happens
        name.fill("Mei")
        assert axe_violations(frame_of(page)) == []
        name.press("Enter")
        widget.ask("hello", r"\S")
        page.reload()
        Widget.on(page).open()
        expect(teaser).to_have_count(0)  # once is enough
        assert complaints == []


def test_a_signed_in_customer_leaves_nothing_behind(chromium: Browser, shop: str) -> None:
    proof = {"sub": f"user-{uuid4().hex}", "exp": time.time() + 600}
    identify = """detail => {
        document.addEventListener("lingxi:identity-refused", event => (document.body.dataset.code = event.detail));
        document.dispatchEvent(new CustomEvent("lingxi:identify", { detail }));
    }"""
    with visit(chromium, locale="en-GB") as (_, page, _):
        page.goto(shop)
        Widget.on(page).open().ask("hi, I am about to sign in", r"\S")
        with page.expect_response("**/api/visitor/session"):  # the server knows it is them
            page.evaluate(identify, {"jwt": jwt.encode(proof, IDENTITY_SECRET)})
        expect(Widget.on(page).own).to_have_text(re.compile("sign in"))
        page.evaluate(identify, None)
        expect(Widget.on(page).own).to_have_count(0)
        page.evaluate(identify, {"jwt": jwt.encode(proof, "x" * 40)})
        expect(page.locator("body")).to_have_attribute("data-code", "identity_invalid")
        Widget.on(page).ask("still here?", r"\S")
    with visit(chromium, locale="en-GB") as (_, page, _):
        page.goto(shop)
        page.evaluate(identify, {"jwt": jwt.encode(proof, IDENTITY_SECRET)})
        expect(Widget.on(page).open().own).to_have_text(re.compile("sign in"))


def test_the_owner_sees_the_widget_before_saving(shop: str, chromium: Browser) -> None:
    with (
        settings_of(shop),
        visit(chromium, locale="en-GB", viewport={"width": 1440, "height": 900}) as visited,
    ):
        _, window, complaints = visited
        AgentDesk(window).log_in(shop)
        complaints.clear()
        window.goto(f"{shop}/dashboard/widget")
        preview = window.frame_locator("iframe")
        expect(preview.locator(".top h1")).to_be_visible()
        window.get_by_label("Name · English").fill("The Shop")
        expect(preview.locator(".top h1")).to_have_text("The Shop")
        window.get_by_role("button", name="Add a proposal").click()
        for scheme in SCHEMES:
            show_in(window, scheme)
            assert axe_violations(window) == [], scheme
        told = httpx.get(f"{shop}/api/widget/config", timeout=60).json()
        assert told["title"]["en"] != "The Shop", "a preview is not saved"
        window.get_by_role("button", name="Save").click()
        expect(window.get_by_text("Saved.")).to_be_visible()
        told = httpx.get(f"{shop}/api/widget/config", timeout=60).json()
        assert told["title"]["en"] == "The Shop"
        assert complaints == []
