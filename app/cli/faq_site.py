"""A site's pages for ``lingxi faq import``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer
from rich.progress import Progress

from app.cli.settings import errors
from app.config import Settings
from nlu.types import Language

if TYPE_CHECKING:
    from app.faq.files.read import ReadFile


async def read_pages(
    settings: Settings, urls: Sequence[str], language: Language
) -> tuple[str, ReadFile]:
    """The host, and what its pages hold; an address that ends in ``.xml`` is a sitemap."""
    from app.errors import LingxiError
    from app.faq.site.crawl import read_site
    from app.faq.site.request import check_site
    from app.outside import PinnedBackend
    from app.words import Words

    inside = frozenset(host.lower() for host in settings.import_inside_hosts)
    maps = [url for url in urls if urlsplit(url).path.endswith(".xml")]
    pages = [url for url in urls if url not in maps]
    try:
        site = check_site(pages, maps[0] if maps else None, inside)
    except LingxiError as refused:
        errors.print(Words.load().error(refused, language), markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task(site.host, total=len(pages) or None)

        async def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return site.host, await read_site(site, PinnedBackend(inside), settings.zone, progress)
