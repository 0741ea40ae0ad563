"""What the owner names: pages, or a sitemap, of one site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from app.errors import Refused
from app.faq.site.crawl import MAX_PAGES, Site
from app.faq.site.fetch import host_of
from app.outside import is_named_inside

MAX_URL_CHARS = 2_000


def check_site(pages: Sequence[str], sitemap: str | None, inside: Collection[str]) -> Site:
    """Hosts in `inside` may be anywhere. Raises `Refused`."""
    named = [*pages, *([sitemap] if sitemap else [])]
    if not named or len(pages) > MAX_PAGES:
        raise Refused("site_pages", limit=MAX_PAGES, got=len(pages))
    hosts = {_checked(url, inside): url for url in named}
    if len(hosts) > 1:
        raise Refused("site_two_hosts", hosts=", ".join(sorted(hosts))[:200])
    return Site(next(iter(hosts)), pages, sitemap)


def _checked(url: str, inside: Collection[str]) -> str:
    """Its host."""
    try:
        parts = urlsplit(url)
        host, place = (parts.hostname or "").lower(), host_of(url)
    except ValueError:
        raise Refused("site_bad_url", url=url[:200]) from None
    odd = any(ord(char) <= ord(" ") for char in url) or len(url) > MAX_URL_CHARS
    if parts.scheme not in ("http", "https") or not host or odd or parts.username:
        raise Refused("site_bad_url", url=url[:200])
    if host not in inside and is_named_inside(host):
        raise Refused("site_inside", host=host[:200])
    return place
