"""``/docs``: the REST interface as one page of our own, without a script or an outside request."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse

STYLE = (Path(__file__).parent / "words" / "docs.css").read_text(encoding="utf-8")


def serve_docs(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))


def page(openapi: dict[str, Any]) -> str:
    """The OpenAPI document as HTML."""
    schemas: dict[str, Any] = openapi.get("components", {}).get("schemas", {})
    by_tag: dict[str, list[str]] = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(method, path, operation))
    sections = "".join(
        f"<h2>{escape(tag)}</h2>{''.join(operations)}" for tag, operations in by_tag.items()
    )
    models = "".join(
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"{_schema(schema)}</details>"
        for name, schema in sorted(schemas.items())
    )
    title = escape(openapi["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title} API</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style><h1>{title} API</h1>"
        f"<p>{escape(openapi['info'].get('summary', ''))} "
        'The same as <a href="/openapi.json">OpenAPI</a>.</p>'
        f"{sections}<h2>Schemas</h2>{models}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    described = escape(operation.get("description") or operation.get("summary", ""))
    parameters = "".join(
        f"<li><code>{escape(p['name'])}</code> <small>{escape(p['in'])}"
        f"{', required' if p.get('required') else ''}</small></li>"
        for p in operation.get("parameters", [])
    )
    body = _named(operation.get("requestBody", {}))
    answers = "".join(
        f"<li>{escape(status)} {_named(answer)}</li>"
        for status, answer in operation.get("responses", {}).items()
    )
    return (
        f'<details><summary><b class="{escape(method)}">{escape(method.upper())}</b> '
        f"<code>{escape(path)}</code> {described.splitlines()[0] if described else ''}</summary>"
        f"<p>{described}</p>"
        f"{f'<h4>Parameters</h4><ul>{parameters}</ul>' if parameters else ''}"
        f"{f'<h4>Body</h4><p>{body}</p>' if body else ''}"
        f"<h4>Answers</h4><ul>{answers}</ul></details>"
    )


def _named(content: dict[str, Any]) -> str:
    for media in content.get("content", {}).values():
        reference = media.get("schema", {}).get("$ref", "")
        if reference:
            name = escape(reference.rsplit("/", 1)[-1])
            return f'<a href="#{name}"><code>{name}</code></a>'
        return f"<code>{escape(json.dumps(media.get('schema', {}), ensure_ascii=False))}</code>"
    return escape(content.get("description", ""))


def _schema(schema: dict[str, Any]) -> str:
    return f"<pre>{escape(json.dumps(schema, indent=2, ensure_ascii=False))}</pre>"
