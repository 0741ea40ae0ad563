"""Who gets which customer, in Chromium: the owner's rules, two agents' desks, six customers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from web_customer import Customer, arrived
from web_pages import AgentDesk, axe_violations, visit
from web_product import scripted_product

from app.auth.service import add_agent
from app.db import Database

pytestmark = pytest.mark.slow

LAN = ("lan@example.com", "林岚", "a long password", "agent")
WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own: who waits at another would be given out too."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('routing')}/desk.db"

    async def hire() -> None:
        database = Database(url)
        await add_agent(database, *LAN)
        await database.close()

    with scripted_product(url) as base:
        asyncio.run(hire())
        yield base


@pytest.fixture
def desks(base: str, chromium: Browser) -> Iterator[tuple[AgentDesk, AgentDesk]]:
    with ExitStack() as stack:
        windows = [visit(chromium, locale="en-GB", viewport=WIDE) for _ in range(2)]
        mei, lan = (AgentDesk(stack.enter_context(window)[1]) for window in windows)
        yield mei.log_in(base), lan.log_in(base, LAN[0], LAN[2])


def choose(page: Page, field: str, option: str) -> None:
    page.get_by_role("combobox", name=field).click()
    page.get_by_role("option", name=option).click()


def say_who_takes_what(mei: Page, base: str) -> None:
    """Lan 林岚 speaks Chinese, knows refunds, and takes two at once; chats are given in turn."""
    mei.goto(f"{base}/dashboard/settings/teams")
    mei.get_by_role("button", name="Add a skill").click()
    mei.get_by_label("Name of the skill").fill("Refunds")
    subjects = mei.get_by_role("dialog").get_by_role("combobox", name="Subjects")
    subjects.fill("refund")
    subjects.press("Enter")
    subjects.press("Tab")
    mei.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(mei.get_by_role("list", name="Skills")).to_contain_text("Refunds")
    for field, option in (("Languages", "中文"), ("Skills", "Refunds")):
        choose(mei, f"林岚: {field}", option)
        mei.keyboard.press("Escape")  # one may choose more
    most = mei.get_by_label("林岚: Chats at most")
    most.fill("2")
    most.blur()
    rules = mei.get_by_role("region", name="How chats are given out")
    rules.get_by_text("In turn").click()
    rules.get_by_role("switch", name="Give chats to agents by itself").press("Space")
    rules.get_by_role("button", name="Save").click()
    expect(mei.get_by_text("Saved.")).to_be_visible()
    mei.get_by_role("link", name="Inbox").click()


def be(mei: Page, available: bool) -> None:
    """By the switch in one's own menu."""
    mei.get_by_role("button", name="Account of").click()
    switch = mei.get_by_role("menuitemcheckbox", name="Available")
    expect(switch).to_be_checked(checked=not available)
    switch.click()
    mei.get_by_role("button", name="Account of").click()
    expect(switch).to_be_checked(checked=available)
    mei.keyboard.press("Escape")
    expect(switch).to_have_count(0)


def chat(desk: AgentDesk, name: str) -> Locator:
    return desk.page.get_by_role("region", name="Conversations").get_by_role("link", name=name)


def test_customers_go_to_whoever_can_help_them_best(
    base: str, desks: tuple[AgentDesk, AgentDesk]
) -> None:
    mei, lan = desks
    say_who_takes_what(mei.page, base)
    with ExitStack() as stack:

        def wants_a_human(name: str, why: str, said: str = "") -> Customer:
            language = "en" if why.isascii() else "zh"
            customer = stack.enter_context(arrived(base, name, language))
            if said:
                customer.say(said)
                customer.hear('"bot"', said)
            customer.say(f"human {why}")
            customer.hear('"owner_changed"', '"owner":"')
            return customer

        for desk in desks:
            desk.view("Mine")
        wants_a_human("Yilin", "您好", "refund 我要退款")  # a skill comes before whose turn it is
        expect(chat(lan, "Yilin")).to_be_visible()
        wants_a_human("Erwan", "您好")
        expect(chat(mei, "Erwan")).to_be_visible()

        be(mei.page, available=False)
        wants_a_human("Sanmao", "您好")
        expect(chat(lan, "Sanmao")).to_be_visible()
        wants_a_human("Sihan", "您好").hear("queued")  # two are as many as she takes
        wants_a_human("Evelyn", "please").hear("queued")
        wants_a_human("Wujing", "angry 太慢了", "echo 您好").hear("queued")
        lan.view("Waiting")
        for name in ("Sihan", "Evelyn", "Wujing"):
            expect(chat(lan, name)).to_be_visible()

        a_view_is_kept_and_shared(mei.page, lan)

        close(lan, "Yilin")  # the angry first
        expect(chat(lan, "Wujing")).to_be_visible()
        expect(chat(lan, "Sihan")).to_have_count(0)
        close(lan, "Sanmao")  # then whoever has waited longest
        expect(chat(lan, "Sihan")).to_be_visible()
        be(mei.page, available=True)
        mei.view("Mine")
        expect(chat(mei, "Evelyn")).to_be_visible()
        expect(chat(mei, "Erwan")).to_be_visible()


def close(desk: AgentDesk, name: str) -> None:
    desk.view("Mine")
    chat(desk, name).click()
    desk.page.get_by_role("button", name="Close", exact=True).click()
    expect(chat(desk, name)).to_have_count(0)


def a_view_is_kept_and_shared(mei: Page, lan: AgentDesk) -> None:
    AgentDesk(mei).view("Waiting")
    mei.get_by_role("button", name="Filter").click()
    choose(mei, "Language", "English")
    mei.get_by_label("Name of this view").fill("In English 英文")
    mei.get_by_role("checkbox", name="Share with colleagues").check()
    assert axe_violations(mei) == []
    mei.get_by_role("button", name="Save as view").click()
    views = mei.get_by_role("group", name="Saved views")
    expect(views.get_by_role("button", name="In English 英文", exact=True)).to_be_visible()
    lan.page.reload()
    shared = lan.page.get_by_role("group", name="Saved views")
    shared.get_by_role("button", name="In English 英文").click()
    expect(chat(lan, "Evelyn")).to_be_visible()
    expect(chat(lan, "Sihan")).to_have_count(0)
    expect(shared.get_by_role("button", name="Delete view")).to_have_count(0)  # it is Mei's
    shared.get_by_role("button", name="In English 英文").click()  # and back
    expect(chat(lan, "Sihan")).to_be_visible()
    mei.get_by_role("button", name="Delete view “In English 英文”").click()
    mei.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(mei.get_by_text("In English 英文")).to_have_count(0)
    mei.get_by_role("button", name="Remove filter: English").click()
