"""The whole journey in Chromium: a customer in the widget, an agent at the desk, real engines."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from web_pages import AgentDesk, Widget, conversation_of, visit, wait_until

pytestmark = pytest.mark.slow
REFUND_REFERENCE = re.compile(r"R\d{6}-\d{4}")

KEEP_THE_AUDIO = """() => {
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () { window.heard = this; return play.call(this); };
}"""
"""The widget's audio element is in no document; this keeps the one that was played."""

HEARD = """async () => {
    for (let tries = 0; heard.currentTime === 0 && tries < 600; tries++)
        await new Promise(done => setTimeout(done, 100));
    return [heard.duration, heard.currentTime];
}"""


def test_a_customer_asks_eight_things_and_an_agent_takes_over(shop: str, chromium: Browser) -> None:
    with (
        visit(chromium, viewport={"width": 1280, "height": 860}) as (_, page, complaints),
        visit(chromium, locale="en-GB", viewport={"width": 1440, "height": 900}) as (_, window, _),
    ):
        desk = AgentDesk(window).log_in(shop)
        page.goto(shop)
        customer = Widget.on(page).open()
        ask_the_bot(customer)
        talk_to_a_human(customer, desk, conversation_of(shop, page))
        check_the_reload(customer)
        check_the_voice(page, customer)
        assert complaints == []


def ask_the_bot(customer: Widget) -> None:
    """An order, a refund interrupted by a question, two more of those, chit-chat and nonsense."""
    customer.ask("你好呀", r"\S")
    customer.ask("订单 A10023 到哪了？", r"签收")
    refund_with_an_interruption(customer)
    customer.ask("Do you ship to Hong Kong?", r"Hong Kong.*¥\s?\d+")
    customer.ask("How can I get an invoice?", r"invoice.*checkout|checkout.*invoice")
    chat = customer.ask("tell me a joke", r"\S")
    assert not re.search(r"¥|A10023|refund", chat), f"expected chit-chat, got {chat}"
    customer.ask("asdkjh qwpoeiru zzz", r"sorry|afraid|another way|not quite|understand")


def refund_with_an_interruption(customer: Widget) -> None:
    """The form asks; a question in between is answered and the form goes on where it was."""
    customer.ask("我想给 A10023 这一单退货", r"原因")
    customer.ask("等等，运费险是什么？", r"运费险")
    expect(customer.theirs.last).to_contain_text("原因")
    customer.ask("漏水了", r"A10023[\s\S]*¥\s?239")
    customer.get(".buttons button").filter(has_text="提交").click()
    submitted = customer.theirs.filter(has_text=REFUND_REFERENCE)
    expect(submitted).to_be_visible()


def talk_to_a_human(customer: Widget, desk: AgentDesk, conversation: str) -> None:
    customer.say("I want to talk to a human")
    expect(customer.get(".banner")).to_be_visible()

    window = desk.page
    window.locator(f"a[href*='{conversation}']").click()
    expect(window.get_by_role("log")).to_contain_text("A10023")
    window.get_by_role("button", name="Claim conversation").click()
    desk.reply("您好，我是小美，退款我看到了，已经在处理。")
    expect(customer.theirs.last).to_contain_text("已经在处理")

    bots = customer.get("li[data-author=bot]").count()
    customer.say("太好了，多久能到账？")
    expect(window.get_by_role("log")).to_contain_text("多久能到账")
    desk.reply("验货后 2 个工作日内原路退回。")
    expect(customer.theirs.last).to_contain_text("原路退回")
    assert customer.get("li[data-author=bot]").count() == bots, "the bot spoke beside the agent"

    window.get_by_role("button", name="Back to bot").click()
    expect(customer.get(".top h1")).not_to_contain_text("Mei")
    customer.ask("保修期多长？", r"2\s?年|两年")
    expect(customer.theirs.last).to_have_attribute("data-author", "bot")


def check_the_reload(customer: Widget) -> None:
    before = customer.texts()
    assert len(before) >= 25, before
    customer.page.reload()
    customer.open()
    count = len(before)
    wait_until(customer.page, lambda: customer.texts()[:count] == before, f"these again: {before}")


def check_the_voice(page: Page, customer: Widget) -> None:
    """The server's own voice: an MP3 that a real audio element plays."""
    frame = next(one for one in page.frames if "/widget/" in one.url)
    frame.evaluate(KEEP_THE_AUDIO)
    with page.expect_response(re.compile(r"/voice/[0-9a-f]+\.mp3")) as heard:
        customer.theirs.last.get_by_role("button", name="朗读").click()
    assert heard.value.status in (200, 206)
    playing = customer.get(".voice[data-phase=playing]")
    expect(playing).to_be_visible(timeout=60_000)
    duration, at = frame.evaluate(HEARD)
    assert duration > 1
    assert at > 0
    playing.click()
    expect(customer.get(".voice[data-phase=paused]")).to_be_visible()
    customer.get(".speed").click()
    frame.wait_for_function("() => heard.playbackRate === 1.25")
    customer.get(".voice[data-phase=paused]").click()
    expect(playing).to_be_visible()
    customer.box.press_sequentially("等")  # whoever writes is not listening
    expect(playing).to_have_count(0)
    frame.wait_for_function("() => heard.paused")
    customer.box.fill("")
    customer.get("[aria-haspopup=menu]").click()
    customer.get("[role=menuitemcheckbox]").filter(has_text="自动朗读").click()
    page.keyboard.press("Escape")
    customer.ask("保修期多长？", r"2\s?年|两年")
    expect(playing).to_be_visible()
