"""A shift in Chromium: a supervisor and an agent at their desks, three customers in their widgets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from web_pages import (
    AgentDesk,
    Widget,
    admin_of,
    axe_violations,
    visit,
    wait_until,
    write_until,
)

from app.auth.service import add_agent
from app.db import Database

pytestmark = pytest.mark.slow

CAROL = ("carol@example.com", "Carol Wu", "a long password", "agent")
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 720}
HIDE = "() => Object.defineProperty(document, 'hasFocus', { value: () => false })"
KEEP_NOTIFICATIONS = """() => {
    window.told = [];
    window.Notification = class {
        static permission = "granted";
        constructor(title, { body }) { told.push(`${title}: ${body}`); }
    };
}"""
"""Chromium without a screen has no place to show one: this keeps what would have been shown."""


@pytest.fixture(scope="module")
def base(scripted: str, scripted_database: str) -> str:
    async def hire() -> None:
        database = Database(scripted_database)
        await add_agent(database, *CAROL)
        await database.close()

    asyncio.run(hire())
    return scripted


@dataclass
class Shift:
    mei: Page
    """The supervisor's desk."""
    carol: Page
    """An agent's."""
    ann: Widget
    ben: Widget
    ding: Widget


@contextmanager
def customer(browser: Browser, base: str, name: str, language: str) -> Iterator[Widget]:
    """A customer of that name, in a browser of their own."""
    who = {"name": name, "language": language}
    token = httpx.post(f"{base}/api/visitor/session", json=who).raise_for_status().json()["token"]
    with visit(browser, locale=language, viewport=PHONE) as (context, page, _):
        context.add_init_script(f"localStorage.setItem('lingxi.token', '{token}')")
        page.goto(f"{base}/widget/")
        yield Widget.alone(page)


@pytest.fixture
def shift(base: str, chromium: Browser) -> Iterator[Shift]:
    with ExitStack() as stack:
        windows = [visit(chromium, locale="en-GB", viewport=WIDE) for _ in range(2)]
        mei, carol = (AgentDesk(stack.enter_context(window)[1]) for window in windows)
        mei.log_in(base)
        carol.log_in(base, CAROL[0], CAROL[2])
        names = (("Ann Aalto", "en"), ("Ben Bauer", "en"), ("丁一", "zh"))
        widgets = [stack.enter_context(customer(chromium, base, *who)) for who in names]
        yield Shift(mei.page, carol.page, *widgets)


@pytest.fixture
def team(base: str) -> Iterator[str]:
    with admin_of(base) as admin:
        made = admin.post("/api/teams", json={"name": "Night shift", "agent_ids": []}).json()
        yield made["name"]
        admin.delete(f"/api/teams/{made['id']}")


def reply_box(desk: Page) -> Locator:
    return desk.get_by_label("Reply", exact=True)


def said(desk: Page) -> Locator:
    return desk.get_by_role("log")


def open_chat(desk: Page, view: str, name: str) -> None:
    AgentDesk(desk).view(view)
    desk.get_by_role("link", name=name).click()


def more(desk: Page, item: str) -> None:
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("menuitem", name=item).click()


def test_two_agents_and_three_customers_at_once(team: str, shift: Shift) -> None:
    everybody_waits(shift)
    each_sees_the_other_write(shift)
    a_supervisor_looks_on_whispers_and_steps_in(shift)
    what_is_unfinished_stays_where_it_was_begun(shift)
    a_chat_goes_to_a_colleague_and_to_a_team(shift, team)
    a_chat_is_held_and_ends(shift)
    nobody_heard_what_was_meant_for_another(shift)


def everybody_waits(shift: Shift) -> None:
    """The first two are served, and the third moves up."""
    for one, why in ((shift.ann, "kettle"), (shift.ben, "label"), (shift.ding, "您好")):
        one.say(f"human {why}")
        expect(one.get(".banner")).to_be_visible()
    place = shift.ding.get(".banner")
    expect(place).to_contain_text(re.compile(r"第 \d+ 位"))
    ahead = int("".join(filter(str.isdigit, place.inner_text().split("·")[0])))
    for desk, name, widget in ((shift.mei, "Ann", shift.ann), (shift.carol, "Ben", shift.ben)):
        open_chat(desk, "Waiting", name)
        desk.get_by_role("button", name="Claim conversation").click()
        expect(widget.get(".top .status")).to_contain_text("Our colleague is with you")
    expect(place).to_contain_text(f"第 {ahead - 2} 位" if ahead > 3 else "马上就轮到您")


def each_sees_the_other_write(shift: Shift) -> None:
    draft = shift.mei.get_by_role("status", name="What the customer is typing")
    shift.ann.box.press_sequentially("my kettle leaks")
    expect(draft).to_contain_text("Ann Aalto is typing: my kettle leaks")
    shift.ann.box.press("Enter")
    expect(said(shift.mei)).to_contain_text("my kettle leaks")
    expect(draft).not_to_contain_text("kettle")
    writing = shift.ann.get("li.typing").filter(has_text="Mei 小美 is writing")
    write_until(reply_box(shift.mei), "Oh dear", writing)
    reply_box(shift.mei).press("Enter")
    expect(shift.ann.theirs.last).to_contain_text("Oh dear")
    sent = shift.mei.get_by_role("article").filter(has_text="Oh dear")
    expect(sent).to_contain_text("Read")  # her panel is open


def a_supervisor_looks_on_whispers_and_steps_in(shift: Shift) -> None:
    mei, carol = shift.mei, shift.carol
    open_chat(mei, "All", "Ben")
    expect(carol.get_by_text("Mei 小美 is looking too")).to_be_visible()
    write_until(reply_box(carol), "I can offer", mei.get_by_text("Carol Wu is replying"))
    mei.get_by_role("tab", name="Private note").click()
    expect(mei.get_by_role("checkbox", name="Whisper to Carol Wu")).to_be_checked()
    note = mei.get_by_role("textbox", name="Private note")
    note.fill("a refund is fine")
    note.press("Enter")
    whisper = carol.get_by_role("article", name="Whisper by Mei 小美")
    expect(whisper).to_contain_text("a refund is fine")
    mei.get_by_role("button", name="Step in").click()
    expect(shift.ben.get(".top h1")).to_have_text("Mei 小美")
    expect(carol.get_by_text("Mei 小美 is looking after this customer")).to_be_visible()


def what_is_unfinished_stays_where_it_was_begun(shift: Shift) -> None:
    """Words and files wait in their own chat; the list says where."""
    mei = shift.mei
    mei.get_by_role("tab", name="Reply").click()
    paper = {"name": "label.txt", "mimeType": "text/plain", "buffer": b"No. 7"}
    mei.locator("input[type=file]").set_input_files(paper)  # type: ignore[arg-type]
    reply_box(mei).fill("Here is your label")
    files = mei.get_by_role("list", name="Files to send")
    expect(files).to_contain_text("5 B")
    mei.get_by_role("link", name="Ann").click()
    expect(reply_box(mei)).to_have_value("")
    expect(files).to_have_count(0)
    ben = mei.get_by_role("link", name="Ben")
    expect(ben).to_contain_text("Draft")
    ben.click()
    mei.reload()
    expect(files).to_contain_text("label.txt")
    expect(reply_box(mei)).to_have_value("Here is your label")
    reply_box(mei).press("Enter")
    expect(shift.ben.theirs.last).to_contain_text("Here is your label")
    expect(shift.ben.theirs.last.locator(".paper")).to_contain_text("label.txt")


def a_chat_goes_to_a_colleague_and_to_a_team(shift: Shift, team: str) -> None:
    mei, carol = shift.mei, shift.carol
    mei.evaluate(KEEP_NOTIFICATIONS)
    carol.evaluate(KEEP_NOTIFICATIONS)
    carol.evaluate(HIDE)
    more(mei, "Transfer")
    dialog = mei.get_by_role("dialog")
    dialog.get_by_role("radio", name="Carol Wu").check()
    assert axe_violations(mei) == []
    dialog.get_by_role("button", name="Transfer").click()
    expect(reply_box(carol)).to_have_value("I can offer")  # what she had begun
    given = "Ben Bauer was assigned to you"
    wait_until(carol, lambda: given in " ".join(carol.evaluate("told")), given)
    open_chat(mei, "Mine", "Ann")
    more(mei, "Transfer")
    dialog.get_by_role("radio", name=team).check()
    dialog.get_by_role("button", name="Transfer").click()
    expect(shift.ann.get(".banner")).to_be_visible()
    shift.ann.get(".banner button").click()  # back to the assistant
    shift.ann.ask("echo never mind", "never mind")


def a_chat_is_held_and_ends(shift: Shift) -> None:
    mei, ding = shift.mei, shift.ding
    open_chat(mei, "Waiting", "丁一")
    mei.get_by_role("button", name="Claim conversation").click()
    mei.get_by_role("button", name="Hold").click()
    expect(ding.notices.last).to_contain_text("请稍候")
    mei.get_by_role("button", name="Resume").click()
    mei.keyboard.press("Control+k")
    mei.get_by_placeholder("Type a command").fill("close")
    expect(mei.get_by_role("button", name="Close E")).to_be_visible()
    assert axe_violations(mei) == []
    mei.keyboard.press("Enter")
    mei.get_by_role("button", name="Undo").click()  # first: it goes after seconds
    expect(ding.notices.filter(has_text="已接入")).to_have_count(2)
    mei.get_by_role("button", name="Close", exact=True).click()
    ding.get(".stars label").nth(4).click()
    ding.get(".rating textarea").fill("很好")
    ding.get(".rating").get_by_role("button", name="提交评价").click()
    expect(ding.get(".thanks")).to_be_visible()
    AgentDesk(mei).view("Closed")
    rated = mei.get_by_role("link", name="丁一").filter(has_text="5 of 5 stars")
    expect(rated).to_be_visible()
    with ding.page.expect_download() as download:
        ding.get("[aria-haspopup=menu]").click()
        ding.get("[role=menuitem]").filter(has_text="下载聊天记录").click()
    assert "您好" in download.value.path().read_text("utf-8")


def nobody_heard_what_was_meant_for_another(shift: Shift) -> None:
    for widget, meant in ((shift.ann, "Oh dear"), (shift.ben, "Here is your label")):
        others = [one for one in (shift.ann, shift.ben, shift.ding) if one is not widget]
        for other in others:
            assert meant not in "\n".join(other.texts())
    for widget in (shift.ann, shift.ben, shift.ding):
        assert "a refund is fine" not in widget.get(".scroll").inner_text()
