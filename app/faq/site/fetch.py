"""One page of one site: bounded in time and size, never from a host inside."""

from __future__ import annotations

import asyncio
import ssl
from typing import NamedTuple, Self
from urllib.parse import urldefrag, urljoin, urlsplit

import httpcore

from app.faq.files.problems import Problem
from app.outside import InsideAddress, PinnedBackend

AGENT = "LingxiBot"
PAGE_S = 15.0
MAX_PAGE_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5
_MOVED = frozenset({301, 302, 303, 307, 308})


class Page(NamedTuple):
    url: str
    """Where it was found in the end."""
    kind: str
    """The media type, without its parameters."""
    charset: str
    data: bytes


class NotFetched(Exception):  # noqa: N818  (told to people)
    """There is no such page for us; says why, and with which status where there is one."""

    def __init__(self, problem: Problem, status: int | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.status = status


class SiteFetcher:
    """Fetches from one host alone; ``async with`` closes its connections."""

    def __init__(self, backend: PinnedBackend, host: str) -> None:
        self._host = host
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=2,
            network_backend=backend,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._pool.aclose()

    async def get(self, url: str) -> Page:
        """Raises `NotFetched`."""
        asked = url
        for _ in range(MAX_REDIRECTS + 1):
            if host_of(url) != self._host:
                elsewhere = Problem("page_elsewhere", asked, got=url, fields={"host": self._host})
                raise NotFetched(elsewhere)
            answer = await self._once(asked, url)
            if isinstance(answer, Page):
                return answer
            url = urldefrag(urljoin(url, answer)).url
        raise NotFetched(Problem("page_unreachable", asked, got=f"{MAX_REDIRECTS}+ redirects"))

    async def _once(self, asked: str, url: str) -> Page | str:
        """The page, or where it has moved to."""
        try:
            async with asyncio.timeout(PAGE_S):
                return await self._read(asked, url)
        except InsideAddress:
            raise NotFetched(Problem("page_inside", asked, got=host_of(url))) from None
        except (TimeoutError, httpcore.TimeoutException):
            raise NotFetched(Problem("page_unreachable", asked, got="timeout")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
            reason = type(error).__name__
            raise NotFetched(Problem("page_unreachable", asked, got=reason)) from None

    async def _read(self, asked: str, url: str) -> Page | str:
        accept = "text/html,application/pdf,text/plain,application/xml;q=0.8"
        headers = [("user-agent", AGENT), ("accept", accept), ("accept-encoding", "identity")]
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), PAGE_S)
        async with self._pool.stream(
            "GET", url, headers=headers, extensions={"timeout": timeout}
        ) as answer:
            told = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in _MOVED and b"location" in told:
                return told[b"location"]
            if answer.status != 200:
                wrong = Problem("page_unreachable", asked, got=f"HTTP {answer.status}")
                raise NotFetched(wrong, answer.status)
            data = bytearray()
            async for piece in answer.aiter_stream():
                data += piece
                if len(data) > MAX_PAGE_BYTES:
                    limit = {"limit": f"{MAX_PAGE_BYTES >> 20} MiB"}
                    raise NotFetched(Problem("too_large", asked, got=len(data), fields=limit))
            kind, _, parameters = told.get(b"content-type", "").partition(";")
            _, _, charset = parameters.partition("charset=")
            return Page(url, kind.strip().lower(), charset.strip(" \"'"), bytes(data))


def host_of(url: str) -> str:
    """``HTTPS://Shop.example:443/a`` -> ``shop.example``; other ports are part of the site."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = parts.port or usual
    return host if port == usual else f"{host}:{port}"
