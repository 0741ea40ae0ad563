"""An agent at the desk in a real browser, a customer on a real socket, a real server between."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from web_customer import Customer, arrived
from web_pages import ANSWER_MS, axe_violations, show_in

from app.auth.service import add_agent
from app.config import DEVELOPMENT_AGENT
from app.db import Database

pytestmark = pytest.mark.slow

SECOND_AGENT = ("bob@example.com", "Bob Li", "a long password", "agent")


FORGET_CANNED = """async shortcut => {
    const { items } = await (await fetch("/api/canned")).json();
    const { id } = items.find(one => one.shortcut === shortcut);
    await fetch(`/api/canned/${id}`, { method: "DELETE" });
}"""
"""Another test counts them."""


@pytest.fixture(scope="module")
def base(scripted: str, scripted_database: str) -> str:
    asyncio.run(second_agent(scripted_database))
    return scripted


async def second_agent(database_url: str) -> None:
    database = Database(database_url)
    await add_agent(database, *SECOND_AGENT)
    await database.close()


@pytest.fixture
def page(base: str, chromium: Browser) -> Iterator[Page]:
    page = new_page(chromium)
    page.goto(f"{base}/dashboard/")
    yield page
    page.close()


def new_page(browser: Browser) -> Page:
    page = browser.new_page(locale="en-GB", viewport={"width": 1440, "height": 900})
    page.set_default_timeout(ANSWER_MS)
    return page


def log_in(page: Page, base: str, email: str, password: str) -> None:
    page.goto(f"{base}/dashboard/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_an_agent_takes_a_waiting_customer_answers_and_hands_back(base: str, page: Page) -> None:
    email, password = DEVELOPMENT_AGENT
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()

    with arrived(base, "Emma") as customer:
        customer.say("echo hello")
        customer.hear('"bot"', "echo hello")
        customer.emit(type="request_human")
        customer.hear('"owner_changed"', '"queued"')
        page.get_by_role("link", name="Emma").click()
        expect(page.get_by_role("log")).to_contain_text("hello")
        page.get_by_role("button", name="Why?").first.click()
        expect(page.get_by_test_id("why")).to_contain_text("Why the bot said this")
        page.get_by_role("button", name="Claim conversation").click()
        box = page.get_by_label("Reply", exact=True)
        box.fill("I am here now")
        box.press("Enter")
        expect(page.get_by_role("img", name="Sending")).to_have_count(0)
        customer.hear('"message"', "I am here now")
        assert axe_violations(page) == []
        page.get_by_role("button", name="Back to bot").click()
        customer.hear('"owner_changed"', '"owner":"bot"')
        expect(page.get_by_text("The bot is answering", exact=False).first).to_be_visible()


def test_words_are_translated_both_ways_where_a_model_can(base: str, page: Page) -> None:
    """The model is a paid one: its answers are given here, the server's side is tested with it."""

    def answer(route: Route) -> None:
        asked = route.request.post_data_json
        words = "My umbrella broke" if asked and asked["to"] == "en" else "我们换一把"
        route.fulfill(json={"available": True} if asked is None else {"text": words})

    page.route("**/api/wording**", answer)
    page.route("**/api/wording/*", answer)
    log_in(page, base, *DEVELOPMENT_AGENT)
    with arrived(base, "Umbrella") as customer:
        customer.say("human")
        customer.hear('"owner_changed"', '"queued"')  # else the two are answered as one
        customer.say("我的伞坏了")
        page.get_by_role("link", name="Umbrella").click()
        page.get_by_role("button", name="Claim conversation").click()
        said = page.get_by_role("article").filter(has_text="我的伞坏了")
        said.hover()
        said.get_by_role("button", name="Translate").click()
        expect(said).to_contain_text("My umbrella broke")
        said.get_by_role("button", name="Hide translation").click()
        expect(said).not_to_contain_text("My umbrella broke")
        box = page.get_by_label("Reply", exact=True)
        box.fill("We send a new one")
        page.get_by_role("button", name="Translate into the customer's language").click()
        expect(box).to_have_value("我们换一把")  # what they write tells which it is
        page.get_by_role("button", name="Back to what I wrote").click()
        expect(box).to_have_value("We send a new one")
        assert axe_violations(page) == []


def test_two_agents_work_on_one_customer(base: str, chromium: Browser, page: Page) -> None:
    log_in(page, base, *DEVELOPMENT_AGENT)
    other = new_page(chromium)
    log_in(other, base, SECOND_AGENT[0], SECOND_AGENT[2])
    with arrived(base, "Olga") as customer:
        customer.say("How do I get an invoice?")
        customer.hear('"bot"', "echo")
        customer.emit(type="request_human")
        customer.hear('"owner_changed"', '"queued"')
        page.get_by_role("link", name="Olga").click()
        page.get_by_role("button", name="Claim conversation").click()

        page.get_by_role("tab", name="Private note").click()
        note = page.get_by_role("textbox", name="Private note")
        note.press_sequentially("is this right, @Bo")
        expect(page.get_by_role("option", name="Bob Li")).to_be_visible()
        note.press("Enter")
        expect(note).to_have_value("is this right, @Bob Li ")
        note.press_sequentially("secret sum?")
        note.press("Enter")
        expect(page.get_by_role("log")).to_contain_text("secret sum?")
        other.get_by_role("button", name="Mentions").click()
        other.get_by_role("link", name="Olga").click()
        expect(other.get_by_role("log")).to_contain_text("secret sum?")
        expect(page.get_by_text("Bob Li is looking too")).to_be_visible()
        expect(other.get_by_text("Mei 小美 is looking after this customer.")).to_be_visible()
        assert axe_violations(other) == []
        other.close()

        page.get_by_role("tab", name="Reply").click()
        box = page.get_by_role("textbox", name="Reply")
        expect(page.get_by_role("region", name="Suggested from the knowledge")).to_be_visible()
        box.press("Alt+1")
        expect(box).to_have_value(re.compile("invoice", re.IGNORECASE))
        box.press("Enter")
        customer.hear('"agent"', "nvoice")
        a_canned_reply_is_written_and_sent(page, customer)
        asked = page.get_by_role("article", name="Message by Olga").first
        asked.hover()
        asked.get_by_role("button", name="Quote").click()
        paper = {"name": "invoice 发票.txt", "mimeType": "text/plain", "buffer": b"No. 7"}
        page.locator("input[type=file]").set_input_files(paper)
        expect(page.get_by_role("list", name="Files to send")).to_contain_text("5 B")
        box.fill("Here it is")
        expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        assert axe_violations(page) == []
        box.press("Enter")
        customer.hear('"agent"', "Here it is", ".txt", '"quote"', "How do I get an invoice?")
        sent = page.get_by_role("article").filter(has_text="Here it is")
        expect(sent.get_by_role("link", name="Save invoice 发票.txt")).to_be_visible()
        sent.hover()
        sent.get_by_role("button", name="Take back").click()
        customer.hear('"recalled":true')
        expect(page.get_by_text("Message taken back")).to_be_visible()
        box.press("Escape")

        page.keyboard.press("l")
        tags = page.get_by_label("Tags", exact=True).and_(page.locator("input"))
        expect(tags).to_be_focused()
        tags.press_sequentially("vip")
        tags.press("Enter")
        page.keyboard.press("Escape")
        row = page.get_by_role("link", name="Olga")
        expect(row).to_contain_text("#vip")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Priority: Normal").click()
        page.get_by_role("menuitem", name="Urgent").click()
        expect(row).to_contain_text("Urgent")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Snooze").click()
        page.get_by_role("menuitem", name="In an hour").click()
        expect(row).to_have_count(0)
        customer.say("one more thing about the parcel")
        expect(row).to_be_visible()

        page.get_by_label("Search customers and messages").fill("the parc")
        page.get_by_role("link").filter(has=page.locator("mark")).click()
        expect(page.locator("[data-found=true]")).to_contain_text("parcel")
        page.get_by_label("Search customers and messages").fill("")
        page.get_by_role("button", name="Understanding").first.click()
        page.get_by_role("button", name="Not what they meant? Correct it").click()
        why = page.get_by_test_id("why")
        why.get_by_role("combobox", name="What the customer wanted").fill("refund")
        said = why.get_by_role("textbox", name="Entities")
        said.press("End")
        said.press("ArrowLeft")  # the question mark
        for _ in "invoice":
            said.press("Shift+ArrowLeft")
        why.get_by_role("combobox", name="Name of the entity").fill("paper")
        why.get_by_role("button", name="Add", exact=True).click()
        expect(why.get_by_role("button", name="Remove “invoice”")).to_be_visible()
        why.get_by_role("button", name="Save as training example").click()
        expect(page.get_by_text("Corrected to refund by Mei 小美")).to_be_visible()
        assert axe_violations(page) == []
        show_in(page, "dark")
        assert axe_violations(page) == []
        page.get_by_role("button", name="Close", exact=True).click()
        customer.hear('"owner_changed"', '"closed"')
        the_owner_finds_the_example(page)
    assert not [event for event in customer.heard if "secret sum" in event]


def a_canned_reply_is_written_and_sent(page: Page, customer: Customer) -> None:
    box = page.get_by_role("textbox", name="Reply")
    box.fill("/")
    page.get_by_role("button", name="Manage canned replies").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Add", exact=True).click()
    dialog.get_by_label("Shortcut").fill("greet7")
    dialog.get_by_label("Title").fill("问候")
    dialog.get_by_label("Text").fill("Hello {{name}}, this is {{agent}}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("/greet7")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    box.fill("/greet7")
    box.press("Enter")
    expect(box).to_have_value("Hello Olga, this is Mei 小美")
    box.press("Enter")
    customer.hear('"agent"', "Hello Olga, this is Mei")
    page.evaluate(FORGET_CANNED, "greet7")


def the_owner_finds_the_example(page: Page) -> None:
    """Among those of the next training, and takes it away."""
    page.get_by_role("link", name="Bot", exact=True).click()
    examples = page.get_by_role("list", name="Corrected by agents").get_by_role("listitem")
    example = examples.filter(has_text="How do I get an invoice?")
    expect(example).to_contain_text("refund")
    expect(example).to_contain_text("invoice paper")
    with page.expect_download() as download:
        page.get_by_role("link", name="nlu.yml").click()
    named = 'How do I get an [invoice]{"entity": "paper"}?'
    assert named in download.value.path().read_text("utf-8")
    assert axe_violations(page) == []
    example.get_by_role("button", name="Delete the example").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(example).to_have_count(0)
