"""The public help centre: pages that need no script, and a search as one types."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import FileResponse, HTMLResponse, Response

from app.errors import NotFound
from app.help.service import HelpAnswer
from app.services import ReaderLanguage, UsedServices, address_of
from nlu.types import Language

FOLDER = Path(__file__).parent / "pages"
WORDS_OF = {"zh": "zh-CN", "en": "en"}
ASSETS = ("help.css", "help.js")
KEEP = "public, max-age=300"
SHOWN = 8

router = APIRouter(tags=["help centre"])
_pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=select_autoescape())

QueryText = Annotated[str, Query(max_length=200)]


@router.get("/api/help/search")
async def search(
    request: Request,
    to: UsedServices,
    reader: ReaderLanguage,
    q: QueryText = "",
    language: Language | None = None,
    limit: Annotated[int, Query(ge=1, le=20)] = SHOWN,
) -> HelpAnswer:
    """As somebody types: the entries that answer best, with what matches marked. For everybody."""
    await to.limits.check("help", address_of(request))
    return await to.help.search(q, language or reader, limit)


@router.get("/help", include_in_schema=False)
async def front(
    request: Request,
    to: UsedServices,
    reader: ReaderLanguage,
    q: QueryText = "",
    language: Language | None = None,
) -> Response:
    await to.limits.check("help", address_of(request))
    spoken = language or reader
    found = await to.help.search(q, spoken, SHOWN) if q.strip() else None
    categories = {} if found else to.help.categories(spoken)
    return _page("front.html", to, spoken, found=found, query=q, categories=categories)


@router.get("/help/assets/{name}", include_in_schema=False)
async def asset(name: str) -> Response:
    if name not in ASSETS:
        raise NotFound()
    return FileResponse(FOLDER / name, headers={"Cache-Control": KEEP})


@router.get("/help/{entry_id}", include_in_schema=False)
async def article(
    entry_id: str,
    request: Request,
    to: UsedServices,
    reader: ReaderLanguage,
    language: Language | None = None,
) -> Response:
    await to.limits.check("help", address_of(request))
    spoken = language or reader
    entry = to.help.entry(entry_id)
    if entry is None:
        return _page("missing.html", to, spoken, status=404, query="")
    related = await to.help.related(entry_id)
    return _page("article.html", to, spoken, entry=entry, related=related, query="")


def _page(
    name: str, to: UsedServices, language: Language, *, status: int = 200, **shown: Any
) -> Response:
    words = {key: both[language] for key, both in to.help.words.items()}
    other = "en" if language == "zh" else "zh"
    html = _pages.get_template(name).render(
        words=words, language=language, other=other, tag=WORDS_OF[language], **shown
    )
    return HTMLResponse(html, status, headers={"Vary": "Accept-Language"})
