"""The built web bundle: the demo shop, the widget and the dashboard."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.errors import DatabaseUnavailable
from app.services import Services
from app.widget.types import Look
from app.words import FOLDER as WORDS

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
COMPRESSED = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
OWNER = re.compile(r"([\"'`])%LINGXI_OWNER%\1")
"""Where the built loader has a string for what the owner decided."""
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


def _takes_gzip(headers: Headers) -> bool:
    return "gzip" in headers.get("accept-encoding", "") and "range" not in headers


async def _look(request: Request, defaults: Look) -> Look:
    to: Services | None = getattr(request.app.state, "services", None)
    try:
        return await to.database.read(to.widget.look) if to else defaults
    except DatabaseUnavailable:
        return defaults


class Bundle(StaticFiles):
    """Files of one build; names with a hash keep for ever, pages are asked for anew.

    With `page`, any other path is that page: a single-page application routes by itself.
    """

    def __init__(self, directory: Path, page: str | None = None) -> None:
        super().__init__(directory=directory, html=True, check_dir=False)
        self._page = page

    async def get_response(self, path: str, scope: Scope) -> Response:
        small = await self._compressed(path, scope)
        if small is not None:
            return small
        try:
            response = await super().get_response(path, scope)
        except HTTPException as missing:
            if missing.status_code != 404 or self._page is None or path.startswith("assets/"):
                raise
            response = await super().get_response(self._page, scope)
        kept = response.headers.get("content-type", "").split(";")[0] != "text/html"
        response.headers["Cache-Control"] = FOREVER if kept and "-" in path else REVALIDATE
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        """What the build has written beside a script or style, for who takes it."""
        kind = COMPRESSED.get(Path(path).suffix)
        if kind is None or not _takes_gzip(Headers(scope=scope)):
            return None
        try:
            response = await super().get_response(f"{path}.gz", scope)
        except HTTPException:
            return None
        response.headers["Cache-Control"] = FOREVER if "-" in path else REVALIDATE
        response.headers["Vary"] = "Accept-Encoding"
        if response.status_code != 304:
            response.headers["Content-Type"] = kind
            response.headers["Content-Encoding"] = "gzip"
        return response


def serve_web(app: FastAPI, defaults: Look, dist: Path = DIST) -> None:
    """Serve the bundle, or a page that says how to build it.

    The loader learns the launcher's looks and proposals here: a host page's policy need not allow
    it to ask for them. Without the database the `defaults` do.
    """
    not_built = (WORDS / "not_built.html").read_text(encoding="utf-8")

    @app.get("/", include_in_schema=False)
    async def demo_shop() -> Response:
        page = dist / "demo" / "index.html"
        if not page.is_file():
            return HTMLResponse(not_built, status_code=503)
        return FileResponse(page, headers={"Cache-Control": REVALIDATE})

    @app.get("/widget.js", include_in_schema=False)
    async def loader(request: Request) -> Response:
        script = dist / "widget.js"
        if not script.is_file():
            return Response(status_code=404)
        owner = json.dumps((await _look(request, defaults)).model_dump())
        text = OWNER.sub(lambda _: json.dumps(owner), script.read_text(encoding="utf-8"))
        headers = {"Cache-Control": REVALIDATE, "Access-Control-Allow-Origin": "*"}
        body = text.encode()
        headers["Vary"] = "Accept-Encoding"
        if _takes_gzip(request.headers):
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return Response(body, media_type="text/javascript", headers=headers)

    @app.get("/dashboard", include_in_schema=False)
    async def dashboard() -> Response:
        return RedirectResponse("/dashboard/")

    app.mount("/demo", Bundle(dist / "demo"), name="demo")
    app.mount("/widget", Bundle(dist / "widget"), name="widget")
    app.mount("/dashboard", Bundle(dist / "dashboard", page="index.html"), name="dashboard")
