"""The running product and a browser, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from web_product import CHROMIUM_FLAGS, START_S, find_chromium, product, scripted_product

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first also waits for the server."""
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.timeout(START_S + 300))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running product."""
    with product(tmp_path_factory.mktemp("shop")) as base:
        yield base


@pytest.fixture(scope="session")
def scripted_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('scripted')}/desk.db"


@pytest.fixture(scope="session")
def scripted(scripted_database: str) -> Iterator[str]:
    """The address of a server whose bot does what it is told; all else is real."""
    with scripted_product(scripted_database) as base:
        yield base


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser per module: two of Playwright's loops cannot run at once."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
