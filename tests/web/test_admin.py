"""The owner's pages in a real browser, over a history planted in the database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session
from web_pages import ANSWER_MS, SCHEMES, AgentDesk, axe_violations, fits, show_in, wait_until
from web_product import scripted_product

from app.auth.service import add_agent
from app.db import Database
from app.models import Conversation, StoredMessage, Turn, Visitor, new_id

pytestmark = pytest.mark.slow

AGENT = ("plain@example.com", "a long password")


def plant(session: Session) -> None:
    """Three conversations of yesterday, one of them with a question that had no answer."""
    at = datetime.now(UTC) - timedelta(days=1)
    visitor = Visitor(id=new_id())
    session.add(visitor)
    session.flush()
    for number, route in enumerate(["faq", "faq", "fallback"]):
        chat = Conversation(
            id=new_id(),
            visitor_id=visitor.id,
            created_at=at,
            updated_at=at,
            last_seq=1,
            rating=5 - number,
        )
        session.add(chat)
        session.flush()
        turn = Turn(
            id=new_id(),
            conversation_id=chat.id,
            state="done",
            created_at=at,
            route=route,
            intent="gift_card",
            sentiment="neutral",
        )
        session.add(turn)
        session.add(
            StoredMessage(
                conversation_id=chat.id,
                seq=1,
                author_type="visitor",
                author_id=visitor.id,
                content={"text": "Do you sell gift cards?"},
                turn_id=turn.id,
                created_at=at,
            )
        )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real server with scripted engines, and a week's history."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('home')}/admin.db"
    with scripted_product(url) as base:
        asyncio.run(fill(url))
        yield base


async def fill(url: str) -> None:
    database = Database(url)
    await database.write(plant)
    await add_agent(database, AGENT[0], "Plain", AGENT[1], "agent")
    await database.close()


@pytest.fixture(scope="module")
def page(base: str, chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(locale="en-GB", viewport={"width": 1440, "height": 900})
    page.set_default_timeout(ANSWER_MS)
    AgentDesk(page).log_in(base)
    yield page
    page.close()


def agree(page: Page, action: str) -> None:
    """To the question that is asked before it is done."""
    asked = page.get_by_role("dialog")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert axe_violations(page) == []
    asked.get_by_role("button", name=action, exact=True).click()
    expect(asked).to_have_count(0)


def test_the_owner_reads_the_figures_and_takes_them_along(base: str, page: Page) -> None:
    page.get_by_role("link", name="Analytics").click()
    figures = page.locator("dl > div")
    expect(figures.filter(has_text="Conversations")).to_contain_text("3 customer messages")
    expect(figures.filter(has_text="Resolved by the bot")).to_contain_text("3 of 3")
    expect(figures.filter(has_text="Questions answered")).to_contain_text("66.7%")
    expect(figures.filter(has_text="Satisfied")).to_contain_text("4 stars, 3 rated")
    expect(page.get_by_role("link", name="Do you sell gift cards?")).to_be_visible()
    page.mouse.move(700, 20)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    for scheme in SCHEMES:
        show_in(page, scheme)
        assert axe_violations(page) == [], scheme
    show_in(page, "light")
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="intents").click()
    text = download.value.path().read_text("utf-8-sig")
    assert "gift_card,3,1" in text
    page.goto(f"{base}/dashboard/analytics?from=2020-01-01&to=2020-01-07")
    expect(page.get_by_role("heading", name="Nobody wrote in these days")).to_be_visible()


def test_the_owner_invites_a_colleague_and_disables_them(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/agents")
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Name").fill("Jun 阿俊")
    page.get_by_label("Email address").fill("jun@example.com")
    page.get_by_role("dialog").get_by_role("button", name="Invite").click()
    password = page.get_by_test_id("secret").inner_text().strip()
    body = {"email": "jun@example.com", "password": password}
    login = httpx.post(f"{base}/api/auth/login", json=body, headers={"Origin": base})
    assert login.status_code == 200
    page.get_by_role("button", name="Done").last.click()
    row = page.get_by_role("listitem").filter(has_text="jun@example.com")
    row.get_by_role("button", name="Disable").click()
    agree(page, "Disable")
    expect(row).to_contain_text("Disabled")
    me = f"{base}/api/me"
    wait_until(page, lambda: httpx.get(me, cookies=login.cookies).status_code == 401, "a refusal")
    for scheme in SCHEMES:
        show_in(page, scheme)
        assert axe_violations(page) == [], scheme
    own = page.get_by_role("listitem").filter(has_text="agent@example.com")
    own.get_by_role("button", name="Disable").click()
    agree(page, "Disable")
    expect(page.get_by_role("alert")).to_contain_text("last administrator")


def test_the_owner_makes_a_team_and_says_who_takes_what(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/teams")
    page.get_by_role("button", name="Add a team").click()
    page.get_by_label("Name of the team").fill("Refunds 退款")
    page.get_by_role("combobox", name="Members").click()
    page.get_by_role("option", name="plain@example.com").click()
    subjects = page.get_by_role("dialog").get_by_role("combobox", name="Subjects")
    subjects.fill("refund")
    subjects.press("Enter")
    subjects.press("Tab")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    team = page.get_by_role("list", name="Teams").get_by_role("listitem")
    expect(team).to_contain_text("Refunds 退款")
    expect(team.get_by_role("img", name="Plain")).to_be_visible()
    page.get_by_role("button", name="Add a skill").click()
    page.get_by_label("Name of the skill").fill("Kettles")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("list", name="Skills")).to_contain_text("Kettles")
    cap = page.get_by_label("Plain: Chats at most")
    cap.fill("3")
    page.get_by_role("combobox", name="Plain: Skills").click()
    page.get_by_role("option", name="Kettles").click()
    rules = page.get_by_role("region", name="How chats are given out")
    rules.get_by_role("switch", name="Give chats to agents by itself").press("Space")
    rules.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    def plain() -> Any:
        staff = page.request.get(f"{base}/api/staff").json()["items"]
        return next(row for row in staff if row["email"] == AGENT[0])

    kept = "what Plain takes to be kept"  # it is saved as it is chosen
    wait_until(page, lambda: (plain()["max_chats"], plain()["skills"]) == (3, ["Kettles"]), kept)
    desk = page.request.get(f"{base}/api/desk").json()
    assert desk["rules"]["auto_assign"] is True
    assert desk["teams"][0]["agent_ids"] == [plain()["id"]]
    assert desk["teams"][0]["intents"] == ["refund"]


def test_the_owner_closes_the_office_for_a_day(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/hours")
    expect(page.get_by_text("Open now")).to_be_visible()
    monday = page.get_by_role("listitem", name="Monday")
    monday.get_by_label("Monday: to").fill("17:30")
    sunday = page.get_by_role("listitem", name="Sunday")
    sunday.get_by_role("switch").press("Space")
    expect(sunday).to_contain_text("Closed")
    page.get_by_role("button", name="Add a holiday").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Closed now")).to_be_visible()
    saved = page.request.get(f"{base}/api/widget/settings").json()["settings"]
    assert saved["office_hours"] == "Mo 00:00-17:30; Tu-Sa 00:00-24:00"
    assert len(saved["holidays"]) == 1


def test_the_owner_finds_a_customer_and_erases_them(base: str, page: Page) -> None:
    who = {"name": "Ann Gone", "email": "ann@example.com"}
    httpx.post(f"{base}/api/visitor/session", json=who, headers={"Origin": base})
    page.goto(f"{base}/dashboard/settings/privacy")
    page.get_by_role("textbox", name="Find a customer").fill("ann@example.com")
    page.get_by_role("textbox", name="Find a customer").press("Enter")
    row = page.get_by_role("listitem").filter(has_text="Ann Gone")
    with page.expect_download() as download:
        row.get_by_role("link", name="Export").click()
    assert "Ann Gone" in download.value.path().read_text("utf-8")
    row.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Erase for good")).to_be_disabled()
    dialog.get_by_text("cannot be undone").click()
    dialog.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("Nobody is known as")).to_be_visible()
    page.get_by_text("Forget after").click()
    page.get_by_label("Days").fill("30")
    expect(page.get_by_text("cannot be brought back")).to_be_visible()
    page.get_by_role("button", name="Forget what is older").click()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    assert page.request.get(f"{base}/api/privacy/retention").json() == {"days": 30}


def test_the_owner_reads_who_did_what(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/audit")
    expect(page.get_by_role("status").filter(has_text="Unbroken")).to_be_visible()
    log = page.get_by_role("list", name="Audit log").get_by_role("listitem")
    expect(log.filter(has_text="erased the customer")).to_have_count(1)
    page.get_by_role("combobox", name="Anything").fill("erased")
    page.get_by_role("option", name="erased the customer").click()
    expect(log).to_have_count(1)
    expect(log).to_contain_text("Mei 小美")


def test_the_owner_drills_a_fall_and_ends_it(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/operations")
    part = page.get_by_test_id("understanding")
    expect(part).to_contain_text("Working")
    expect(page.get_by_role("button", name="Drill: Speech")).to_be_disabled()
    part.get_by_role("button", name="Drill").click()
    page.get_by_role("menuitem", name="5:00").click()
    expect(part).to_contain_text("Overloaded")
    expect(part).to_contain_text("their messages are kept")
    part.get_by_role("button", name="End the drill").click()
    expect(part).to_contain_text("Working")


def test_a_program_gets_a_key_and_is_told_what_happens(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/settings/programs")
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill("CRM 同步")
    page.get_by_role("checkbox", name="Understanding").check()
    page.get_by_role("button", name="Make the key").click()
    secret = page.get_by_test_id("secret").inner_text().strip()
    shown = {"Authorization": f"Bearer {secret}"}
    parsed = httpx.post(f"{base}/model/parse", json={"text": "hello"}, headers=shown)
    assert parsed.status_code == 200, parsed.text
    page.get_by_role("button", name="Done").last.click()
    keys = page.get_by_role("list", name="API keys").get_by_role("listitem")
    keys.filter(has_text="CRM 同步").get_by_role("button", name="Take back").click()
    agree(page, "Take back")
    expect(keys.filter(has_text="CRM 同步")).to_contain_text("Taken back")
    parse = f"{base}/model/parse"

    def refused() -> bool:
        return httpx.post(parse, json={"text": "hi"}, headers=shown).status_code == 401

    wait_until(page, refused, "the key to be refused")
    page.get_by_role("button", name="New webhook").click()
    page.get_by_label("Name").fill("Warehouse")
    page.get_by_label("Address").fill("https://127.0.0.1/inside")
    page.get_by_role("checkbox", name="A customer wants a human").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Address").fill("https://hooks.example.com/lingxi")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("secret")).to_be_visible()
    page.get_by_role("button", name="Done").last.click()
    told = page.get_by_role("list", name="Webhooks").get_by_role("listitem")
    expect(told).to_contain_text("A customer wants a human")
    told.get_by_role("switch").press("Space")
    expect(told.get_by_role("switch")).not_to_be_checked()
    hooks = f"{base}/api/webhooks"
    off = "the webhook to be switched off"
    wait_until(page, lambda: page.request.get(hooks).json()["items"][0]["enabled"] is False, off)


def test_an_agent_looks_after_their_own_login(base: str, page: Page) -> None:
    page.goto(f"{base}/dashboard/")
    page.get_by_role("button", name="Account of").click()
    expect(page.get_by_role("menuitem", name="Log out")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("menuitem", name="Change password").click()
    page.get_by_label("Current password").fill("not this one")
    page.get_by_label("New password", exact=True).fill("long enough now")
    page.get_by_label("New password again").fill("long enough now")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("is not right")
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("menuitem", name="Two-step").click()
    page.get_by_role("button", name="Set it up").click()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.keyboard.press("Escape")


SETTINGS = ["agents", "teams", "hours", "programs", "privacy", "audit", "operations"]


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_for_everybody_on_every_screen(base: str, page: Page, name: str) -> None:
    for language in ("en", "zh"):
        page.evaluate(f"localStorage.setItem('lingxi.dashboard.language', '{language}')")
        page.goto(f"{base}/dashboard/settings/{name}")
        expect(page.locator("#main h1")).to_have_text({"en": "Settings", "zh": "设置"}[language])
        for scheme in SCHEMES:
            show_in(page, scheme)
            assert axe_violations(page) == [], (language, scheme)
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    show_in(page, "light")
    page.evaluate("localStorage.setItem('lingxi.dashboard.language', 'en')")


def test_an_agent_is_told_kindly_that_the_page_is_for_others(base: str, chromium: Browser) -> None:
    answer = httpx.post(
        f"{base}/api/auth/login",
        json={"email": AGENT[0], "password": AGENT[1]},
        headers={"Origin": base},
    )
    context = chromium.new_context(locale="en-GB")
    context.add_cookies(
        [{"name": name, "value": value, "url": base} for name, value in answer.cookies.items()]
    )
    page = context.new_page()
    page.goto(f"{base}/dashboard/analytics")
    expect(page.get_by_role("heading", name="This page is for others")).to_be_visible()
    expect(page.get_by_role("link", name="Analytics")).to_have_count(0)
    context.close()
