"""Errors as REST answers: ``{"error": {"code", "words", ...fields}}``, for every way to fail."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.errors import LingxiError, NotFound, Refused
from app.services import reader_language
from app.voice.types import VoiceError
from app.words import Words

log = structlog.get_logger(__name__)
PROBLEMS_SHOWN = 10
OPENAI = "/v1/"
"""Below it errors have a ``message`` too: it is all that OpenAI's clients show."""


def answer_errors(app: FastAPI, words: Words) -> None:
    """Install a handler for each kind of failure; none shows a traceback to anybody."""

    def answer(request: Request, error: LingxiError, status: int | None = None) -> JSONResponse:
        body: dict[str, object] = {
            "code": error.code,
            "words": words.error(error, reader_language(request)),
            **error.fields,
        }
        headers = {}
        if request.url.path.startswith(OPENAI):
            body["message"] = body["words"]
        if error.retry_after_s is not None:
            body["retry_after_s"] = error.retry_after_s
            headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
        return JSONResponse({"error": body}, status or error.status, headers)

    @app.exception_handler(LingxiError)
    async def refused(request: Request, error: LingxiError) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(VoiceError)
    async def unspoken(request: Request, error: VoiceError) -> JSONResponse:
        told = LingxiError(error.code, retry_after_s=error.retry_after_s)
        return answer(request, told, error.status)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        places: list[Mapping[str, object]] = [
            {"at": ".".join(str(part) for part in problem["loc"]), "expected": problem["msg"]}
            for problem in error.errors()[:PROBLEMS_SHOWN]
        ]
        return answer(request, Refused("bad_request", problems=places))

    @app.exception_handler(HTTPException)
    async def not_served(request: Request, error: HTTPException) -> JSONResponse:
        code = "not_found" if error.status_code in (404, 405) else "bad_request"
        kind = NotFound() if code == "not_found" else Refused(code)
        return answer(request, kind, error.status_code)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", path=request.url.path, exc_info=error)
        return answer(request, LingxiError())
