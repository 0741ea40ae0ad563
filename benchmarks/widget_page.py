"""What the widget costs the page that carries it: Lighthouse's figures, with it and without.

Chromium at a quarter of its speed, on a line of 10 Mbit/s and 40 ms, each time with an empty cache;
medians of the runs. Baseline: the same demo page with the script tag blocked.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from app.config import Settings
from app.main import create_app

CPU_SLOWER = 4
LINE = {"offline": False, "latency": 40, "downloadThroughput": 1.25e6, "uploadThroughput": 1.25e6}
SETTLED_MS = 2500
LOOK = """() => {
  window.__seen = { lcp: 0, cls: 0, blocked: 0 };
  const watch = (type, take) =>
    new PerformanceObserver(list => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", entry => { window.__seen.lcp = entry.startTime; });
  watch("layout-shift", entry => { if (!entry.hadRecentInput) window.__seen.cls += entry.value; });
  watch("longtask", entry => { window.__seen.blocked += Math.max(0, entry.duration - 50); });
}"""
READ = """() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource");
  return {
    "first contentful paint ms": paint ? paint.startTime : 0,
    "largest contentful paint ms": window.__seen.lcp,
    "load ms": page.loadEventEnd,
    "total blocking time ms": window.__seen.blocked,
    "layout shift": window.__seen.cls,
    "requests": files.length + 1,
    "KB over the line": [page, ...files].reduce((sum, one) => sum + one.transferSize, 0) / 1000,
  };
}"""


@contextmanager
def pages() -> Iterator[str]:
    """Only the pages: no bot is needed to look at them."""
    app = create_app(Settings(_env_file=None))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


def measure(browser: Browser, url: str, *, widget: bool) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1350, "height": 940})
    page = context.new_page()
    if not widget:
        page.route("**/widget.js", lambda route: route.abort())
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    page.add_init_script(f"({LOOK})()")
    page.goto(url, wait_until="load")
    page.wait_for_timeout(SETTLED_MS)
    found: dict[str, float] = page.evaluate(READ)
    if widget:
        assert page.locator("lingxi-chat").count() == 1, "expected the launcher on the page"
    context.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        sys.exit("expected chromium or google-chrome on the path, found neither")
    with pages() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        measure(browser, url, widget=True)  # the first start of everything is nobody's
        ours, bare = [], []
        for _ in range(runs):  # in turn, so that a busy machine is as busy for both
            bare.append(measure(browser, url, widget=False))
            ours.append(measure(browser, url, widget=True))
        browser.close()
    print(f"{'':30}{'with':>10}{'without':>10}{'more':>10}")
    for name in ours[0]:
        with_it, without = (statistics.median(run[name] for run in side) for side in (ours, bare))
        print(f"{name:30}{with_it:>10.2f}{without:>10.2f}{with_it - without:>10.2f}")


if __name__ == "__main__":
    main()
