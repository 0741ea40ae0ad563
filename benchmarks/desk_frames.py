"""Whether an agent's desk stays smooth: 500 open conversations, 100 messages a second, one Chromium.

    python benchmarks/desk_frames.py --conversations 500 --rate 100 --seconds 15

Real gateway, database and dashboard; scripted engines, so that the machine's work is the desk's.
Customers write over their sockets while the inbox is scrolled. The baseline is the same page in
the same run with nobody writing. Figures: milliseconds between animation frames, the share of them
that came later than two frames of a 60 Hz screen, the processor time of the page's main thread
(which a busy machine does not falsify), and how many rows are in the document.
"""

from __future__ import annotations

import argparse
import os
import queue
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import orjson
from playwright.sync_api import CDPSession, Page, sync_playwright
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/web")]

from web_pages import AgentDesk  # noqa: E402
from web_product import CHROMIUM_FLAGS, find_chromium  # noqa: E402

Failures = queue.Queue[str]

LATE_MS = 34
"""Two frames of 60 Hz."""
SCROLL_PX = 400

RECORD = """async ({seconds, px}) => {
    const list = document.querySelector('section[class*=list] [class*=rows]');
    const gaps = [];
    let last = performance.now();
    const until = last + seconds * 1000;
    while (last < until) {
        const at = await new Promise(requestAnimationFrame);
        gaps.push(at - last);
        last = at;
        list.scrollTop = (list.scrollTop + px / 60) % Math.max(1, list.scrollHeight - list.clientHeight);
    }
    return {gaps: gaps.slice(1), rows: list.querySelectorAll('li').length};
}"""


def main() -> None:
    options = parse()
    with tempfile.TemporaryDirectory() as home:
        server, base = serve(Path(home))
        try:
            measure(base, options)
        finally:
            server.kill()
            server.wait()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--rate", type=int, default=100, help="messages a second")
    parser.add_argument("--seconds", type=float, default=15)
    return parser.parse_args()


def serve(home: Path) -> tuple[subprocess.Popen[bytes], str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LINGXI_")},
        "PYTHONPATH": str(ROOT),
        "LINGXI_HOME": str(home),
        "LINGXI_DATABASE_URL": f"sqlite+aiosqlite:///{home}/desk.db",
        "LINGXI_VOICE": "none",
        "LINGXI_MESSAGE_RATE": "100000 per second",
        "LINGXI_SESSION_RATE": "100000 per second",
        "LINGXI_SOCKETS_PER_ADDRESS": "100000",
    }
    command = [sys.executable, str(ROOT / "tests/app/app_server.py"), "0"]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    return server, f"http://127.0.0.1:{int(server.stdout.readline())}"


def arrive(base: str, number: int, failures: Failures) -> ClientConnection:
    """A customer who waits in the queue: nothing answers them but the desk."""
    session = httpx.post(f"{base}/api/visitor/session", json={"name": f"Customer {number}"}).json()
    socket = connect(f"{base.replace('http', 'ws', 1)}/ws", origin=base)  # type: ignore[arg-type]
    socket.send(orjson.dumps({"type": "hello", "token": session["token"]}).decode())
    socket.send(orjson.dumps({"type": "request_human"}).decode())
    threading.Thread(target=drain, args=(socket, number, failures), daemon=True).start()
    return socket


def drain(socket: ClientConnection, number: int, failures: Failures) -> None:
    """Hear everything, so that the server never waits for us; what goes wrong is kept."""
    try:
        for text in socket:
            if '"type":"nack"' in str(text):
                failures.put(f"customer {number} was refused: {text!s:.120}")
    except ConnectionClosed as closed:
        failures.put(f"customer {number} lost the connection: {closed}")


def write(
    sockets: list[ClientConnection],
    rate: int,
    stop: threading.Event,
    sent: queue.Queue[int],
    failures: Failures,
) -> None:
    started, count = time.perf_counter(), 0
    while not stop.is_set():
        due = started + count / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        text = f"message {count} about my parcel"
        event = {"type": "send", "client_msg_id": secrets.token_hex(8), "content": {"text": text}}
        try:
            sockets[count % len(sockets)].send(orjson.dumps(event).decode())
        except ConnectionClosed as closed:
            failures.put(f"message {count} could not be sent: {closed}")
            break
        count += 1
    sent.put(count)


def record(page: Page, seconds: float) -> dict[str, Any]:
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = spent(tools)
    found: dict[str, Any] = page.evaluate(RECORD, {"seconds": seconds, "px": SCROLL_PX})
    found["cpu"] = (spent(tools) - before) / seconds
    return found


def spent(tools: CDPSession) -> float:
    """Seconds of processor time that the page's main thread has used."""
    metrics = tools.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def figures(name: str, found: dict[str, Any]) -> float:
    gaps = sorted(found["gaps"])
    p50, p99 = gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)]
    late = sum(gap > LATE_MS for gap in gaps) / len(gaps)
    print(
        f"{name:<26} {len(gaps):>5} frames  p50 {p50:5.1f} ms  p99 {p99:5.1f} ms  "
        f"max {gaps[-1]:6.1f} ms  late {late:6.2%}  main thread {found['cpu']:6.1%}  rows in the document {found['rows']}"
    )
    return float(p99)


def measure(base: str, options: argparse.Namespace) -> None:
    failures: Failures = queue.Queue()
    sockets = [arrive(base, number, failures) for number in range(options.conversations)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(locale="en-GB", viewport={"width": 1440, "height": 900})
        AgentDesk(page).log_in(base)
        for _ in range(options.conversations // 50):  # every page of the inbox
            page.evaluate(
                "() => {const list = document.querySelector('section[class*=list] [class*=rows]');"
                "list.scrollTop = list.scrollHeight}"
            )
            page.wait_for_timeout(200)
        page.get_by_role("link", name="Customer").first.click()
        page.wait_for_timeout(3_000)
        print(f"{options.conversations} open conversations, {options.rate} messages a second")
        rest = figures("baseline: nobody writes", record(page, options.seconds))
        stop, sent = threading.Event(), queue.Queue[int]()
        writer = threading.Thread(target=write, args=(sockets, options.rate, stop, sent, failures))
        writer.start()
        busy = figures("ours: customers write", record(page, options.seconds))
        stop.set()
        writer.join()
        print(
            f"written {sent.get() / options.seconds:.0f} messages a second; p99 {busy / rest:.1f}x the baseline"
        )
        browser.close()
    if not failures.empty():
        sys.exit(f"{failures.qsize()} failures, so the figures do not count; {failures.get()}")


if __name__ == "__main__":
    main()
