"""Which addresses may be told things."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.errors import Refused
from app.outside import is_named_inside

MAX_URL_CHARS = 2000


def check_url(url: str, inside: frozenset[str], *, plain: bool) -> None:
    """Refuse what is no address to tell things to; `plain` allows http. Raises `Refused`."""
    try:
        parts = urlsplit(url)
        host, _port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Refused("webhook_bad_url") from None
    known = host in inside
    schemes = ("https", "http") if plain or known else ("https",)
    odd = any(ord(char) <= ord(" ") or ord(char) > ord("~") for char in url)
    if parts.scheme not in schemes or not host or odd or parts.username or parts.fragment:
        raise Refused("webhook_bad_url")
    if known:
        return
    if is_named_inside(host):
        raise Refused("webhook_inside", host=host[:200])


def host_of(url: str) -> str:
    """What may be shown of an address: its path is often a secret."""
    return (urlsplit(url).hostname or "")[:300]
