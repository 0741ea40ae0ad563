"""What a customer and an agent can see and do, in words of their own."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, BrowserContext, Frame, Locator, Page, expect
from websockets.sync.client import connect

from app.config import DEVELOPMENT_AGENT

AXE = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FADED_IN = """async () => {
    const runs = one => one.playState === "running"
        && one.effect.getComputedTiming().endTime !== Infinity
    const faint = one => getComputedStyle(one).opacity !== "1"
    for (let still = 0; still < 3; still++) {
        await new Promise(requestAnimationFrame)
        const moving = document.getAnimations().filter(runs)
        if (moving.length || [...document.querySelectorAll("[role=dialog]")].some(faint)) still = 0
        await Promise.all(moving.map(one => one.finished.catch(() => null)))
    }
}"""
"""Words that are still fading in have, for a moment, too little contrast; a dialog that has the focus
may begin to some frames later."""
SETTLED = "li.theirs:not(.partial):not(.typing)"
ANSWERS = f"li.own:not(:has(~ li.own)) ~ {SETTLED}"
"""What was said since the customer's last words, not what still came before them."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ANSWER_MS = 60_000
"""Far beyond what an answer takes: for a machine that is busy with something else."""
expect.set_options(timeout=ANSWER_MS)


@dataclass
class Widget:
    """The chat panel, in its frame on somebody's page or opened on its own."""

    page: Page
    root: Any
    """Where the panel's elements are: the frame, or the page itself."""

    @classmethod
    def on(cls, page: Page) -> Widget:
        return cls(page, page.frame_locator("lingxi-chat iframe"))

    @classmethod
    def alone(cls, page: Page) -> Widget:
        return cls(page, page)

    @property
    def launcher(self) -> Locator:
        return self.page.locator("lingxi-chat button.l")

    @property
    def badge(self) -> Locator:
        return self.page.locator("lingxi-chat b")

    @property
    def box(self) -> Locator:
        return self.get("#composer")

    @property
    def own(self) -> Locator:
        return self.get("li.own")

    @property
    def theirs(self) -> Locator:
        return self.get(SETTLED)

    @property
    def notices(self) -> Locator:
        return self.get("li.notice")

    @property
    def status(self) -> Locator:
        return self.get(".top .status")

    def get(self, selector: str) -> Locator:
        found: Locator = self.root.locator(selector)
        return found

    def open(self) -> Widget:
        self.launcher.click()
        expect(self.box).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        expect(self.box).to_have_value("")

    def ask(self, text: str, answer: str) -> str:
        """Say it and wait until what is answered matches; gives everything answered since."""
        self.say(text)
        answers = self.get(ANSWERS)
        expect(answers.filter(has_text=re.compile(answer, re.IGNORECASE))).not_to_have_count(0)
        return "\n".join(answers.all_inner_texts())

    def texts(self) -> list[str]:
        """Every bubble in order, its author's side before it."""
        script = """lines => lines.map(line => {
            const side = line.classList.contains("own") ? "own" : "theirs";
            const bubble = line.querySelector(".bubble");
            return side + ": " + (bubble ? bubble.innerText.trim() : "");
        })"""
        found: list[str] = self.get(f"li.own, {SETTLED}").evaluate_all(script)
        return found


def write_until(box: Locator, text: str, seen: Locator) -> None:
    """That somebody writes is told while they do: where the machine is slow, they go on."""
    box.press_sequentially(text)

    def told() -> bool:
        if seen.is_visible():
            return True
        box.press("Space")
        box.press("Backspace")
        return False

    wait_until(box.page, told, f"somebody to see that {text!r} is written")


@dataclass
class AgentDesk:
    """The dashboard of one agent."""

    page: Page

    def log_in(
        self, base: str, email: str = DEVELOPMENT_AGENT[0], password: str = DEVELOPMENT_AGENT[1]
    ) -> AgentDesk:
        self.page.goto(f"{base}/dashboard/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in", exact=True).click()
        expect(self.page.get_by_role("heading", name="Inbox")).to_be_visible()
        return self

    def view(self, name: str) -> None:
        """One of the inbox's own, saved ones stand beside them."""
        group = self.page.get_by_role("group", name="Views", exact=True)
        group.get_by_role("button", name=name).click()

    def reply(self, text: str) -> None:
        box = self.page.get_by_label("Reply", exact=True)
        box.fill(text)
        box.press("Enter")
        expect(self.page.get_by_role("log")).to_contain_text(text)


def frame_of(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/widget/" in frame.url)


def token_of(page: Page) -> str:
    token = frame_of(page).evaluate("localStorage.getItem('lingxi.token')")
    assert isinstance(token, str)
    return token


def conversation_of(base: str, page: Page) -> str:
    """Of the customer in the widget on this page."""
    customer = {"Authorization": f"Bearer {token_of(page)}"}
    told = httpx.get(f"{base}/api/visitor/messages", headers=customer, timeout=60)
    id_: str = told.raise_for_status().json()["items"][0]["conversation_id"]
    return id_


def ask_from_elsewhere(base: str, token: str, text: str) -> None:
    """The same customer on another device."""
    address = f"{base.replace('http', 'ws', 1)}/ws"
    with connect(address, origin=base) as device:  # type: ignore[arg-type]
        device.send(json.dumps({"type": "hello", "token": token, "language": "en"}))
        send = {"type": "send", "client_msg_id": "another-device", "content": {"text": text}}
        device.send(json.dumps(send))
        while json.loads(device.recv(timeout=60))["type"] != "ack":
            pass


@contextmanager
def visit(browser: Browser, **options: Any) -> Iterator[tuple[BrowserContext, Page, list[str]]]:
    """A fresh profile, a page in it, and what its console complained about."""
    context = browser.new_context(**{"locale": "zh-CN", **options})
    context.set_default_timeout(ANSWER_MS)
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{message.text} {message.location['url']}")
            if message.type == "error"
            else None
        ),
    )
    try:
        yield context, page, complaints
    finally:
        context.close()


@contextmanager
def admin_of(base: str) -> Iterator[httpx.Client]:
    """The first admin, logged in, without a browser."""
    email, password = DEVELOPMENT_AGENT
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=60) as admin:
        login = admin.post("/api/auth/login", json={"email": email, "password": password})
        login.raise_for_status()
        yield admin


@contextmanager
def settings_of(base: str, **changed: object) -> Iterator[None]:
    """The widget's, as an admin saves them; put back afterwards."""
    with admin_of(base) as admin:
        found = admin.get("/api/widget/settings").json()
        body = {"settings": found["settings"] | changed, "revision": found["revision"]}
        admin.put("/api/widget/settings", json=body).raise_for_status()
        try:
            yield
        finally:
            admin.delete("/api/widget/settings")


def wait_until(page: Page, met: Callable[[], bool], expected: str) -> None:
    """What no locator can be asked; the page goes on meanwhile."""
    until = time.monotonic() + ANSWER_MS / 1000
    while not met():
        assert time.monotonic() < until, f"expected {expected} within {ANSWER_MS} ms"
        page.wait_for_timeout(200)


def fits(page: Page | Frame) -> None:
    """Nothing hangs over the edge, once what measures itself has done so."""
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")


def show_in(page: Page, scheme: Literal["light", "dark"]) -> None:
    """The dashboard hears of the change, and then draws."""
    page.emulate_media(color_scheme=scheme)
    expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_be_attached()


def axe_violations(frame: Any) -> list[tuple[str, list[str]]]:
    """What axe finds against WCAG and good practice, once nothing fades in: rule and elements."""
    frame.evaluate(FADED_IN)
    frame.evaluate(AXE.read_text(encoding="utf-8"))
    found = frame.evaluate("tags => axe.run({runOnly: tags}).then(r => r.violations)", AXE_TAGS)
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
