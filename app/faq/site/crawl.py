"""The pages that the owner names, or that a sitemap lists, one after the other."""

from __future__ import annotations

import asyncio
import codecs
import html
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urldefrag, urlsplit
from urllib.robotparser import RobotFileParser
from zoneinfo import ZoneInfo

from app.faq.files.problems import Problem
from app.faq.files.read import ReadFile, read_page
from app.faq.files.rows import ReadEntry
from app.faq.site.fetch import AGENT, NotFetched, Page, SiteFetcher, host_of
from app.outside import PinnedBackend

MAX_PAGES = 300
MAX_SITEMAPS = 20
SITE_S = 900.0
"""What is not read by then is left, and told."""
PAUSE_S = 0.2
"""Between two pages, unless the site asks for more."""
MAX_PAUSE_S = 5.0
_SUFFIXES: Mapping[str, str] = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
}
_LOCATION = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*(.*?)\s*(?:\]\]>)?\s*</loc>", re.DOTALL)

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many pages are read, and of how many."""


class Site(NamedTuple):
    """Addresses of one host, as `check_site` found them good."""

    host: str
    pages: Sequence[str]
    sitemap: str | None


async def read_site(
    site: Site, backend: PinnedBackend, zone: ZoneInfo, progress: Progress
) -> ReadFile:
    """All passages of its pages, and what kept others from being read."""
    found = ReadFile()
    until = time.monotonic() + SITE_S
    async with SiteFetcher(backend, site.host) as fetcher:
        first = site.sitemap or site.pages[0]
        robots = await _robots(fetcher, f"{urlsplit(first).scheme}://{urlsplit(first).netloc}")
        pages = await _pages(site, fetcher, found)
        pause = min(MAX_PAUSE_S, max(PAUSE_S, float(robots.crawl_delay(AGENT) or 0)))
        for number, url in enumerate(pages):
            await progress(number, len(pages))
            if time.monotonic() > until:
                late = {"limit": f"{SITE_S / 60:g} min"}
                found.problems.append(Problem("too_large", url, got=len(pages), fields=late))
                break
            if not robots.can_fetch(AGENT, url):
                found.problems.append(Problem("page_robots", url, got="Disallow"))
                continue
            await _read_one(fetcher, url, zone, found)
            await asyncio.sleep(pause)
        await progress(len(pages), len(pages))
    if not found.entries and not found.problems:
        found.problems.append(Problem("empty_file", site.host))
    return found


async def _robots(fetcher: SiteFetcher, root: str) -> RobotFileParser:
    """RFC 9309: none is a yes; a site that fails to tell is left alone."""
    rules = RobotFileParser()
    try:
        rules.parse(_text(await fetcher.get(f"{root}/robots.txt")).splitlines())
    except NotFetched as missing:
        gone = missing.status is not None and 400 <= missing.status < 500
        inside = missing.problem.code == "page_inside"  # the pages will say so, each
        rules.parse(["User-agent: *", "Allow: /" if gone or inside else "Disallow: /"])
    return rules


async def _pages(site: Site, fetcher: SiteFetcher, found: ReadFile) -> list[str]:
    """Each once, without fragments; what a sitemap lists of other hosts is left out."""
    listed = list(site.pages)
    waiting = [site.sitemap] if site.sitemap else []
    for _ in range(MAX_SITEMAPS):
        if not waiting or len(listed) > MAX_PAGES:
            break
        sitemap = waiting.pop(0)
        try:
            text = _text(await fetcher.get(sitemap))
        except NotFetched as missing:
            found.problems.append(missing.problem)
            continue
        places = [html.unescape(place) for place in _LOCATION.findall(text)]
        if not places:
            found.problems.append(Problem("no_sitemap", sitemap, got=text[:80]))
        (waiting if "<sitemapindex" in text else listed).extend(places)
    pages = list(dict.fromkeys(urldefrag(page).url for page in listed if _is_of(page, site.host)))
    if len(pages) > MAX_PAGES:
        limit = {"limit": MAX_PAGES}
        found.problems.append(Problem("too_large", site.host, got=len(pages), fields=limit))
    return pages[:MAX_PAGES]


def _is_of(url: str, host: str) -> bool:
    try:
        return host_of(url) == host
    except ValueError:
        return False


async def _read_one(fetcher: SiteFetcher, url: str, zone: ZoneInfo, found: ReadFile) -> None:
    try:
        page = await fetcher.get(url)
    except NotFetched as missing:
        found.problems.append(missing.problem)
        return
    suffix = _SUFFIXES.get(page.kind)
    if suffix is None:
        found.problems.append(Problem("page_kind", url, got=page.kind))
        return
    data = page.data if suffix == ".pdf" else _text(page).encode()
    read = await asyncio.to_thread(read_page, url, suffix, data, zone)
    found.entries += _of_the_site(read.entries, urlsplit(url).hostname or "")
    found.problems += read.problems


def _of_the_site(entries: Sequence[ReadEntry], host: str) -> Iterator[ReadEntry]:
    """A page's own name says less than whose it is."""
    for entry in entries:
        content = entry.content.model_copy(update={"category": host[:100]})
        yield replace(entry, content=content)


def _text(page: Page) -> str:
    """As the server says it is written, else as UTF-8 or GBK."""
    with suppress(LookupError, UnicodeDecodeError):
        if page.charset:
            return codecs.decode(page.data, page.charset)
    for charset in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return page.data.decode(charset)
    return page.data.decode("utf-8", "replace")
