"""An agent at the desk in a real browser, a customer on a real socket, a real server between."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from websockets.sync.client import connect

from app.config import DEVELOPMENT_AGENT

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
CHROMIUM = shutil.which("chromium")
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server with real gateway, database and desk; its engines are the tests' fakes."""
    if not (WEB / "dist/dashboard/index.html").is_file():
        subprocess.run(["npm", "run", "build:dashboard"], cwd=WEB, check=True)
    home = tmp_path_factory.mktemp("home")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINGXI_")},
        "PYTHONPATH": str(ROOT),
        "LINGXI_HOME": str(home),
        "LINGXI_DATABASE_URL": f"sqlite+aiosqlite:///{home}/desk.db",
        "LINGXI_VOICE": "none",
    }
    command = [sys.executable, str(ROOT / "tests/app/app_server.py"), "0"]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def page(base: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        page = browser.new_page(locale="en-GB", viewport={"width": 1440, "height": 900})
        page.set_default_timeout(10_000)
        page.goto(f"{base}/dashboard/")
        yield page
        browser.close()


def check_axe(page: Page) -> None:
    page.evaluate((WEB / "node_modules/axe-core/axe.min.js").read_text())
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']}).then(result => result.violations)"
    )
    assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_an_agent_takes_a_waiting_customer_answers_and_hands_back(base: str, page: Page) -> None:
    email, password = DEVELOPMENT_AGENT
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()

    session = httpx.post(f"{base}/api/visitor/session", json={"name": "Emma", "language": "en"})
    token = session.json()["token"]
    with connect(f"{base.replace('http', 'ws', 1)}/ws", origin=base) as customer:  # type: ignore[arg-type]

        def hear(kind: str) -> dict[str, object]:
            while True:
                event: dict[str, object] = json.loads(customer.recv(timeout=20))
                if event["type"] == kind:
                    return event

        customer.send(json.dumps({"type": "hello", "token": token, "language": "en"}))
        hear("welcome")
        first = {
            "type": "send",
            "client_msg_id": "first-message",
            "content": {"text": "echo hello"},
        }
        customer.send(json.dumps(first))
        while '"type": "bot"' not in json.dumps(hear("message")):
            pass
        customer.send(json.dumps({"type": "request_human"}))
        hear("owner_changed")

        page.get_by_role("link", name="Emma").click()
        expect(page.get_by_role("log")).to_contain_text("hello")
        page.get_by_role("button", name="Why?").first.click()
        expect(page.get_by_test_id("why")).to_contain_text("Why the bot said this")
        page.get_by_role("button", name="Claim conversation").click()
        box = page.get_by_label("Reply", exact=True)
        box.fill("I am here now")
        box.press("Enter")
        expect(page.get_by_role("img", name="Sending")).to_have_count(0)
        while "I am here now" not in json.dumps(hear("message")):
            pass
        check_axe(page)
        page.get_by_role("button", name="Back to bot").click()
        while hear("owner_changed")["owner"] != "bot":
            pass
        expect(page.get_by_text("The bot is answering", exact=False).first).to_be_visible()
