"""Headers that every answer carries, and how large a request may be."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024
MAX_UPLOAD_BYTES = 129 * 1024 * 1024
"""A little more than an import takes, which refuses in words."""
UPLOADS = ("/api/faq/import",)
FILES = re.compile(r"/api/(visitor|faq|conversations/\w+)/files")
"""What customers and agents send to each other, and what goes with entries."""
BASE_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    # The dashboard's components set style attributes; style cannot run anything.
    "style-src": "'self' 'unsafe-inline'",
    # Pictures from elsewhere are links: loading one would tell its server who looks at what.
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


class BodyTooLarge(Exception):  # noqa: N818  answered here, seen by nobody
    pass


class SecurityHeaders:
    """Content security policy and its companions; the widget alone may be framed by others."""

    def __init__(
        self, app: ASGIApp, framed_by: list[str], https: bool, max_file_bytes: int
    ) -> None:
        self._app = app
        self._max_file_bytes = max_file_bytes
        self._https = https
        self._policy = _policy("'none'")
        self._widget_policy = _policy(" ".join(["'self'", *framed_by]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        limit = MAX_UPLOAD_BYTES if path.startswith(UPLOADS) else MAX_BODY_BYTES
        if FILES.fullmatch(path):
            limit = self._max_file_bytes
        try:
            await self._app(scope, _limited(receive, limit), send_with_headers)
        except BodyTooLarge:
            if not started:
                await send_with_headers(
                    {"type": "http.response.start", "status": 413, "headers": []}
                )
                await send({"type": "http.response.body", "body": b""})

    def _add(self, headers: MutableHeaders, path: str) -> None:
        framed = path.startswith("/widget/")
        headers.setdefault(
            "Content-Security-Policy", self._widget_policy if framed else self._policy
        )
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), payment=()"
        if path == "/widget.js" or framed:
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        else:
            headers["X-Frame-Options"] = "DENY"
        if path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if self._https:
            headers["Strict-Transport-Security"] = "max-age=31536000"


def _policy(frame_ancestors: str) -> str:
    parts = {**BASE_POLICY, "frame-ancestors": frame_ancestors}
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def receive_limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge
        return message

    return receive_limited
