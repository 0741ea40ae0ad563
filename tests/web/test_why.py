"""The real bot's reasons for an answer, at the agents' desk."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, expect
from web_pages import AgentDesk, axe_violations, show_in, visit

pytestmark = pytest.mark.slow


def test_what_was_typed_in_pinyin_is_shown_in_characters(chromium: Browser, shop: str) -> None:
    said = {"sender": "pinyin-typist", "message": "tuikuan duo jiu dao zhang"}
    answered = httpx.post(f"{shop}/webhooks/rest/webhook", json=said, timeout=60)
    assert "退" in answered.json()[0]["text"]
    with visit(chromium, locale="en-GB", viewport={"width": 1440, "height": 900}) as visited:
        _, page, _ = visited
        AgentDesk(page).log_in(shop)
        page.get_by_label("Search customers and messages").fill("tuikuan")
        page.get_by_role("link").filter(has=page.locator("mark")).first.click()
        page.get_by_role("button", name="Understanding").first.click()
        why = page.get_by_test_id("why")
        expect(why).to_contain_text("Read as: 退款多久到账")
        for scheme in ("light", "dark"):
            show_in(page, scheme)
            assert axe_violations(page) == []
