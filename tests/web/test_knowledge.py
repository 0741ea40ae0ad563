"""The owner's knowledge pages in a real browser, over the running product."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from web_pages import (
    ANSWER_MS,
    SCHEMES,
    AgentDesk,
    axe_violations,
    show_in,
    visit,
    wait_until,
)

pytestmark = pytest.mark.slow

JUDGED_MS = 3 * ANSWER_MS
PAGES = (
    "knowledge",
    "knowledge/entries/warranty-length",
    "knowledge/import",
    "knowledge/unanswered",
    "knowledge/test?q=invoice",
    "knowledge/regression",
    "knowledge/synonyms",
    "knowledge/lint",
    "bot",
)


ENTRIES = """async () => {
    const found = await (await fetch("/api/faq?limit=200")).json();
    return found.items.map(({ id }) => id);
}"""
ARCHIVE = """async (ids) => {
    for (const id of ids) await fetch(`/api/faq/${id}`, { method: "DELETE" });
}"""


@pytest.fixture(scope="module")
def owner(chromium: Browser, shop: str) -> Iterator[Page]:
    with visit(chromium, locale="en-GB", viewport={"width": 1440, "height": 900}) as visited:
        _, page, complaints = visited
        AgentDesk(page).log_in(shop)
        before = set(page.evaluate(ENTRIES))
        yield page
        # Other tests ask the same bot, which would offer them these.
        page.evaluate(ARCHIVE, [id_ for id_ in page.evaluate(ENTRIES) if id_ not in before])
        assert [line for line in complaints if "uncaught" in line] == []


def word() -> str:
    """A word that no other entry has."""
    return "zq" + "".join(secrets.choice("bcdfghklmnprtvwxz") for _ in range(7))


def publish(page: Page) -> None:
    """Not "Published 182", which filters the list that a slow page still shows."""
    page.get_by_role("button", name="Publish", exact=True).click()


def fill_english(page: Page, question: str, answer: str) -> None:
    card = page.get_by_role("region", name="English")
    card.get_by_label("Phrasing 1, the title").fill(question)
    card.get_by_label("Answer", exact=True).fill(answer)


def test_a_training_tells_how_far_it_is_and_can_be_stopped(owner: Page, shop: str) -> None:
    owner.goto(f"{shop}/dashboard/bot")
    train = owner.get_by_role("button", name="Train", exact=True)
    train.click()
    expect(owner.get_by_role("checkbox", name="Also learn what agents corrected")).to_be_checked()
    owner.get_by_role("button", name="Start training").click()
    run = owner.get_by_role("status", name="Training")
    expect(run).to_contain_text("served by the live model meanwhile")
    expect(run.get_by_role("progressbar")).to_be_attached()  # of no width yet
    expect(train).to_be_disabled()
    run.get_by_role("button", name="Stop").click()
    expect(run).to_contain_text("The run was stopped")
    expect(train).to_be_enabled()


# Before the others: the entries of the others are of letters at random, and may come near to these.
def test_what_was_asked_in_vain_becomes_an_entry_that_the_tests_then_guard(
    owner: Page, shop: str
) -> None:
    asked = "fjdksl fjdkslf"  # not by chance: some strings of letters are near to something
    message = {"sender": word(), "message": asked}
    httpx.post(f"{shop}/webhooks/rest/webhook", json=message, timeout=60).raise_for_status()
    owner.goto(f"{shop}/dashboard/knowledge/unanswered")
    # What another test asked in vain may stand in the same cluster, and give it its title.
    cluster = owner.get_by_role("article").filter(has_text=asked)
    cluster.get_by_role("button", name="Write an entry").click()
    english = owner.get_by_role("region", name="English")
    expect(english.get_by_label("Phrasing 1, the title")).not_to_have_value("")
    english.get_by_label("Answer", exact=True).fill("Here it is.")
    publish(owner)
    expect(owner.get_by_role("region", name="History")).to_contain_text("Created by")

    owner.get_by_role("button", name="More actions").click()
    owner.get_by_role("menuitem", name="Archive").click()
    owner.get_by_role("dialog").get_by_role("button", name="Archive").click()
    dialog = owner.get_by_role("dialog")
    expect(dialog).to_contain_text("would not be answered right any more")
    expect(dialog).to_contain_text(asked)

    owner.goto(f"{shop}/dashboard/knowledge/regression")
    owner.get_by_role("button", name="Run with all drafts").click()
    expect(owner.get_by_role("region", name="Results")).to_contain_text("answered right")
    expect(owner.get_by_role("img", name="Answered right").first).to_be_visible()


def test_words_that_mean_the_same_are_put_together_and_parted(owner: Page, shop: str) -> None:
    first, second, third = word(), word(), word()
    owner.goto(f"{shop}/dashboard/knowledge/synonyms")
    field = "input[aria-label='Words that mean the same']"
    words = owner.locator(field)
    words.fill(first)
    words.press("Enter")
    words.fill(second)  # what is typed counts too
    owner.get_by_role("button", name="Add", exact=True).click()
    groups = owner.get_by_role("list", name="Synonyms")
    expect(groups).to_contain_text(second)
    owner.get_by_role("button", name=f"Edit the group of “{first}”").click()
    groups.locator(field).fill(third)
    groups.get_by_role("button", name="Save").click()
    expect(groups).to_contain_text(third)
    owner.get_by_role("button", name=f"Delete the group of “{first}”").click()
    expect(owner.get_by_text(first)).to_have_count(0)


def test_a_site_inside_is_not_read(owner: Page, shop: str) -> None:
    owner.goto(f"{shop}/dashboard/knowledge/import")
    owner.get_by_label("Addresses of pages or of a sitemap").fill("http://10.0.0.1/help")
    owner.get_by_role("button", name="Read the pages").click()
    expect(owner.get_by_text("is inside your net")).to_be_visible()


def test_an_entry_is_written_published_found_and_restored(owner: Page, shop: str) -> None:
    thing = word()
    owner.goto(f"{shop}/dashboard/knowledge")
    owner.get_by_role("link", name="New entry").click()
    publish(owner)
    expect(owner.get_by_text("Write at least one question")).to_be_visible()
    fill_english(owner, f"How much is the {thing}?", "It is **nine** yuan.")
    preview = owner.get_by_role("region", name="As customers see it")
    expect(preview.locator("strong")).to_have_text("nine")
    publish(owner)
    expect(owner.get_by_text("Published", exact=True).first).to_be_visible()
    history = owner.get_by_role("region", name="History")
    expect(history).to_contain_text("Created by")

    fill_english(owner, f"How much is the {thing}?", "It is **ten** yuan.")
    owner.get_by_role("link", name="Back to all entries").click()
    expect(owner.get_by_role("dialog")).to_contain_text("Leave without saving?")
    owner.get_by_role("button", name="Stay").click()
    entry = httpx.URL(owner.url).path.rsplit("/", 1)[-1]
    theirs = owner.evaluate(
        """async ([path]) => {
            const now = await (await fetch(path)).json();
            now.content.category = "theirs";
            const body = JSON.stringify({ content: now.content, version: now.version });
            const headers = { "Content-Type": "application/json" };
            return (await fetch(path, { method: "PUT", headers, body })).status;
        }""",
        [f"/api/faq/{entry}"],
    )
    assert theirs == 200
    owner.keyboard.press("Control+s")
    conflict = owner.get_by_role("dialog")
    expect(conflict).to_contain_text("theirs")
    conflict.get_by_role("button", name="Save mine over it").click()
    expect(history).to_contain_text("Version 3")
    publish(owner)
    expect(history.get_by_role("listitem").first).to_contain_text("Live")

    owner.goto(f"{shop}/dashboard/knowledge/test?q=how+much+is+the+{thing}")
    expect(owner.get_by_text("Answered word for word")).to_be_visible()
    reply = owner.get_by_role("complementary", name="As customers see it")

    def ask_again() -> bool:
        owner.get_by_role("button", name="Ask", exact=True).click()
        owner.wait_for_timeout(500)
        return "ten" in reply.inner_text()

    wait_until(owner, ask_again, "the published answer")  # its index is built beside the old one
    owner.get_by_role("link", name=f"How much is the {thing}?").click()
    owner.get_by_role("button", name=re.compile("Created by")).click()
    expect(owner.get_by_role("dialog")).to_contain_text("nine")
    owner.get_by_role("button", name="Restore and publish").click()
    expect(preview.locator("strong")).to_have_text("nine")


def test_a_file_says_what_it_would_do_and_its_good_rows_are_taken(
    owner: Page, shop: str, tmp_path: Path
) -> None:
    thing = word()
    sheet = tmp_path / "more.csv"
    sheet.write_text(
        "question,answer,valid_until\n"
        f"Do you sell {thing}?,Yes.,\n"
        f"Is {thing} in stock?,No.,2026-13-45\n",
        encoding="utf-8",
    )
    owner.goto(f"{shop}/dashboard/knowledge/import")
    owner.set_input_files("input[type=file]", sheet)
    problems = owner.get_by_role("table")
    expect(problems).to_contain_text("Row 3")
    expect(problems).to_contain_text("2026-13-45")
    assert axe_violations(owner) == []
    owner.get_by_role("button", name="Import 1 good row").click()
    expect(owner.get_by_role("heading", name="Imported")).to_be_visible()
    owner.get_by_role("link", name="To the entries").click()
    owner.get_by_label("Search questions and answers").fill(thing)
    expect(owner.get_by_role("link", name=re.compile(thing))).to_have_count(1)


def test_models_are_judged_compared_rolled_back_and_put_live(owner: Page, shop: str) -> None:
    owner.goto(f"{shop}/dashboard/bot")
    rows = owner.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)  # the heads, today's, yesterday's
    todays, yesterdays = rows.nth(1), rows.nth(2)
    expect(todays.get_by_text("Live", exact=True)).to_be_visible()
    for row in (todays, yesterdays):
        row.get_by_role("button", name="Judge").click(timeout=JUDGED_MS)
        expect(row).to_contain_text("%", timeout=JUDGED_MS)
    yesterdays.get_by_role("button", name="Compare with live").click()
    compared = owner.get_by_role("region", name="Compared with the live model")
    expect(compared).to_contain_text("Accuracy")
    assert axe_violations(owner) == []
    for row, step in ((yesterdays, "Roll back"), (todays, "Put live")):
        row.get_by_role("button", name=step).click()
        owner.get_by_role("dialog").get_by_role("button", name=step).click()
        expect(row.get_by_text("Live", exact=True)).to_be_visible()
        asked = {"text": "where is my order"}
        parsed = httpx.post(f"{shop}/model/parse", json=asked, timeout=60)
        assert parsed.json()["intent"]["name"] == "track_order"


def test_every_page_is_accessible(owner: Page, shop: str) -> None:
    for path in PAGES:
        owner.goto(f"{shop}/dashboard/{path}")
        expect(owner.get_by_role("heading", level=1)).to_be_visible()
        expect(owner.locator(".mantine-Loader-root, .mantine-Skeleton-root")).to_have_count(0)
        for scheme in SCHEMES:
            show_in(owner, scheme)
            assert axe_violations(owner) == [], (path, scheme)
