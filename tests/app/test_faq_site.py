"""A site's pages become passages: by REST and by command, with manners, and never from a host inside."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from app_client import Desk
from typer.testing import CliRunner

from app.cli import app as command
from app.faq.site.crawl import Site, read_site
from app.outside import PinnedBackend
from tests.app.test_faq import PATIENCE_S, checked, word

NAME = word()
HTML = "text/html; charset=big5"
PAGES: Mapping[str, tuple[int, str, str]] = {
    "/robots.txt": (200, "text/plain", "User-agent: *\nDisallow: /private"),
    "/help/care": (
        200,
        HTML,
        f"<title>站</title><h2>{NAME}怎麼保養？</h2><p>請避免{NAME}暴曬。</p>",
    ),
    "/help/size": (200, "text/html", f"<h1>{NAME} sizes</h1><p>It comes in {NAME} large.</p>"),
    "/private/x": (200, "text/html", f"<h1>secret</h1><p>{NAME} secret</p>"),
    "/picture": (200, "image/png", "PNG"),
    "/away": (302, "http://10.0.0.1/inside", ""),
    "/huge": (200, "text/html", "x" * 5_000_000),
    "/sitemap.xml": (200, "application/xml", ""),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, kind, text = PAGES.get(self.path, (404, "text/plain", "gone"))
        if self.path == "/sitemap.xml":
            root = f"http://{self.headers['host']}"
            places = (f"{root}/help/care", f"{root}/help/size#top", "http://other.example/help")
            text = (
                f"<urlset>{''.join(f'<url><loc>{place}</loc></url>' for place in places)}</urlset>"
            )
        self.send_response(status)
        self.send_header("Location" if status == 302 else "Content-Type", kind)
        self.end_headers()
        try:
            self.wfile.write(text.encode("big5" if "big5" in kind else "utf-8"))
        except ConnectionError:
            return  # who has read enough hangs up

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


async def ended(desk: Desk, **body: Any) -> dict[str, Any]:
    status = checked(await desk.http.post("/api/faq/import/site", json=body))
    assert (status["state"], status["phase"]) == ("running", "reading")
    async with asyncio.timeout(PATIENCE_S):
        while True:
            status = checked(await desk.http.get(f"/api/faq/import/{status['id']}"))
            if status["state"] != "running":
                return status
            await asyncio.sleep(0.2)


async def test_pages_become_passages_with_their_source(desk: Desk, site: str) -> None:
    paths = ("/help/care", "/help/size", "/private/x", "/picture", "/away", "/huge", "/gone")
    urls = [site + path for path in paths]
    tried = await ended(desk, urls=urls, dry_run=True)
    assert (tried["state"], tried["create"], tried["update"]) == ("planned", 2, 0)
    problems = {
        problem["file"].removeprefix(site): problem["code"] for problem in tried["problems"]
    }
    assert problems == {
        "/private/x": "page_robots",
        "/picture": "page_kind",
        "/away": "page_elsewhere",
        "/huge": "too_large",
        "/gone": "page_unreachable",
    }
    listed = checked(await desk.http.get("/api/faq", params={"q": NAME}))
    assert listed["total"] == 0  # a dry run changes nothing
    assert (await ended(desk, urls=urls, mode="all"))["state"] == "refused"
    done = await ended(desk, urls=urls)
    assert (done["state"], done["create"], done["problem_count"]) == ("done", 2, 5)
    items = checked(await desk.http.get("/api/faq", params={"q": NAME}))["items"]
    assert {(item["kind"], item["source"]) for item in items} == {
        ("passage", urls[0]),
        ("passage", urls[1]),
    }
    asked = {"query": f"{NAME}怎么保养", "limit": 1}
    found = checked(await desk.http.post("/api/faq/search", json=asked))["candidates"][0]
    assert found["answer"] == f"請避免{NAME}暴曬。"
    again = await ended(desk, sitemap=f"{site}/sitemap.xml", dry_run=True)
    assert (again["create"], again["unchanged"], again["problem_count"]) == (0, 2, 0)
    for item in items:
        checked(await desk.http.delete(f"/api/faq/{item['id']}"))


@pytest.mark.parametrize(
    ("urls", "code"),
    [
        ([], "site_pages"),
        (["https://a.example/", "https://b.example/"], "site_two_hosts"),
        (["ftp://a.example/"], "site_bad_url"),
        (["https://u:p@a.example/"], "site_bad_url"),
        (["https://a.example:port/"], "site_bad_url"),
        (["http://10.0.0.1/"], "site_inside"),
        (["http://[::1]/"], "site_inside"),
        (["http://localhost/"], "site_inside"),
    ],
)
async def test_what_is_no_page_of_a_public_site_is_refused(
    desk: Desk, urls: list[str], code: str
) -> None:
    answer = await desk.http.post("/api/faq/import/site", json={"urls": urls})
    assert checked(answer, 422)["error"]["code"] == code


async def test_a_public_name_of_a_host_inside_is_not_read() -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async def ignore(_done: int, _total: int) -> None:
        return None

    site = Site("shop.example", ["http://shop.example/"], None)
    read = await read_site(site, PinnedBackend(frozenset(), inside), ZoneInfo("UTC"), ignore)
    assert [problem.code for problem in read.problems] == ["page_inside"]
    assert not read.entries


def test_the_command_reads_a_sitemap(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINGXI_HOME", str(tmp_path))
    monkeypatch.setenv("LINGXI_IMPORT_INSIDE_HOSTS", '["127.0.0.1"]')
    ran = CliRunner().invoke(command, ["faq", "import", f"{site}/sitemap.xml"])
    assert ran.exit_code == 0, ran.output
    assert "2 create" in ran.output
    monkeypatch.setenv("LINGXI_IMPORT_INSIDE_HOSTS", "[]")
    ran = CliRunner().invoke(command, ["faq", "import", f"{site}/help/care"])
    assert ran.exit_code == 2
    assert "inside your net" in ran.output
